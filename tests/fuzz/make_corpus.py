#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Write the seed corpora: for fuzz_packet and fuzz_neigh small, correct frames of every sort, for
fuzz_tcp_input, fuzz_sess and fuzz_tls the usual courses of connections, for fuzz_http and fuzz_http2 messages.
Usage: make_corpus.py CORPUS_FOLDER"""
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
SACK = tcp(0x10, bytes.fromhex("0101080aaabbccde01020304" "0101051a" "5566800055669000" "5566a0005566b000" "5566c0005566d000"))
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
    "tcp4_sack": ether(0x0800, ipv4(TCP, SACK)),
    "tcp4_cut_behind_headers": b"\x36" + ether(0x0800, ipv4(TCP, tcp(0x18, payload=b"x" * 40)))[1:],
    "tcp6_cut_in_payload": b"\x50" + ether(0x86DD, ipv6(TCP, tcp(0x18, payload=b"x" * 40)))[1:],
    "tcp6_syn": ether(0x86DD, ipv6(TCP, SYN)),
    "tcp6_ack": ether(0x86DD, ipv6(TCP, ACK)),
    "tcp6_extensions": ether(0x86DD, ipv6(TCP, ACK, first=0,
                                          ext=bytes.fromhex("2b00010400000000" "0600000000000000"))),
    "icmp4_echo": ether(0x0800, ipv4(ICMP, ECHO)),
    "icmp4_unreachable": ether(0x0800, ipv4(ICMP, bytes.fromhex("0303000000000000") + ipv4(TCP, SYN)[:28],
                                            src=SERVER, dst=CLIENT)),
    "icmp4_too_big": ether(0x0800, ipv4(ICMP, bytes.fromhex("0304000000000500") + ipv4(TCP, ACK)[:28],
                                        src=SERVER, dst=CLIENT)),
    "icmp6_too_big": ether(0x86DD, ipv6(ICMP6, bytes.fromhex("0200000000000500") + ipv6(TCP, ACK)[:48],
                                        src=SERVER6, dst=CLIENT6)),
    "icmp6_echo": ether(0x86DD, ipv6(ICMP6, b"\x80" + ECHO[1:])),
    "icmp6_unreachable": ether(0x86DD, ipv6(ICMP6, bytes.fromhex("0104000000000000") + ipv6(TCP, SYN)[:48],
                                            src=SERVER6, dst=CLIENT6)),
    "icmp6_solicit": ether(0x86DD, ipv6(ICMP6, SOLICIT, dst="ff02::1:ff00:20")),
    "icmp6_solicit_dad": ether(0x86DD, ipv6(ICMP6, SOLICIT[:24], src="::", dst="ff02::1:ff00:20")),
    "icmp6_advert_vlan": ether(0x86DD, ipv6(ICMP6, ADVERT), vlan=7),
    "arp_request": ether(0x0806, ARP),
    "arp_reply_padded": ether(0x0806, ARP[:7] + b"\2" + ARP[8:] + bytes(18)),
}


# -- fuzz_neigh: its host has .20 to .22, :20 to :22, and MAC 02:00:00:00:00:02 ---------------------

WAIT_1S, WAIT_64S = bytes([0x04, 0x99]), bytes([0x04, 0xC9])  # and let it ask
TAGGED, PLAIN = b"\1", b"\0"


def heard(frame, how=0x16):
    """A step: @frame, with the host's MAC as destination."""
    return bytes([how, len(frame)]) + frame


ANSWER = ether(0x0806, ARP[:7] + b"\2" + ARP[8:])
ADVERT_10 = ether(0x86DD, ipv6(ICMP6, ADVERT, src=CLIENT6, dst=SERVER6))
NEIGH = {name: (TAGGED if name.endswith("vlan") else PLAIN) + heard(frame)
         for name, frame in FRAMES.items() if name.startswith(("arp", "icmp"))}
