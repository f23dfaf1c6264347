# SPDX-License-Identifier: BSD-3-Clause
"""A peer that speaks by raw frames: what no kernel does."""

import socket
import struct
import threading

import lab
from lab import GEN, SERVER4, SRV

BALANCER, OTHER = bytes.fromhex("02c500000002"), bytes.fromhex("02c5000000bb")
FIN, SYN, ACK = 0x01, 0x02, 0x10


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Behind(threading.Thread):
    """A balancer that owns the server's address, and the server behind it that answers straight, with a MAC
    of its own: what a server with direct return does. It counts the frames that came to either, and hands on
    what comes to the balancer's MAC, which may change."""

    def __init__(self, interface):
        super().__init__(daemon=True)
        self.mac = BALANCER
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((interface, 0))
        self.socket.settimeout(0.2)
        self.to = {BALANCER: 0, OTHER: 0}
        self.announced = {}  # by address: how often it was said to be somewhere, unasked
        self.next = {}  # by the client's address and port: the number that comes next
        self.ended = False

    def run(self):
        while not self.ended:
            try:
                frame, sender = self.socket.recvfrom(2048)
            except OSError:  # nothing came, or the link is down
                continue
            if sender[2] == socket.PACKET_OUTGOING:
                continue
            if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]:
                address = socket.inet_ntoa(frame[28:32])
                self.announced[address] = self.announced.get(address, 0) + 1
            elif frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[38:42] == socket.inet_aton(SERVER4):
                if frame[:6] in (self.mac, b"\xff" * 6):
                    self.send(frame[6:12] + self.mac + frame[12:20] + b"\0\2" + self.mac + frame[38:42] +
                              frame[22:32])
            elif frame[12:14] == b"\x08\0" and frame[23] == 6:
                self.take(frame)

    def take(self, frame):
        flags, seq, key = frame[47], struct.unpack("!I", frame[38:42])[0], frame[26:30] + frame[34:36]
        self.to[frame[:6]] = self.to.get(frame[:6], 0) + 1
        if frame[:6] != self.mac:
            return
        if flags & SYN:
            self.next[key] = seq + 1
            self.answer(frame, SYN | ACK, 1000)
        elif key in self.next:
            taken = struct.unpack("!H", frame[16:18])[0] - 20 - (frame[46] >> 4) * 4 + (flags & FIN)
            self.next[key] = max(self.next[key], seq + taken) if seq <= self.next[key] else self.next[key]
            if taken > 0:  # also what comes again
                self.answer(frame, ACK | (flags & FIN if seq + taken == self.next[key] else 0), 1001)

    def answer(self, frame, flags, seq):
        ack = self.next[frame[26:30] + frame[34:36]] & 0xffffffff
        tcp = frame[36:38] + frame[34:36] + struct.pack("!IIBBHHH", seq, ack, 5 << 4, flags, 64240, 0, 0)
        total = checksum(frame[30:34] + frame[26:30] + struct.pack("!HH", 6, len(tcp)) + tcp)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0x4000, 64, 6, 0) + frame[30:34] + frame[26:30]
        self.send(frame[6:12] + OTHER + b"\x08\0" + ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] +
                  tcp[:16] + struct.pack("!H", total) + tcp[18:])

    def send(self, frame):
        try:
            self.socket.send(frame)
        except OSError:  # the link is down: it is lost, as on any
            pass

    def move(self, mac, says):
        """From now on it has @mac, and @says so to everyone, as who takes over an address does (RFC 5227 3)."""
        self.mac = mac
        if says:
            address = socket.inet_aton(SERVER4)
            self.send(b"\xff" * 6 + mac + b"\x08\x06\0\1\x08\0\6\4\0\1" + mac + address + bytes(6) + address)

    def stop(self):
        self.ended = True
        self.join()
        self.socket.close()


def without_kernel(place):
    """A wire whose other end is here too, and speaks by raw frames only."""
    place.cable(GEN, SRV)
    lab.sysctl(f"net.ipv6.conf.{SRV}.disable_ipv6", 1)
