# SPDX-License-Identifier: BSD-3-Clause
"""Capture files as lists of blocks, read without a library, and whose connection a frame is of."""

import struct

SECTION, INTERFACE, STATISTICS, FRAME, SECRETS = 0x0A0D0D0A, 1, 5, 6, 10
SENT, RECEIVED = 2, 1


class Frame:
    def __init__(self, data, time_ns, options):
        self.data, self.time_ns = data, time_ns
        self.comments = [value.decode() for code, value in options if code == 1]
        flags = [value for code, value in options if code == 2]
        self.direction = struct.unpack("=I", flags[0])[0] if flags else None

    def tuple(self):
        """Its connection, as a set of two ends; of an ICMP error that of the packet it quotes; None: of none."""
        return tuple_of(self.data[12:])


def tuple_of(packet):
    """@packet: from the Ethernet type on."""
    kind, ip = packet[:2], packet[2:]
    if kind == b"\x08\x00" and len(ip) >= 20:
        return upper(ip[9], ip[12:16], ip[16:20], ip[4 * (ip[0] & 15):])
    if kind == b"\x86\xdd" and len(ip) >= 40:
        return upper(ip[6], ip[8:24], ip[24:40], ip[40:])
    return None


def upper(protocol, source, target, rest):
    if protocol == 6:
        return frozenset(((source, rest[0:2]), (target, rest[2:4])))
    if protocol == 1 and rest[0] in (3, 4, 11, 12):
        return tuple_of(b"\x08\x00" + rest[8:])
    if protocol == 58 and rest[0] < 128:
        return tuple_of(b"\x86\xdd" + rest[8:])
    return None


def options_of(data):
    """(code, value) of each."""
    found = []
    while len(data) >= 4:
        code, length = struct.unpack_from("=HH", data)
        if code == 0:
            break
        found.append((code, data[4:4 + length]))
        data = data[4 + (length + 3) // 4 * 4:]
    return found


def blocks(path):
    """(type, body) of each block that is whole."""
    with open(path, "rb") as file:
        data = file.read()
    place = 0
    while place + 12 <= len(data):
        kind, length = struct.unpack_from("=II", data, place)
        if place + length > len(data):
            break
        yield kind, data[place + 8:place + length - 4]
        place += length


def frame_of(body, unit):
    _, high, low, kept, _ = struct.unpack_from("=IIIII", body)
    return Frame(body[20:20 + kept], ((high << 32) | low) * unit, options_of(body[20 + (kept + 3) // 4 * 4:]))


def frames(path):
    unit, found = 1000, []
    for kind, body in blocks(path):
        if kind == INTERFACE:
            of_time = [value[0] for code, value in options_of(body[8:]) if code == 9]
            unit = 10 ** (9 - of_time[0]) if of_time else 1000
        if kind == FRAME:
            found.append(frame_of(body, unit))
    return found


def secrets(path):
    """The key log of each block that has one."""
    return [body[8:8 + struct.unpack_from("=I", body, 4)[0]].decode() for kind, body in blocks(path)
            if kind == SECRETS]