NEIGH |= {
    "arp_course": PLAIN + WAIT_1S + heard(ANSWER) + WAIT_64S + WAIT_1S * 3 + WAIT_64S + heard(ANSWER),
    "ndp_course": PLAIN + WAIT_1S + heard(ADVERT_10) + WAIT_64S + WAIT_1S * 3 + heard(ADVERT_10),
    "conflict": PLAIN + heard(ether(0x0806, ARP[:14] + raw(SERVER) + ARP[18:])),
    "too_big_for_us": PLAIN + heard(ether(0x0800, ipv4(
        ICMP, bytes.fromhex("0304000000000500") + ipv4(TCP, ACK, src=SERVER, dst=CLIENT)[:28]))),
    "too_big_6_for_us": PLAIN + heard(ether(0x86DD, ipv6(
        ICMP6, bytes.fromhex("0200000000000500") + ipv6(TCP, ACK, src=SERVER6, dst=CLIENT6)[:48]))),
    "unreachable_for_us": PLAIN + heard(ether(0x0800, ipv4(
        ICMP, bytes.fromhex("0303000000000000") + ipv4(TCP, SYN, src=SERVER, dst=CLIENT)[:28]))),
}

# -- fuzz_tcp_input: see step() and begins() there, and near_seg.h ----------------------------------

POOLS, TWO_STREAMS, KEEPS, PIGGYBACK, NAGLE, LATE = 0x01, 0x02, 0x0D, 0x20, 0x40, 0x80
SACK_OK, TS, WSCALE, MSS, ACTIVE = 0x01, 0x02, 0x04, 0x1F, 0x80
FIN_, SYN_, RST_, PSH_, ACK_ = 0x01, 0x02, 0x04, 0x08, 0x10
EDGE, AT, WINDOW, SEQ_OFF, ACK_OFF, OPTIONS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
B = 0x80  # the second connection

CLOSE, ABORT, EXPIRE, TIMEOUT, REST, BORROW = (bytes([op]) for op in (4, 5, 6, 7, 9, 10))


def world(how=POOLS | PIGGYBACK, what=0x07, times=0x55):
    return bytes([how, what, times])


def shake(options=SACK_OK | TS | WSCALE | 0x10, where=0x21, side=0):
    return bytes([1 | side, options, where])


def write(shift, side=0):
    """7 << shift bytes, and one."""
    return bytes([2 | side, shift << 3 | 7])


def read(n, side=0):
    return bytes([3 | side, 1, n])


def wait(x):
    return bytes([8, x])


def seg(flags=ACK_, shape=0, len=0, *more, side=0):
    return bytes([15 | side, flags, shape, len, *more])


def acked(place, *more, side=0):
    """An ACK up to @place / 32 of what is in flight."""
    return seg(ACK_, AT, 0, place, *more, side=side)


def sacked(n, *places):
    """An ACK of nothing, with @n blocks."""
    return seg(ACK_, AT | OPTIONS, 0, 0, 0x12 | (n - 1) << 5, 0, 0, *places)


