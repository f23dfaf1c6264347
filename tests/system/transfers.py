# SPDX-License-Identifier: BSD-3-Clause
"""The Linux side of the tests that carry payload: a server and a client whose connections send and
receive, and tell what. Run as a program inside a namespace; prints one JSON line: a list with what
each connection saw. A thread a connection, so a few dozen of them are meant."""

import argparse
import fcntl
import hashlib
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

import lab
from peers import endpoint, family

CHUNK_MAX = 65536
PLAIN = bytes(CHUNK_MAX)


class Transfer:
    """One connection. --close first: half-close when all is sent, then read to the end; --close last:
    when the peer has closed; --close early: close outright when all is sent, whatever still comes. With
    --echo nothing is sent but what came."""

    def __init__(self, s, options, number):
        self.socket, self.options = s, options
        self.random = random.Random(f"{options.seed}/{number}")
        self.seen = {"number": number, "sent": 0, "received": 0, "unacked": None, "ended": None}
        self.hashes = {"sent": hashlib.sha256(), "received": hashlib.sha256()}
        self.began = time.monotonic()

    def run(self):
        try:
            if self.options.hang:
                time.sleep(self.options.hang)
            if self.options.echo:
                self.echo()
            elif self.options.close == "early":
                self.write()
            else:
                writer = threading.Thread(target=self.write, daemon=True)
                writer.start()
                self.read()
                writer.join()
                self.ask_kernel()
        except OSError as error:
            self.seen["ended"] = error.strerror
        self.seen["seconds"] = time.monotonic() - self.began
        self.socket.close()

    def piece(self, n):
        """Up to @n bytes to send: random ones, and a random number of them."""
        if self.options.plain:
            return PLAIN[:n]
        return self.random.randbytes(min(self.random.randint(1, CHUNK_MAX), n))

    def count(self, direction, data):
        self.seen[direction] += len(data)
        if not self.options.plain:
            self.hashes[direction].update(data)

    def write(self):
        try:
            while self.seen["sent"] < self.options.send:
                data = self.piece(self.options.send - self.seen["sent"])
                self.socket.sendall(data)
                self.count("sent", data)
            if self.options.close == "first":
                self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.seen["write_error"] = error.strerror

    def read(self):
        while True:
            data = self.socket.recv(self.options.read_bytes)
            if not data:
                break
            self.count("received", data)
            if self.options.read_pause:
                time.sleep(self.options.read_pause)
        self.seen["ended"] = "eof"

    def echo(self):
        while data := self.socket.recv(CHUNK_MAX):
            self.count("received", data)
            self.socket.sendall(data)
            self.count("sent", data)
        self.seen["ended"] = "eof"

    def ask_kernel(self):
        """What the peer has not acknowledged of what was written; its end came, so it has all."""
        outstanding = fcntl.ioctl(self.socket, termios.TIOCOUTQ, b"\0" * 4)
        self.seen["unacked"] = struct.unpack("i", outstanding)[0]
        info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        self.seen["snd_mss"], self.seen["rcv_mss"] = struct.unpack_from("=II", info, 16)
        self.seen["pmtu"], self.seen["retransmits"] = (struct.unpack_from("=I", info, at)[0] for at in (60, 100))

    def report(self):
        hashes = {f"{name}_sha256": h.hexdigest() for name, h in self.hashes.items()}
        return {**self.seen, **hashes}


def new_socket(host, options):
    s = socket.socket(family(host), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if options.rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.rcvbuf)
    if options.congestion:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, options.congestion.encode())
    return s


class Crowd:
    """All the connections of this process."""

    def __init__(self, options):
        self.options, self.all = options, []

    def add(self, s):
        transfer = Transfer(s, self.options, len(self.all))
        thread = threading.Thread(target=transfer.run, daemon=True)
        self.all.append((transfer, thread))
        thread.start()

    def finish(self, timeout_s):
        """Wait for them, @timeout_s at most; what is not over by then says so itself: ended is null."""
        end = time.monotonic() + timeout_s
        for _, thread in self.all:
            thread.join(max(end - time.monotonic(), 0))
        print(json.dumps([transfer.report() for transfer, _ in self.all]), flush=True)
        os._exit(0)  # a thread may still hang in a read


def serve(options):
    """Accept until SIGTERM."""
    listeners, ended, crowd = [], [], Crowd(options)
    for text in options.bind:
        host, port = endpoint(text)
        s = new_socket(host, options)
        if s.family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((host, port))
        s.listen(1024)
        listeners.append(s)
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("ready", flush=True)
    while not ended:
        for s in select.select(listeners, [], [], 0.1)[0]:
            crowd.add(s.accept()[0])
    crowd.finish(options.timeout)


def connect(options):
    """--count connections at once, targets in turn."""
    crowd = Crowd(options)
    for i in range(options.count):
        host, port = endpoint(options.to[i % len(options.to)])
        s = new_socket(host, options)
        s.settimeout(options.timeout)
        s.connect((host, port))
        s.settimeout(None)
        crowd.add(s)
    crowd.finish(options.timeout)


# ---- from a test -----------------------------------------------------------------------------------


def arguments(settings):
    return [a for name, value in settings.items() for a in ("--" + name.replace("_", "-"), str(value))]


class Server:
    """The server in @ns, listening; @settings are the program's options, as send=1000."""

    def __init__(self, place, *binds, ns="server", **settings):
        to = [a for b in binds for a in ("--bind", b)]
        self.child = place.spawn([sys.executable, lab.script("transfers.py"), "serve", *to,
                                  *arguments(settings)], ns, stdout=subprocess.PIPE, text=True)
        if self.child.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the server in {ns} did not start")

    def signal(self, number):
        self.child.process.send_signal(number)

    def stop(self):
        """@return what each connection saw."""
        self.signal(signal.SIGTERM)
        try:
            text, _ = self.child.process.communicate(timeout=30)
        finally:
            self.child.stop()
        return json.loads(text)


def fetch(*to, ns="server", timeout_s=60, **settings):
    """Run the client in @ns to its end; what each connection saw."""
    out = subprocess.run(
        lab.in_ns([sys.executable, lab.script("transfers.py"), "connect", "--timeout", str(timeout_s),
                   *[a for t in to for a in ("--to", t)], *arguments(settings)], ns),
        stdout=subprocess.PIPE, text=True, timeout=timeout_s + 30, check=True).stdout
    return json.loads(out)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    server, client = commands.add_parser("serve"), commands.add_parser("connect")
    server.add_argument("--bind", action="append", required=True)
    client.add_argument("--to", action="append", required=True)
    client.add_argument("--count", type=int, default=1)
    for command, close, timeout in ((server, "last", 5), (client, "first", 60)):
        command.add_argument("--send", type=int, default=0, help="bytes to send on each connection")
        command.add_argument("--echo", type=int, default=0, help="1: send back what comes, and nothing else")
        command.add_argument("--close", choices=("first", "last", "early"), default=close)
        command.add_argument("--hang", type=float, default=0, help="seconds to do nothing before all else")
        command.add_argument("--read-bytes", type=int, default=1 << 18)
        command.add_argument("--read-pause", type=float, default=0, help="seconds between two reads")
        command.add_argument("--rcvbuf", type=int, default=0)
        command.add_argument("--congestion", help="cubic, reno; the kernel's choice")
        command.add_argument("--timeout", type=float, default=timeout, help="seconds to wait at the end")
        command.add_argument("--plain", type=int, default=0, help="1: send zeros, hash nothing")
        command.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    (serve if options.command == "serve" else connect)(options)


if __name__ == "__main__":
    main()
