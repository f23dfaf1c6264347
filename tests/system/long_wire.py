# SPDX-License-Identifier: BSD-3-Clause
"""A long wire, for kernels without netem: each frame that comes in at one interface leaves by the other, --delay
seconds later. Run as a program in a namespace; prints "ready"."""

import argparse
import collections
import selectors
import socket
import time


def open_end(interface):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.bind((interface, 0))
    end.setblocking(False)
    return end


def fetch(source, target, under_way, delay_s):
    while True:
        try:
            frame, at = source.recvfrom(65536)
        except BlockingIOError:
            return
        if at[2] != socket.PACKET_OUTGOING:
            under_way.append((time.monotonic() + delay_s, target, frame))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("interfaces", nargs=2)
    options = parser.parse_args()
    ends = [open_end(name) for name in options.interfaces]
    ready = selectors.DefaultSelector()
    for end, other in (ends, reversed(ends)):
        ready.register(end, selectors.EVENT_READ, other)
    under_way = collections.deque()  # the delay is one for all: first in, first out
    print("ready", flush=True)
    while True:
        wait_s = max(under_way[0][0] - time.monotonic(), 0) if under_way else None
        for key, _ in ready.select(wait_s):
            fetch(key.fileobj, key.data, under_way, options.delay)
        while under_way and under_way[0][0] <= time.monotonic():
            _, target, frame = under_way.popleft()
            target.send(frame)


if __name__ == "__main__":
    main()