FULL = 0x43  # payload of 1364 bytes
DATA, LATER = seg(ACK_ | PSH_, 0, FULL), seg(ACK_, SEQ_OFF | 0x80, FULL, 2)
COURSE = shake() + write(13) + wait(0x6C)
TCP_INPUT = {
    "active_close": world() + shake(ACTIVE | 0x1F) + CLOSE + seg() + seg(FIN_ | ACK_) + wait(0xC9),
    "passive_close": world() + shake() + seg(FIN_ | ACK_) + CLOSE + seg(),
    "crossed_close": world() + shake() + CLOSE + seg(FIN_ | ACK_, AT, 0, 0) + seg(),
    "crossed_open": world() + b"\0\1" + seg(SYN_, OPTIONS, 0, 0x0F, 0, 0, 5, 180, 7) + seg(SYN_ | ACK_),
    "refused": world() + b"\0\1" + seg(RST_ | ACK_),
    "reset": world() + COURSE + seg(RST_),
    "challenges": world() + shake() + seg(SYN_) + seg(RST_, SEQ_OFF, 0, 5) + seg(ACK_, ACK_OFF, 0, 99),
    "open_timeout": world() + b"\0\1" + EXPIRE * 8,
    "no_pools": world(PIGGYBACK) + shake() + DATA + LATER + CLOSE + seg(FIN_ | ACK_),
    "send": world() + COURSE + acked(8) + acked(16) + acked(32) * 4 + CLOSE + acked(63) * 3,
    "receive": world() + shake() + DATA * 5 + wait(0x8C) + DATA + seg(FIN_ | ACK_) + CLOSE + seg(),
    "both_ways": world(POOLS) + COURSE + DATA * 2 + acked(20) + LATER + DATA * 2 + acked(63) + REST,
    "out_of_order": world() + shake() + LATER * 2 + seg(ACK_, SEQ_OFF | 0x80, FULL, 4) + DATA * 4,
    "kept": world(KEEPS | PIGGYBACK) + shake() + DATA * 3 + read(200) + LATER + read(255) + DATA * 2,
    "kept_full": world(KEEPS, 0x00) + shake(0) + DATA * 5 + read(255) * 20 + DATA * 5,
    "no_buffer": world(0x05) + shake() + DATA + LATER,
    "loss_sack": world() + COURSE + sacked(1, 4, 8) + sacked(2, 12, 16, 4, 8) + acked(32) + sacked(1, 3, 9)
                 + EXPIRE + acked(63),
    "loss_count": world(what=0x17) + shake(0x10) + write(13) + acked(4) + acked(0) * 4 + acked(8) + acked(63),
    "tail_probe": world() + COURSE + EXPIRE + acked(32) + EXPIRE * 2 + acked(63),
    "time_outs": world() + COURSE + EXPIRE * 20,
    "time_out_repaired": world() + COURSE + EXPIRE * 4 + acked(3) + acked(63) * 3,
    "closed_window": world() + COURSE + seg(ACK_, WINDOW, 0, 0, 0) + EXPIRE * 3
                     + seg(ACK_, WINDOW, 0, 0, 0) + EXPIRE + seg(ACK_, WINDOW, 0, 255, 255),
    "shrunk_window": world() + COURSE + seg(ACK_, AT | WINDOW, 0, 0, 0, 0) + EXPIRE * 2 + acked(63),
    "path_mtu": world() + COURSE + bytes([11, 0, 2, 100]) + acked(63) + bytes([11, 0, 5, 60]),
    "one_stream_for_two": world() + COURSE + shake(side=B) + DATA + bytes([2 | B, 1])
                          + seg(ACK_, 0, FULL, side=B) + ABORT + bytes([2 | B, 1]) + acked(63, side=B),
    "late_fin": world() + shake() + CLOSE + DATA * 2 + seg(ACK_, AT, 0, 0) + seg(FIN_ | ACK_),
    "nagle": world(POOLS | NAGLE) + shake() + bytes([2, 1]) * 3 + acked(63) * 2,
    "split": world(what=0x0F) + COURSE + acked(63) * 4,
    "newreno": world(what=0x17) + COURSE + sacked(1, 8, 30) + acked(63) * 5,
    "fixed": world(what=0xE7) + COURSE + sacked(1, 8, 30) + acked(63) * 5,
    "late_clock": world(POOLS | PIGGYBACK | LATE) + COURSE + wait(0xD4) + EXPIRE + acked(63) + wait(0xFF),
    "paws": world() + shake() + seg(ACK_, OPTIONS, 9, 0x02, 0xF0, 0) + seg(ACK_, OPTIONS, 9, 0x02, 5, 0),
    "reopen": world() + shake() + CLOSE + seg() + seg(FIN_ | ACK_) + seg(SYN_, SEQ_OFF, 0, 9) + seg(),
}

# -- fuzz_sess: see step() there and world_init() ---------------------------------------------------

FIN_CLOSE, RST_CLOSE, PEER_CLOSE, HOLDS, STREAMS = 0, 1, 2, 0x08, 0x30
NOTHING, LITTLE, SEGMENTS, MANY = 0, 3, 4, 6
ECHOES = 0x0A


def side(how, what=0, *exchange, tcp=(0x41, 0x0A), table=0x22):
    return bytes([table, how, what, *tcp, *exchange])


