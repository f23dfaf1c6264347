# SPDX-License-Identifier: BSD-3-Clause
"""Payload over TLS at the Linux end, with Python's ssl: an echo server, and a client that sends, receives
and ends in every way there is. Run as a program inside a namespace; prints one JSON line: a list with what
each connection saw. A thread a connection; it moves the records itself, so that TLS can end in one
direction and go on in the other."""

import argparse
import hashlib
import json
import random
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading

import lab
import transfers
from peers import endpoint, family

CHUNK_MAX = 65536
UNSENT_MAX = 1 << 18  # bytes of records that wait for the socket

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

# How a connection ends. Of itself, when all is sent, and then it reads to the end: "notify" with
# close_notify alone, "first" with close_notify and FIN, "fin" with FIN alone. "last": when the peer has.
# When --cut bytes have come, in mid-transfer: "leave" with close_notify and FIN without reading on,
# "vanish" without close_notify, "reset".
CLOSES = ("notify", "first", "fin", "last", "leave", "vanish", "reset")


class Transfer:
    """One connection, moved until both directions are over."""

    def __init__(self, s, context, is_server, options, number):
        self.socket, self.options = s, options
        self.into, self.out, self.unsent = ssl.MemoryBIO(), ssl.MemoryBIO(), b""
        self.tls = context.wrap_bio(self.into, self.out, server_side=is_server)
        self.is_open = self.has_said_all = self.has_closed = False
        self.random = random.Random(f"{options.seed}/{number}")
        self.seen = {"number": number, "sent": 0, "received": 0, "version": None, "ended": None}
        self.hashes = {"sent": hashlib.sha256(), "received": hashlib.sha256()}

    def run(self):
        self.socket.setblocking(False)
        try:
            self.shake_hands()
            while self.step():
                pass
        except (OSError, ssl.SSLError) as error:
            self.seen["ended"] = getattr(error, "reason", None) or error.strerror or str(error)
        self.socket.close()

    def step(self):
        """@return False: it is over."""
        self.produce()
        self.unsent += self.out.read()
        if self.has_said_all and not self.unsent:
            self.finish_writing()
            if self.seen["ended"]:
                return False
        readable, writable, _ = select.select([] if self.seen["ended"] else [self.socket],
                                              [self.socket] if self.unsent else [], [])
        if writable:
            self.unsent = self.unsent[self.socket.send(self.unsent):]
        if readable:
            self.fill()
        return True

    def fill(self):
        data = self.socket.recv(CHUNK_MAX)
        if data:
            self.into.write(data)
        else:
            self.into.write_eof()
        if not self.is_open:
            self.shake_hands()
        if self.is_open:
            self.read()

    def shake_hands(self):
        try:
            self.tls.do_handshake()
            self.is_open, self.seen["version"] = True, self.tls.version()
        except ssl.SSLWantReadError:
            pass

    def read(self):
        """All the records that are there."""
        try:
            while not self.seen["ended"]:
                data = self.tls.read(CHUNK_MAX)
                if not data:
                    self.seen["ended"] = "goodbye"
                self.take(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # as Python tells it when we have ended, too
            self.seen["ended"] = "goodbye"
        except ssl.SSLEOFError:
            self.seen["ended"] = "eof"  # without close_notify

    def take(self, data):
        self.count("received", data)
        if self.options.echo and data:
            self.write(data)
        if self.options.cut and self.seen["received"] >= self.options.cut and not self.has_said_all:
            self.seen["ended"] = "cut"
            self.end()

    def produce(self):
        """What there is to send, while there is room; and then the end."""
        if not self.is_open or self.has_said_all:
            return
        while (left := self.options.send - self.seen["sent"]) > 0 and not self.options.echo:
            if len(self.unsent) + self.out.pending > UNSENT_MAX:
                return
            self.write(self.random.randbytes(min(self.random.randint(1, CHUNK_MAX), left)))
        if self.seen["ended"] or self.options.close in ("notify", "first", "fin"):
            self.end()

    def write(self, data):
        self.tls.write(data)
        self.count("sent", data)

    def end(self):
        """TLS's end of our direction."""
        self.has_said_all = True
        if self.options.close in ("fin", "vanish"):
            return
        try:
            self.tls.unwrap()
        except ssl.SSLError:  # close_notify is written; the peer's has not come yet
            pass

    def finish_writing(self):
        """TCP's end of our direction, after the last byte."""
        if self.has_closed:
            return
        self.has_closed = True
        if self.options.close == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.options.close != "notify":
            self.socket.shutdown(socket.SHUT_WR)

    def count(self, direction, data):
        self.seen[direction] += len(data)
        self.hashes[direction].update(data)

    def report(self):
        return {**self.seen, **{f"{name}_sha256": h.hexdigest() for name, h in self.hashes.items()}}


class Crowd(transfers.Crowd):
    """All the connections of this process."""

    def __init__(self, context, is_server, options):
        super().__init__(options)
        self.context, self.is_server = context, is_server

    def add(self, s):
        transfer = Transfer(s, self.context, self.is_server, self.options, len(self.all))
        thread = threading.Thread(target=transfer.run, daemon=True)
        self.all.append((transfer, thread))
        thread.start()


def serve(options):
    """Accept until SIGTERM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    ended, crowd = [], Crowd(context, True, options)
    host, port = endpoint(options.bind)
    s = socket.create_server((host, port), family=family(host), backlog=1024)
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("ready", flush=True)
    while not ended:
        if select.select([s], [], [], 0.1)[0]:
            crowd.add(s.accept()[0])
    crowd.finish(options.timeout)


def connect(options):
    """--count connections at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if options.tls_version:
        context.minimum_version = context.maximum_version = VERSIONS[options.tls_version]
    crowd = Crowd(context, False, options)
    for _ in range(options.count):
        crowd.add(socket.create_connection(endpoint(options.to), timeout=options.timeout))
    crowd.finish(options.timeout)


# ---- from a test -----------------------------------------------------------------------------------


class Server:
    """The server in @ns, listening; @settings are the program's options, as close="notify"."""

    def __init__(self, place, bind, identity, ns="server", **settings):
        cert, key = identity
        self.child = place.spawn(
            [sys.executable, lab.script("tls_transfers.py"), "serve", "--bind", bind, "--cert", cert, "--key",
             key, *transfers.arguments(settings)], ns, stdout=subprocess.PIPE, text=True)
        if self.child.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the server in {ns} did not start")

    def stop(self):
        """@return what each connection saw."""
        self.child.process.send_signal(signal.SIGTERM)
        try:
            text, _ = self.child.process.communicate(timeout=30)
        finally:
            self.child.stop()
        return json.loads(text)


def fetch(to, ns="server", timeout_s=30, **settings):
    """Run the client in @ns to its end; what each connection saw."""
    out = subprocess.run(
        lab.in_ns([sys.executable, lab.script("tls_transfers.py"), "connect", "--to", to, "--timeout",
                   str(timeout_s), *transfers.arguments(settings)], ns),
        stdout=subprocess.PIPE, text=True, timeout=timeout_s + 30, check=True).stdout
    return json.loads(out)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    server, client = commands.add_parser("serve"), commands.add_parser("connect")
    server.add_argument("--bind", required=True)
    server.add_argument("--cert", required=True)
    server.add_argument("--key", required=True)
    client.add_argument("--to", required=True)
    client.add_argument("--count", type=int, default=1)
    client.add_argument("--tls-version", choices=tuple(VERSIONS))
    for command, close, timeout in ((server, "last", 5), (client, "first", 30)):
        command.add_argument("--send", type=int, default=0, help="bytes to send on each connection")
        command.add_argument("--echo", type=int, default=0, help="1: send back what comes")
        command.add_argument("--close", choices=CLOSES, default=close)
        command.add_argument("--cut", type=int, default=0, help="bytes received after which to go")
        command.add_argument("--timeout", type=float, default=timeout, help="seconds to wait at the end")
        command.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    (serve if options.command == "serve" else connect)(options)


if __name__ == "__main__":
    main()
