# SPDX-License-Identifier: BSD-3-Clause
"""The Linux side of the system tests: a server that accepts, a client that connects, echo requests, nginx. Run as a
program inside a namespace; prints one JSON line about what it saw."""

import argparse
import errno
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import lab


def endpoint(text):
    """198.18.0.1:80 or [2001:2::1]:80"""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


# ---- server ----------------------------------------------------------------------------------------


def accept(options):
    """Accept until SIGTERM. --close first: close at once, so that the server has the TIME_WAIT;
    --close read: close when the first bytes have come; --close last: close when the client has. With
    --backlog N nobody accepts what is in a queue for N; --defer S waits so long for data first."""
    poll = select.epoll()
    listeners, open_ = {}, {}
    for text in options.bind:
        host, port = endpoint(text)
        s = socket.socket(family(host), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if s.family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((host, port))
        if options.defer:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, options.defer)
        s.listen(options.backlog or 65535)
        if not options.backlog:
            poll.register(s, select.EPOLLIN)
        listeners[s.fileno()] = s
    seen = {"accepted": 0, "eof": 0, "reset": 0, "bytes": 0}
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("ready", flush=True)
    while not ended:
        for fd, _ in poll.poll(0.2):
            if fd in listeners:
                accept_all(listeners[fd], options.close == "first", poll, open_, seen)
            else:
                read_one(open_[fd], options.close == "read", open_, seen)
    print(json.dumps(seen), flush=True)


def accept_all(listener, closes_first, poll, open_, seen):
    while True:
        try:
            s, _ = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:  # the connection was reset while it waited
            if error.errno != errno.ECONNABORTED:
                raise
            continue
        seen["accepted"] += 1
        if closes_first:
            s.close()
            continue
        s.setblocking(False)
        open_[s.fileno()] = s
        poll.register(s, select.EPOLLIN)


def read_one(s, closes_then, open_, seen):
    try:
        data = s.recv(65536)
    except BlockingIOError:
        return
    except OSError:
        seen["reset"] += 1
        data = None
    if data:
        seen["bytes"] += len(data)
        if not closes_then:
            return
    if data == b"":
        seen["eof"] += 1
    del open_[s.fileno()]
    s.close()


# ---- client ----------------------------------------------------------------------------------------