TO_SERVER, TO_CLIENT, START, OUT_CLIENT, OUT_SERVER = b"\x32", b"\xb2", b"\x31", b"\x76", b"\xf6"
TURN = TO_SERVER + TO_CLIENT + OUT_CLIENT + OUT_SERVER
LOSE, LOSE_ANSWER, DOUBLE, SWAP, LONG = b"\x14", b"\x94", b"\x33", b"\x04", b"\x00\xcf"
ROOMS = b"\x0f"
ONLY = side(FIN_CLOSE), side(PEER_CLOSE)
ANSWERED = (side(STREAMS, 0, SEGMENTS, MANY), side(STREAMS | PEER_CLOSE, 1, MANY, SEGMENTS))
SESS = {
    "handshakes": ROOMS + ONLY[0] + ONLY[1] + (START + TURN) * 6 + LONG,
    "target_digits": ROOMS + side(FIN_CLOSE, table=0x7F) + ONLY[1] + (START + TURN) * 6 + LONG,
    "held": ROOMS + side(HOLDS) + ONLY[1] + (START + TURN) * 3 + b"\x09\x00\x09\x03" + TURN * 3,
    "resets": ROOMS + side(RST_CLOSE) + ONLY[1] + (START + TURN) * 3,
    "server_closes": ROOMS + side(PEER_CLOSE) + side(FIN_CLOSE) + (START + TURN) * 4 + LONG,
    "silence": ROOMS + ONLY[0] + ONLY[1] + START + LONG * 3,
    "losses": ROOMS + ONLY[0] + ONLY[1] + START + LOSE + TURN + LONG + LOSE_ANSWER + TURN + LONG * 3,
    "doubled": ROOMS + ONLY[0] + ONLY[1] + START + (DOUBLE + SWAP + TURN) * 4 + LONG,
    "answered": ROOMS + ANSWERED[0] + ANSWERED[1] + START + TURN * 40 + LONG,
    "answered_losses": ROOMS + ANSWERED[0] + ANSWERED[1] + START + (TURN * 3 + LOSE_ANSWER + LOSE) * 8
                       + LONG * 2 + TURN * 20,
    "echoed": ROOMS + side(STREAMS, 0, MANY, MANY) + side(STREAMS | PEER_CLOSE, ECHOES) + START + TURN * 40,
    "echo_without_memory": ROOMS + side(STREAMS, 0, MANY, MANY) + side(0x10 | PEER_CLOSE, 0x02) + START
                           + TURN * 5 + LONG,
    "gathered": ROOMS + side(STREAMS, 1, MANY, NOTHING, tcp=(0x41, 0x8A)) + side(STREAMS | PEER_CLOSE, 0, NOTHING, NOTHING)
                + START + TURN * 20 + LONG,
    "unplanned": ROOMS + side(STREAMS, 0, SEGMENTS, NOTHING) + ONLY[1] + START + TURN * 10 + LONG,
    "truncated": ROOMS + side(STREAMS, 0, NOTHING, MANY) + side(STREAMS, 0, LITTLE, NOTHING) + START + TURN * 9,
    "stalled": ROOMS + side(STREAMS, 0, NOTHING, MANY) + ONLY[1] + START + TURN * 3 + LONG * 2,
    "few_rooms": b"\0" + ANSWERED[0] + ANSWERED[1] + START + TURN * 9 + b"\x0a\0" + TURN + b"\x0a\1" + TURN * 9,
    "blocked": ROOMS + ANSWERED[0] + ANSWERED[1] + START + TURN * 2 + b"\x1b" + TURN * 4 + b"\x0b" + TURN * 9,
    "strangers": ROOMS + ONLY[0] + ONLY[1] + b"".join(bytes([8, n * 4 + 16, 2, 0, 0]) for n in range(6)) + LONG * 4,
    "near": ROOMS + ANSWERED[0] + ANSWERED[1] + START + TURN * 2
            + bytes([12, 0, 0x10, 0x02, 0, 16, 0x8C, 0, 0x11, 0, 0x50]) + TURN * 4,
    "errors": ROOMS + ANSWERED[0] + ANSWERED[1] + START + TURN * 2 + bytes([7, 0, 3, 2, 200, 0x87, 0, 1, 2, 100])
              + TURN * 9 + START + bytes([7, 1, 0, 0, 0]),
}

# -- fuzz_tls: see enum how and obey() there --------------------------------------------------------

TO_A_SERVER, OLD, NEW, PEER, RESUMES, ASKS, BARE = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40
WHOLE = b"\0\0"


def record(kind, content, version=0x0303):
    return struct.pack("!BHH", kind, version, len(content)) + content


def handshake(kind, content):
    return record(22, bytes([kind]) + len(content).to_bytes(3, "big") + content)


def ext(kind, content):
    return struct.pack("!HH", kind, len(content)) + content


def listed(content, size=2):
    return len(content).to_bytes(size, "big") + content


