# SPDX-License-Identifier: BSD-3-Clause
"""Payload over TLS to openssl s_server and gnutls-serv, which are no servers for load: what s_server wrote out is
what was sent, also with new keys in mid-transfer, and who takes all and answers nothing is found out."""

import os
import random
import subprocess

import lab
import peers
import tls_peers
from cases import Shakedown, case, check_handshakes, check_result, main, payload_head, shakedown
from lab import DEVICE, LOCAL4, SERVER4

MB = 1_000_000
URL = f"tls://{SERVER4}:443"
LOAD = ("--device", DEVICE, "--local", LOCAL4, "--duration", "1s", "--drain", "30s")


class Sink:
    """openssl s_server, with what came in a file and a pipe for what it is to send: for @n connections,
    one after the other."""

    def __init__(self, place, n, *options):
        lab.require("openssl")
        self.path, self.messages = f"/run/{place.name}.came", f"/run/{place.name}.messages"
        cert, key = tls_peers.Authority().issue("server")
        with open(self.path, "wb") as out:
            self.child = place.spawn(
                ["openssl", "s_server", "-accept", "443", "-cert", cert, "-key", key, "-naccept", str(n),
                 "-msg", "-msgfile", self.messages, *options],
                "server", stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL)
        if not peers.listens_soon(self.child, [":443"]):
            raise RuntimeError("s_server did not start")

    def size(self):
        return os.path.getsize(self.path)

    def send(self, data):
        return tls_peers.feed(self.child.process.stdin, data)

    def finish(self):
        """All that came. It ends by itself."""
        lab.wait_until(lambda: self.child.process.poll() is not None, 5)
        self.child.stop()
        with open(self.path, "rb") as file:
            return file.read()


def check_run(check, run, connections, sent, received):
    check_handshakes(check, run, connections)
    for name, want in (("tls_tx_bytes", connections * sent), ("tls_rx_bytes", connections * received),
                       ("tls_truncated", 0)):
        check.equal(name, run.total(name), want)


# ---- openssl ---------------------------------------------------------------------------------------


@case
def openssl_sink(place, check):
    """Five, one after the other, and all they sent."""
    for version in ("-tls1_2", "-tls1_3"):
        with lab.Lab(place.name, place.tools) as own:
            own.pair()
            own.record()
            server = Sink(own, 5, "-quiet", version)
            check_run(check, shakedown("run", URL, *LOAD, "--rate", "5", "--send", str(MB)), 5, MB, 0)
            check.that(server.finish() == 5 * payload_head(MB), f"other bytes came with {version}")


@case
def openssl_both_ways(place, check):
    """s_server begins to send when it has heard something: given its input before the handshake it reads from the
    connection next, and that blocks."""
    place.pair()
    place.record()
    server = Sink(place, 1, "-quiet")
    program = Shakedown("run", URL, *LOAD, "--rate", "1", "--send", str(MB), "--receive", str(MB))
    if lab.wait_until(lambda: server.size() > 0, 20):
        server.send(random.Random(1).randbytes(MB))
    check_run(check, program.finish(), 1, MB, MB)
    check.that(server.finish() == payload_head(MB), "other bytes came")


def without_text(came, want):
    """Whether @came is @want, with lines of s_server's between."""
    at = done = 0
    while done < len(want):
        at = came.find(want[done:done + 32], at)
        if at < 0:
            return False
        n = len(os.path.commonprefix([came[at:], want[done:]]))
        at, done = at + n, done + n
    return True


@case
def openssl_updates_keys(place, check):
    """Its own, and with K ours, too, while payload goes both ways. It hears commands, which are reads that begin
    with such a letter, only when it prints all it has to say, between what came."""
    place.pair()
    place.record()
    server, rng, sent = Sink(place, 1, "-tls1_3"), random.Random(1), 0
    program = Shakedown("run", URL, *LOAD, "--rate", "1", "--send", str(4 * MB), "--receive", "700000")
    lab.wait_until(lambda: server.size() > 100_000, 20)
    for command in (b"K\n", b"k\n", b"K\n", b"K\n", b"k\n", b"K\n"):
        data = bytes(rng.choices(b"abcdefghij", k=100_000))
        check.that(server.send(data) and server.send(command), f"s_server did not hear after {sent} bytes")
        sent += len(data)
    server.send(bytes(rng.choices(b"abcdefghij", k=700_000 - sent)))
    check_run(check, program.finish(), 1, 4 * MB, 700_000)
    check.that(without_text(server.finish(), payload_head(4 * MB)), "other bytes came")
    sent, received = tls_peers.key_updates(server.messages)
    check.equal("KeyUpdates sent by s_server", sent, 6)
    # An answer is due before our next record only (RFC 8446 4.6.3), and may be the last one's, too.
    check.that(1 <= received <= 4, f"KeyUpdates received by s_server: {received}")


@case
def openssl_many_tickets(place, check):
    """Sixteen of them before the first byte of the answer."""
    place.pair()
    place.record()
    server = Sink(place, 1, "-quiet", "-num_tickets", "16")
    program = Shakedown("run", URL, *LOAD, "--rate", "1", "--send", "100", "--receive", str(MB), "--resume",
                        "always", "--warmup", "no")
    if lab.wait_until(lambda: server.size() > 0, 20):
        server.send(random.Random(1).randbytes(MB))
    check_run(check, program.finish(), 1, 100, MB)
    check.that(server.finish() == payload_head(100), "other bytes came")


# ---- GnuTLS ----------------------------------------------------------------------------------------


@case
def gnutls_sink(place, check):
    """Its echo is one of lines of text: of our bytes, with their zeros, nothing comes back."""
    for version in ("1.2", "1.3"):
        with lab.Lab(place.name, place.tools) as own:
            own.pair()
            own.record()
            server = tls_peers.GnutlsServer(own, 443, tls_peers.Authority().issue("server"))
            run = shakedown("run", URL, *LOAD, "--rate", "5", "--send", "100000", "--tls-versions", version)
            check_run(check, run, 5, 100_000, 0)
            check.equal("versions at the server", server.finish().count(f"- Version: TLS{version}\n"), 5)


@case
def gnutls_never_answers(place, check):
    """It acknowledges all, and that is all."""
    place.pair()
    place.record()
    server = tls_peers.GnutlsServer(place, 443, tls_peers.Authority().issue("server"))
    run = shakedown("run", URL, *LOAD, "--rate", "5", "--send", "100000", "--receive", "1",
                    "--data-timeout", "2s")
    if check_result(check, run):
        check.equal("failures", run.failures(), {"stalled": 5})
        check.equal("tls_tx_bytes", run.total("tls_tx_bytes"), 5 * 100_000)
    check.equal("accepted at the server", server.finish().count("* Accepted connection"), 5)


lab.enter()
main()