class Client:
    """Open and close --count connections, --concurrency at a time, targets in turn. --close first:
    send, shut down, wait for the server's end; --close last: send, wait, close; --close rst: send,
    abort."""

    def __init__(self, options):
        self.options = options
        self.targets = [endpoint(t) for t in options.to]
        self.poll = select.epoll()
        self.live = {}  # fd: [socket, is_connected]
        self.seen = {"connected": 0, "eof": 0, "reset": 0, "refused": 0, "timeout": 0, "bytes_sent": 0,
                     "bytes_received": 0, "aborted": 0}
        self.begun = 0

    def run(self):
        end = time.monotonic() + self.options.timeout
        while time.monotonic() < end:
            while self.begun < self.options.count and len(self.live) < self.options.concurrency:
                self.begin()
            if not self.live:
                break
            for fd, events in self.poll.poll(0.2):
                self.step(fd, events)
        self.seen["begun"], self.seen["unfinished"] = self.begun, len(self.live)
        return self.seen

    def begin(self):
        host, port = self.targets[self.begun % len(self.targets)]
        self.begun += 1
        s = socket.socket(family(host), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            s.connect((host, port))
        except BlockingIOError:
            pass
        self.live[s.fileno()] = [s, False]
        self.poll.register(s, select.EPOLLIN | select.EPOLLOUT)

    def step(self, fd, events):
        s, is_connected = self.live[fd]
        if not is_connected:
            error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                self.end(s, {errno.ECONNREFUSED: "refused", errno.ETIMEDOUT: "timeout"}.get(error, "reset"))
                return
            if not events & select.EPOLLOUT:
                return
            self.seen["connected"] += 1
            self.live[fd][1] = True
            self.poll.modify(s, select.EPOLLIN)
            if not self.connected(s):
                return
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            self.read(s)

    def connected(self, s):
        try:
            if self.options.bytes:
                self.seen["bytes_sent"] += s.send(b"x" * self.options.bytes)
            if self.options.close == "first":
                s.shutdown(socket.SHUT_WR)
            if self.options.close == "rst":
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.end(s, "aborted")
                return False
        except OSError:  # the server was quicker
            self.end(s, "reset")
            return False
        return True

    def read(self, s):
        try:
            data = s.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self.end(s, "reset")
            return
        if data:
            self.seen["bytes_received"] += len(data)
        else:
            self.end(s, "eof")

    def end(self, s, how):
        self.seen[how] += 1
        del self.live[s.fileno()]
        s.close()


# ---- echo ------------------------------------------------------------------------------------------


ECHO = {socket.AF_INET: (8, 0, socket.IPPROTO_ICMP), socket.AF_INET6: (128, 129, socket.IPPROTO_ICMPV6)}


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo(options):
    """Send one echo request to each target; print which of them answered with what was sent."""
    answered = []
    for i, host in enumerate(options.to):
        request, reply, protocol = ECHO[family(host)]
        with socket.socket(family(host), socket.SOCK_RAW, protocol) as s:
            body = struct.pack("!HH", os.getpid() & 0xFFFF, i) + b"echo" * 8
            head = struct.pack("!BBH", request, 0, 0)
            if request == 8:  # for ICMPv6 the kernel fills it in
                head = struct.pack("!BBH", request, 0, checksum(head + body))
            s.sendto(head + body, (host, 0))
            if hears(s, host, reply, body, time.monotonic() + options.timeout):
                answered.append(host)
    print(json.dumps(answered))


def hears(s, host, reply, body, end):
    while time.monotonic() < end:
        s.settimeout(max(end - time.monotonic(), 0.01))
        try:
            data, source = s.recvfrom(2048)
        except TimeoutError:
            return False
        if s.family == socket.AF_INET:
            data = data[(data[0] & 15) * 4:]
        if source[0] == host and data[0] == reply and data[4:] == body:
            return True
    return False


# ---- from a test -----------------------------------------------------------------------------------


def start_server(place, *binds, ns="server", close="last", backlog=0, defer=0):
    """The accepting server in @ns, listening. stop_server() tells what it saw."""
    args = [a for b in binds for a in ("--bind", b)] + ["--backlog", str(backlog), "--defer", str(defer)]
    child = place.spawn([sys.executable, lab.script("peers.py"), "accept", "--close", close, *args], ns,
                        stdout=subprocess.PIPE, text=True)
    line = child.process.stdout.readline()
    if line.strip() != "ready":
        raise RuntimeError(f"the server in {ns} did not start")
    return child


def stop_server(child):
    child.stop()
    return json.loads(child.process.stdout.read())


def connect(*to, ns="server", count=1000, concurrency=200, sent=0, closes="first", timeout_s=60):
    """Run the client in @ns to its end; what it saw."""
    args = [a for t in to for a in ("--to", t)]
    out = subprocess.run(
        lab.in_ns([sys.executable, lab.script("peers.py"), "connect", "--count", str(count),
                   "--concurrency", str(concurrency), "--bytes", str(sent), "--close", closes,
                   "--timeout", str(timeout_s), *args], ns),
        capture_output=True, text=True, timeout=timeout_s + 30, check=True).stdout
    return json.loads(out)


def answers(*hosts, ns="server", timeout_s=2.0):
    """Those of @hosts that answer an echo request from @ns."""
    to = [a for h in hosts for a in ("--to", h)]
    out = lab.quiet([sys.executable, lab.script("peers.py"), "echo", "--timeout", str(timeout_s), *to], ns)
    return json.loads(out)


NGINX = """
daemon off;
master_process off;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; multi_accept on; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        {listens}
        location / {{ return 204; }}
    }}
}}
"""


def start_nginx(place, *binds, ns="server"):
    """nginx in @ns with a configuration of its own; ready when it listens."""
    folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
    listens = "\n        ".join(f"listen {b} backlog=65535;" for b in binds)
    return run_nginx(place, folder, NGINX.format(folder=folder, listens=listens), binds, ns)


def run_nginx(place, folder, text, binds, ns="server"):
    """nginx with the configuration @text, which is put into @folder and listens on @binds."""
    lab.require("nginx")
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(text)
    child = place.spawn(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder, "-e",
                         f"{folder}/error.log"], ns, stderr=subprocess.PIPE, text=True)
    if not listens_soon(child, binds, ns):
        child.stop()
        raise RuntimeError(f"nginx did not start: {child.process.stderr.read()}")
    return child


def listens_soon(child, binds, ns="server"):
    """Wait until something listens on the ports of @binds. @return False: @child ended, or did not listen."""

    def ended_or_listening():
        return child.process.poll() is not None or all(
            f":{endpoint(b)[1]} " in lab.quiet(["ss", "-Hltn"], ns) for b in binds)

    return lab.wait_until(ended_or_listening, 10) and child.process.poll() is None


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("accept")
    server.add_argument("--bind", action="append", required=True)
    server.add_argument("--close", choices=("first", "read", "last"), default="last")
    server.add_argument("--backlog", type=int, default=0)
    server.add_argument("--defer", type=int, default=0)
    client = commands.add_parser("connect")
    client.add_argument("--to", action="append", required=True)
    client.add_argument("--count", type=int, default=1000)
    client.add_argument("--concurrency", type=int, default=200)
    client.add_argument("--bytes", type=int, default=0)
    client.add_argument("--close", choices=("first", "last", "rst"), default="first")
    client.add_argument("--timeout", type=float, default=60)
    pinger = commands.add_parser("echo")
    pinger.add_argument("--to", action="append", required=True)
    pinger.add_argument("--timeout", type=float, default=2)
    options = parser.parse_args()
    if options.command == "accept":
        accept(options)
    elif options.command == "echo":
        echo(options)
    else:
        print(json.dumps(Client(options).run()))


if __name__ == "__main__":
    main()