GROUPS, SIGALGS = ext(10, listed(bytes.fromhex("001d0017"))), ext(13, listed(bytes.fromhex("040308040401")))
SHARE = ext(51, listed(bytes.fromhex("001d") + listed(bytes(range(32)))))
HELLO_12 = bytes.fromhex("0303") + bytes(32) + b"\0" + listed(bytes.fromhex("c02bc02f00ff")) + b"\1\0"
HELLO_13 = bytes.fromhex("0303") + bytes(32) + listed(bytes(32), 1) + listed(bytes.fromhex("13011302")) + b"\1\0"
CLIENT_12 = handshake(1, HELLO_12 + listed(GROUPS + SIGALGS + ext(35, b"")))
CLIENT_13 = handshake(1, HELLO_13 + listed(GROUPS + SIGALGS + SHARE + ext(43, listed(b"\3\4", 1)) + ext(45, b"\1\1")))
CLIENT_RETRY = handshake(1, HELLO_13 + listed(GROUPS + SIGALGS + ext(51, b"\0\0") + ext(43, listed(b"\3\4", 1))))
SERVER_12 = handshake(2, bytes.fromhex("0303") + bytes(32) + b"\0" + bytes.fromhex("c02b00") + listed(ext(23, b"")))
SERVER_13 = handshake(2, bytes.fromhex("0303") + bytes(32) + b"\0" + bytes.fromhex("130100")
                      + listed(ext(43, b"\3\4") + ext(51, bytes.fromhex("001d") + listed(bytes(range(32))))))
GO, PEER_GOES, CLOSE_WIRE, GOODBYE = b"\0\0\0", b"\2\0\0", b"\x0d\0\0", b"\x1e\0\0"
HANDSHAKE = GO * 3
PLAIN, KEYS, NEW_KEYS, SHUT, TICKET = (bytes([0x0B | what << 4, 0, 0]) for what in (0, 1, 9, 2, 3))


def change(at, bits):
    return bytes([6]) + struct.pack("!HB", at, bits)


TLS = {
    "raw_client_12": bytes([TO_A_SERVER]) + WHOLE + CLIENT_12,
    "raw_client_13": bytes([TO_A_SERVER]) + WHOLE + CLIENT_13 + record(20, b"\1") + record(23, bytes(40)),
    "raw_client_13_bytewise": bytes([TO_A_SERVER, 1, 1]) + CLIENT_13,
    "raw_client_retry": bytes([TO_A_SERVER]) + WHOLE + CLIENT_RETRY + record(20, b"\1") + CLIENT_13,
    "raw_client_old_for_new": bytes([TO_A_SERVER | NEW]) + WHOLE + CLIENT_12,
    "raw_server_12": bytes([OLD]) + WHOLE + SERVER_12 + handshake(11, listed(b"", 3)) + handshake(14, b""),
    "raw_server_13": bytes([NEW]) + WHOLE + SERVER_13 + record(23, bytes(40)),
    "raw_server_13_resumes": bytes([NEW | RESUMES]) + WHOLE + SERVER_13 + record(23, bytes(40)),
    "raw_alert": bytes([0]) + WHOLE + record(21, b"\2\x28"),
    "raw_warnings": bytes([0]) + WHOLE + record(21, b"\1\x70") * 7,
    "raw_goodbye": bytes([TO_A_SERVER]) + WHOLE + record(21, b"\1\0"),
    "raw_http": bytes([0, 7, 0]) + b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "raw_long_record": bytes([TO_A_SERVER]) + WHOLE + b"\x16\3\1\xff\xff" + bytes(300),
    "raw_empty_records": bytes([TO_A_SERVER, 3, 0]) + record(22, b"") * 40,
}
for role in (0, TO_A_SERVER):
    who = "server" if role else "client"
    FLIGHT = PEER_GOES if role else GO + PEER_GOES  # is under way to the victim
    for version, name in ((OLD, "12"), (NEW, "13"), (0, "any")):
        TLS |= {f"{who}_{name}_{course}": bytes([role | version | PEER | how]) + commands for course, how, commands in (
            ("whole", 0, HANDSHAKE + PLAIN + GO + SHUT + GO),
            ("resumes", RESUMES, HANDSHAKE + PLAIN + GO + GOODBYE + CLOSE_WIRE),
            ("asks", ASKS, HANDSHAKE + PLAIN * 6 + GO + KEYS + NEW_KEYS + GO + PLAIN + GO),
            ("bare", BARE, HANDSHAKE + TICKET + GO + GOODBYE + GO),
            ("little_room", 0, FLIGHT + b"\x35\0\1" * 30 + GO * 3),
            ("pieces", RESUMES, (FLIGHT + b"\4\0\x20") * 8 + GO * 3),
            ("spoilt_header", 0, FLIGHT + change(0, 1) + GO * 3),
            ("spoilt_message", 0, FLIGHT + change(9, 0xFF) + GO * 3),
            ("spoilt_later", 0, GO + FLIGHT + change(60, 0x80) + GO * 3),
            ("lost", 0, FLIGHT + b"\x09\0\x30\x20" + GO * 2),
            ("doubled", 0, HANDSHAKE + PLAIN + b"\x0a\0\0\xff" + GO),
            ("inserted", 0, HANDSHAKE + b"\x08\0\0\7" + record(21, b"\2\x50") + GO),
            ("cut_off", 0, FLIGHT + b"\x0f\0\x40" + CLOSE_WIRE + GO),
        )}

