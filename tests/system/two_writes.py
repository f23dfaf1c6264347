# SPDX-License-Identifier: BSD-3-Clause
"""An HTTP server that writes each answer in two pieces, as some do, and counts what its clients acknowledge. Run as a
program inside a namespace; after SIGTERM it prints one JSON line about what it saw."""

import argparse
import json
import select
import signal
import socket
import threading
import time

SO_RCVBUFFORCE = 33  # asm-generic/socket.h; Python has no name for it
HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"0123456789"


class Watch(threading.Thread):
    """Counts frames that come in: TCP segments with nothing but an ACK, and those with payload."""

    def __init__(self, interface):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        self.socket.bind((interface, 0))
        self.acks, self.payloads = 0, 0

    def run(self):
        while True:
            frame, sender = self.socket.recvfrom(2048)
            if sender[2] == socket.PACKET_OUTGOING or frame[12:14] != b"\x08\0" or frame[23] != 6:
                continue
            payload = int.from_bytes(frame[16:18], "big") - 20 - 4 * (frame[46] >> 4)
            self.acks += payload == 0 and frame[47] == 0x10
            self.payloads += payload > 0

    def catch_up(self):
        """What was there when it was called is counted: nothing has waited for a while."""
        while select.select([self.socket], [], [], 0.2)[0]:
            time.sleep(0.01)


def serve(options):
    watch = Watch(options.interface)
    watch.start()
    host, _, port = options.bind.rpartition(":")
    listener = socket.create_server((host, int(port)), backlog=1024)
    poll, open_ = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    answered, ended = 0, []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    print("ready", flush=True)
    while not ended:
        for fd, _ in poll.poll(0.2):
            if fd == listener.fileno():
                s, _ = listener.accept()
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, not options.nagle)
                open_[s.fileno()] = s
                poll.register(s, select.EPOLLIN)
                continue
            data = open_[fd].recv(65536)
            if not data:
                open_.pop(fd).close()
                continue
            for _ in range(data.count(b"\r\n\r\n")):
                open_[fd].sendall(HEAD)
                open_[fd].sendall(BODY)
                answered += 1
    watch.catch_up()
    print(json.dumps({"answered": answered, "acks": watch.acks, "payloads": watch.payloads}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", required=True)
    parser.add_argument("--interface", required=True)
    parser.add_argument("--nagle", action="store_true")
    serve(parser.parse_args())
