#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Write the seed corpus of fuzz_packet: one small, correct frame of every sort. Usage: make_corpus.py FOLDER"""
import ipaddress
import pathlib
import struct
import sys

CLIENT, SERVER = "198.18.0.10", "198.18.0.20"
CLIENT6, SERVER6 = "2001:2::10", "2001:2::20"
TCP, ICMP, ICMP6 = 6, 1, 58


def raw(address):
    return ipaddress.ip_address(address).packed


def csum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", 0xFFFF - total)


def ether(kind, payload, vlan=None):
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    return bytes.fromhex("020000000001" "020000000002") + tag + struct.pack("!H", kind) + payload


def summed(proto, src, dst, message):
    """@message with its checksum filled in."""
    at = 16 if proto == TCP else 2
    pseudo = b"" if proto == ICMP else raw(src) + raw(dst) + struct.pack("!HH", len(message), proto)
    return message[:at] + csum(pseudo + message) + message[at + 2:]


def ipv4(proto, message, src=CLIENT, dst=SERVER, options=b"", frag=0x4000):
    head = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0, 20 + len(options) + len(message),
                       0, frag, 64, proto, 0) + raw(src) + raw(dst) + options
    return head[:10] + csum(head) + head[12:] + summed(proto, src, dst, message)


def ipv6(proto, message, src=CLIENT6, dst=SERVER6, first=None, ext=b""):
    head = struct.pack("!IHBB", 6 << 28, len(ext) + len(message), proto if first is None else first, 255)
    return head + raw(src) + raw(dst) + ext + summed(proto, src, dst, message)


def tcp(flags, options=b"", payload=b""):
    return struct.pack("!HHIIBBHHH", 40000, 80, 0x11223344, 0x55667788, (20 + len(options)) // 4 << 4,
                       flags, 64240, 0, 0) + options + payload


SYN = tcp(0x02, bytes.fromhex("020405b40402080aaabbccdd0000000001030307"))
SYN_ODD = tcp(0x12, bytes.fromhex("030307" "0402" "020405b4" "fe04ffff" "00" "0000"))
ACK = tcp(0x10, bytes.fromhex("0101080aaabbccde01020304"))
ECHO = bytes.fromhex("0800000012340001") + b"ping"
SOLICIT = bytes(bytes.fromhex("8700000000000000") + raw(SERVER6) + bytes.fromhex("0101020000000002"))
ADVERT = bytes(bytes.fromhex("88000000e0000000") + raw(CLIENT6) + bytes.fromhex("0201020000000002"))
ARP = bytes.fromhex("0001080006040001020000000002") + raw(CLIENT) + bytes(6) + raw(SERVER)

FRAMES = {
    "tcp4_syn": ether(0x0800, ipv4(TCP, SYN)),
    "tcp4_syn_odd_options": ether(0x0800, ipv4(TCP, SYN_ODD)),
    "tcp4_ack": ether(0x0800, ipv4(TCP, ACK)),
    "tcp4_data_padded": ether(0x0800, ipv4(TCP, tcp(0x18, payload=b"hi!")) + bytes(3)),
    "tcp4_vlan": ether(0x0800, ipv4(TCP, ACK), vlan=7),
    "tcp4_ip_options": ether(0x0800, ipv4(TCP, ACK, options=b"\1\1\1\0")),
    "tcp4_fragment": ether(0x0800, ipv4(TCP, ACK, frag=0x2000)),
    "tcp6_syn": ether(0x86DD, ipv6(TCP, SYN)),
    "tcp6_ack": ether(0x86DD, ipv6(TCP, ACK)),
    "tcp6_extensions": ether(0x86DD, ipv6(TCP, ACK, first=0,
                                          ext=bytes.fromhex("2b00010400000000" "0600000000000000"))),
    "icmp4_echo": ether(0x0800, ipv4(ICMP, ECHO)),
    "icmp4_unreachable": ether(0x0800, ipv4(ICMP, bytes.fromhex("0303000000000000") + ipv4(TCP, SYN)[:28],
                                            src=SERVER, dst=CLIENT)),
    "icmp6_echo": ether(0x86DD, ipv6(ICMP6, b"\x80" + ECHO[1:])),
    "icmp6_unreachable": ether(0x86DD, ipv6(ICMP6, bytes.fromhex("0104000000000000") + ipv6(TCP, SYN)[:48],
                                            src=SERVER6, dst=CLIENT6)),
    "icmp6_solicit": ether(0x86DD, ipv6(ICMP6, SOLICIT, dst="ff02::1:ff00:20")),
    "icmp6_solicit_dad": ether(0x86DD, ipv6(ICMP6, SOLICIT[:24], src="::", dst="ff02::1:ff00:20")),
    "icmp6_advert_vlan": ether(0x86DD, ipv6(ICMP6, ADVERT), vlan=7),
    "arp_request": ether(0x0806, ARP),
    "arp_reply_padded": ether(0x0806, ARP[:7] + b"\2" + ARP[8:] + bytes(18)),
}

folder = pathlib.Path(sys.argv[1])
for name, frame in FRAMES.items():
    (folder / name).write_bytes(frame)