A_SERVER, HEAD_METHOD, POST_METHOD, A_BODY, FILLS, COOKIES, COMPARES, PIPELINES = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80


def http(how, *lines, body=b"", piece=255):
    return bytes([how, piece]) + b"".join(line.encode() + b"\r\n" for line in lines) + b"\r\n" + body


OK = "HTTP/1.1 200 OK"
CHUNKS = b"3;a=b\r\nabc\r\n0a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
HTTP = {
    "response": http(0, OK, "Content-Length: 5", body=b"hello" + b"HTTP/1.1 408 x\r\n\r\n"),
    "response_bytewise": http(0, OK, "Content-Length: 5", body=b"hello", piece=0),
    "response_two": http(0, OK, "Content-Length: 2", body=b"ab") + http(0, OK, "Content-Length: 2", body=b"ab")[2:],
    "response_chunked": http(0, OK, "Transfer-Encoding: chunked", body=CHUNKS),
    "response_chunked_pieces": http(0, OK, "Transfer-Encoding: chunked", body=CHUNKS, piece=3),
    "response_to_the_end": http(0, OK, "Server: x", body=b"all of it"),
    "response_old": http(0, "HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 1", body=b"x"),
    "response_informational": http(0, "HTTP/1.1 100 Continue") + http(0, OK, "Content-Length: 0")[2:],
    "response_head": http(HEAD_METHOD, OK, "Content-Length: 5", body=b"hello"),
    "response_early": http(POST_METHOD | A_BODY, "HTTP/1.1 413 x", "Connection: close", "Content-Length: 0", piece=0),
    "response_304": http(0, "HTTP/1.1 304 x", "Content-Length: 9"),
    "response_two_lengths": http(0, OK, "Content-Length: 5", "Content-Length: 6"),
    "response_http2": bytes([0, 255]) + bytes.fromhex("000006040000000000000300000064"),
    "response_cookies": http(FILLS | COOKIES, OK, "Set-Cookie: a=b; Path=/", "set-cookie: c=d; Max-Age=0",
                             "Content-Length: 0")
                        + http(0, OK, "Set-Cookie: a=e", "Content-Length: 1", body=b"x")[2:],
    "response_cookies_bytewise": http(FILLS | COOKIES, OK, "Set-Cookie: a=b", "Content-Length: 0", piece=0),
    "response_compared": http(COMPARES, OK, "Content-Length: 5", body=b"hello"),
    "pipelined": http(PIPELINES, OK, "Content-Length: 2", body=b"ab")
                 + http(0, OK, "Transfer-Encoding: chunked", body=CHUNKS)[2:] * 4,
    "pipelined_bytewise": http(PIPELINES | COMPARES, OK, "Content-Length: 2", body=b"ab", piece=0)
                          + http(0, "HTTP/1.1 404 x", "Content-Length: 1", body=b"x")[2:] * 3,
    "pipelined_closes": http(PIPELINES | POST_METHOD | A_BODY, OK, "Content-Length: 0")
                        + http(0, OK, "Connection: close", "Content-Length: 1", body=b"x")[2:],
    "pipelined_cookies": http(PIPELINES | FILLS | COOKIES, OK, "Set-Cookie: a=b", "Content-Length: 0", piece=9)
                         + http(0, OK, "Set-Cookie: a=cd", "Content-Length: 0")[2:] * 4,
    "pipelined_to_the_end": http(PIPELINES, OK, "Server: x", body=b"all of it"),
    "response_404": http(FILLS, "HTTP/1.1 404 Not Found", "Content-Length: 2", body=b"no", piece=9),
    "request_delay": http(A_SERVER, "GET /delay/10ms HTTP/1.1", "Host: h"),
    "request_trickle": http(A_SERVER, "GET /trickle/100/1us/2k HTTP/1.1", "Host: h"),
    "request_headers": http(A_SERVER, "GET /headers?a=b HTTP/1.1", "Host: h", "A: b", piece=5)
                       + b"GET /headers HTTP/1.1\r\n\r\n",
    "request": http(A_SERVER, "GET /5 HTTP/1.1", "Host: h"),
    "request_bytewise": http(A_SERVER, "GET /5?a=b HTTP/1.1", "Host: h", "Expect: 100-continue", piece=0),
    "request_pipelined": http(A_SERVER, "GET /1 HTTP/1.1", "Host: h")
                         + http(0, "GET /chunked/2 HTTP/1.1", "Host: h")[2:] * 4,
    "request_absolute": http(A_SERVER, "GET http://h/status/404 HTTP/1.1", "Host: h", piece=6),
    "request_body": http(A_SERVER, "POST /x HTTP/1.1", "Expect: 100-continue", "Content-Length: 4", body=b"body"),
    "request_chunked": http(A_SERVER, "PUT /x HTTP/1.1", "Transfer-Encoding: chunked", body=CHUNKS),
    "request_large": http(A_SERVER, "GET /1M HTTP/1.1", "Host: h", "Connection: close"),
    "request_limited": http(A_SERVER | 2 << 4, "GET / HTTP/1.1", "Host: h") + http(0, "HEAD / HTTP/1.0")[2:] * 3,
    "request_http2": bytes([A_SERVER, 255]) + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "request_options": http(A_SERVER, "OPTIONS * HTTP/1.1", "Host: h"),
}

GREETED, H2_BODY, H2_STREAMS, H2_LIMIT = 2, 4, 3 << 3, 1 << 6


def frame(kind, flags, stream, content=b""):
    """RFC 9113 4.1"""
    return struct.pack("!I", len(content))[1:] + struct.pack("!BBI", kind, flags, stream) + content


def setting(name, value):
    return struct.pack("!HI", name, value)


DATA, HEADERS, RESET, SETTINGS, PROMISE, PING, GOAWAY, WINDOW, CONTINUES = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, AN_ACK = 1, 4, 1
STATUS, GET, POST, HTTP_SCHEME, ROOT, HOST = b"\x88", b"\x82", b"\x83", b"\x86", b"\x84", b"\1\1h"
TO_CLIENT, TO_SERVER = GREETED | H2_STREAMS, A_SERVER | GREETED


def http2(how, *frames, piece=255):
    return bytes([how, piece]) + b"".join(frames)


def answers(*streams):
    return b"".join(frame(HEADERS, END_HEADERS, n, STATUS) + frame(DATA, END_STREAM, n, b"hello") for n in streams)


def asks(*streams, what=GET + HTTP_SCHEME + ROOT + HOST, flags=END_STREAM | END_HEADERS):
    return b"".join(frame(HEADERS, flags, n, what) for n in streams)


HTTP2 = {
    "answers": http2(TO_CLIENT, frame(SETTINGS, AN_ACK, 0), answers(1, 3, 5, 7, 9)),
    "answers_bytewise": http2(TO_CLIENT, answers(1, 3), piece=0),
    "not_greeted": http2(H2_STREAMS, frame(SETTINGS, 0, 0, setting(3, 2) + setting(4, 100)), answers(1, 3)),
    "informational": http2(TO_CLIENT, frame(HEADERS, END_HEADERS, 1, b"\x08\x03100"), answers(1)),
    "trailers": http2(TO_CLIENT, frame(HEADERS, END_HEADERS, 1, STATUS), frame(DATA, 0, 1, b"x"),
                      frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\0\1a\1b")),
    "continued": http2(TO_CLIENT, frame(HEADERS, END_STREAM, 1), frame(CONTINUES, END_HEADERS, 1, STATUS)),
    "goaway": http2(TO_CLIENT, frame(GOAWAY, 0, 0, struct.pack("!II", 3, 0)), answers(1, 3)),
    "refused": http2(TO_CLIENT, frame(RESET, 0, 1, struct.pack("!I", 7)), answers(3)),
    "early": http2(TO_CLIENT | H2_BODY, frame(SETTINGS, 0, 0, setting(4, 1)), answers(1),
                   frame(RESET, 0, 1, struct.pack("!I", 0)), piece=3),
    "fewer_streams": http2(TO_CLIENT, frame(SETTINGS, 0, 0, setting(3, 1)), answers(1), frame(SETTINGS, 0, 0, setting(3, 0)),
                           answers(3)),
    "promise": http2(TO_CLIENT, frame(PROMISE, END_HEADERS, 1, b"\0\0\0\2" + GET + HTTP_SCHEME + ROOT)),
    "ping": http2(TO_CLIENT, frame(PING, 0, 0, b"12345678"), frame(WINDOW, 0, 0, b"\0\0\1\0"), answers(1)),
    "bad_length": http2(TO_CLIENT, frame(HEADERS, END_HEADERS, 1, STATUS + b"\x0f\x0d\0013"), frame(DATA, END_STREAM, 1, b"x")),
    "table": http2(TO_CLIENT, frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS + b"\x40\1a\1b"),
                   frame(HEADERS, END_HEADERS | END_STREAM, 3, STATUS + b"\xbe"), frame(HEADERS, END_HEADERS, 5, b"\xff\1")),
    "text": http2(H2_STREAMS, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "asks": http2(TO_SERVER, asks(1, 3, 5)),
    "asks_bytewise": http2(TO_SERVER, asks(1, 3), piece=0),
    "asks_limited": http2(TO_SERVER | H2_LIMIT, asks(1, 3), frame(PING, AN_ACK, 0, b"leaving\0"), asks(5)),
    "asks_body": http2(TO_SERVER, asks(1, what=POST + HTTP_SCHEME + ROOT + HOST, flags=END_HEADERS), frame(DATA, 0, 1, b"bo"),
                       frame(DATA, END_STREAM, 1, b"dy"), frame(DATA, END_STREAM, 1, b"late")),
    "asks_expect": http2(TO_SERVER, asks(1, what=POST + HTTP_SCHEME + ROOT + HOST + b"\x0f\x14\x0c100-continue", flags=END_HEADERS),
                         frame(DATA, END_STREAM, 1)),
    "asks_path": http2(TO_SERVER, asks(1, what=GET + HTTP_SCHEME + HOST + b"\4\x06/3k?a="), asks(3, what=GET + HTTP_SCHEME + HOST + b"\4\x06/close")),
    "asks_to_wait": http2(TO_SERVER, *(asks(n, what=GET + HTTP_SCHEME + HOST + b"\4" + bytes([len(path)]) + path)
                                       for n, path in ((1, b"/delay/10ms"), (3, b"/trickle/100/1us/2k"), (5, b"/headers?a"),
                                                       (7, b"/delay/1us")))),
    "asks_to_wait_and_resets": http2(TO_SERVER, asks(1, what=GET + HTTP_SCHEME + HOST + b"\4\x0b/delay/10ms"),
                                     frame(RESET, 0, 1, b"\0\0\0\x08")),
    "asks_and_resets": http2(TO_SERVER, *(asks(n) + frame(RESET, 0, n, b"\0\0\0\x08") for n in range(1, 40, 2))),
    "asks_and_leaves": http2(TO_SERVER, asks(1), frame(GOAWAY, 0, 0, bytes(8))),
    "small_window": http2(TO_SERVER, frame(SETTINGS, 0, 0, setting(4, 10)), asks(1), frame(WINDOW, 0, 1, b"\0\0\1\0")),
    "no_preface": http2(A_SERVER, b"GET / HTTP/1.1\r\n\r\n"),
    "preface": http2(A_SERVER, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frame(SETTINGS, 0, 0), asks(1)),
}

folder = pathlib.Path(sys.argv[1])
for target, files in {"packet": FRAMES, "neigh": NEIGH, "tcp_input": TCP_INPUT, "sess": SESS,
                      "tls": TLS, "http": HTTP, "http2": HTTP2}.items():
    (folder / target).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / target / name).write_bytes(content)
