# SPDX-License-Identifier: BSD-3-Clause
"""Payload over TLS from `shakedown serve`: what openssl, gnutls-cli, curl and Python's ssl send comes back
byte for byte, what is asked for comes whole, and clients that end in mid-transfer are counted and forgotten."""

import hashlib
import os
import random
import subprocess

import lab
import tls_peers
import tls_transfers
from cases import case, main, payload_head
from tls_serve import ADDRESS, ADDRESS6, AT, Serve

MIB = 1 << 20
VERSIONS = ("1.2", "1.3")

OPENSSL = ("openssl", "s_client", "-connect", AT)
GNUTLS = ("gnutls-cli", "--port", "443", "--insecure")


def check_bytes(check, run, received, sent, truncated=0):
    for name, want in (("tls_rx_bytes", received), ("tls_tx_bytes", sent), ("tls_truncated", truncated)):
        check.equal(f"{name} here", run.total(name), want)


class Piped:
    """A client with a pipe for what it is to send; what it prints of what came is in a file."""

    def __init__(self, serve, *command):
        self.path = serve.file("came")
        self.errors = open(serve.file("errors"), "w+b")
        with open(self.path, "wb") as out:
            self.child = lab.Child(command, "server", stdin=subprocess.PIPE, stdout=out, stderr=self.errors)
        self.pipe = self.child.process.stdin

    def send(self, data):
        return tls_peers.feed(self.pipe, data)

    def came(self):
        with open(self.path, "rb") as file:
            return file.read()

    def errors_text(self):
        self.errors.seek(0)
        return self.errors.read()

    def finish(self, check, want):
        """When @want has come back, close the pipe: the client says goodbye and ends."""
        lab.wait_until(lambda: os.path.getsize(self.path) >= len(want), tls_peers.CLIENT_PATIENCE_S)
        self.pipe.close()
        try:
            status = self.child.process.wait(tls_peers.CLIENT_PATIENCE_S)
        except subprocess.TimeoutExpired:
            status = None
        self.child.stop()
        came = self.came()
        check.equal("status of the client", status, 0)
        check.equal("bytes that came back", len(came), len(want))
        check.that(came == want, f"other bytes came back; the client: {self.errors_text()[-500:]}")


# ---- programs --------------------------------------------------------------------------------------


@case
def openssl_echo(place, check):
    """Random bytes: without -nocommands a piece that begins with Q would end s_client."""
    serve, data = Serve(place, "--echo", closes=()), random.Random(1).randbytes(MIB)
    for version in ("-tls1_2", "-tls1_3"):
        client = Piped(serve, *OPENSSL, version, "-quiet", "-no_ign_eof", "-nocommands")
        check.that(client.send(data), f"s_client {version} did not take all it was given")
        client.finish(check, data)
    check_bytes(check, serve.stop(check, 2), 2 * MIB, 2 * MIB)


@case
def gnutls_echo(place, check):
    serve, data = Serve(place, "--echo", closes=()), random.Random(1).randbytes(MIB)
    for version in VERSIONS:
        client = Piped(serve, *GNUTLS, f"--logfile={serve.file('log')}", "--priority",
                       f"NORMAL:-VERS-ALL:+VERS-TLS{version}", ADDRESS)
        check.that(client.send(data), f"gnutls-cli of {version} did not take all it was given")
        client.finish(check, data)
    check_bytes(check, serve.stop(check, 2), 2 * MIB, 2 * MIB)


@case
def openssl_echo_of_small_records(place, check):
    """The client has records of 512 bytes at most, ours included (RFC 6066 4)."""
    serve, data = Serve(place, "--echo", closes=()), random.Random(1).randbytes(100_000)
    for version in ("-tls1_2", "-tls1_3"):
        client = Piped(serve, *OPENSSL, version, "-maxfraglen", "512", "-quiet", "-no_ign_eof", "-nocommands")
        check.that(client.send(data), f"s_client {version} did not take all it was given")
        client.finish(check, data)
    check_bytes(check, serve.stop(check, 2), 2 * len(data), 2 * len(data))


@case
def curl_fetches(place, check):
    """HTTP/0.9: what follows the request until the end is the body. The request's 60 bytes are the signal."""
    serve = Serve(place, "--bytes", str(MIB), "--after", "60", closes=("--close", "fin"))
    for options in (("--tlsv1.3",), ("--tls-max", "1.2")):
        path = serve.file("body")
        client = tls_peers.Client("curl", "-sk", "--http0.9", "--max-time", "20", *options, "-o", path,
                                  f"https://{ADDRESS}/{60 * 'x'}")
        check.equal(f"status of curl {options}", client.status, 0)
        with open(path, "rb") as file:
            check.that(file.read() == payload_head(MIB), f"other bytes than were sent, {options}")
    run = serve.stop(check, 2)
    check.equal("tls_tx_bytes here", run.total("tls_tx_bytes"), 2 * MIB)
    check.equal("tls_truncated here", run.total("tls_truncated"), 0)


# ---- Python's ssl, and how it may end --------------------------------------------------------------


def check_seen(check, seen, connections, ended, sent, received, digest=None):
    check.equal("connections at the client", len(seen), connections)
    for t in seen:
        name = f"connection {t['number']}"
        check.equal(name, (t["ended"], t["sent"], t["received"]), (ended, sent, received))
        check.that(t["received_sha256"] == (digest or t["sent_sha256"]), f"{name}: other bytes came")


@case
def python_echo(place, check):
    serve = Serve(place, "--echo", closes=())
    for version in VERSIONS:
        seen = tls_transfers.fetch(AT, count=5, send=MIB, tls_version=version)
        check_seen(check, seen, 5, "goodbye", MIB, MIB)
    check_bytes(check, serve.stop(check, 10), 10 * MIB, 10 * MIB)


@case
def python_echo_ipv6(place, check):
    serve = Serve(place, "--echo", closes=())
    check_seen(check, tls_transfers.fetch(f"[{ADDRESS6}]:443", count=5, send=MIB), 5, "goodbye", MIB, MIB)
    check_bytes(check, serve.stop(check, 5), 5 * MIB, 5 * MIB)


@case
def python_request_and_answer(place, check):
    serve = Serve(place, "--bytes", str(MIB), "--after", "100", closes=())
    digest = hashlib.sha256(payload_head(MIB)).hexdigest()
    for version in VERSIONS:
        seen = tls_transfers.fetch(AT, count=5, send=100, tls_version=version)
        check_seen(check, seen, 5, "goodbye", 100, MIB, digest)
    check_bytes(check, serve.stop(check, 10), 10 * 100, 10 * MIB)


@case
def python_asks_too_little(place, check):
    """One byte less than the answer waits for: nothing comes but the end."""
    serve = Serve(place, "--bytes", str(MIB), "--after", "100", closes=())
    seen = tls_transfers.fetch(AT, count=5, send=99)
    check_seen(check, seen, 5, "goodbye", 99, 0, hashlib.sha256(b"").hexdigest())
    check_bytes(check, serve.stop(check, 5), 5 * 99, 0)


@case
def python_says_goodbye_only(place, check):
    """close_notify without a FIN, before the echo has come back: all of it still comes, and our close."""
    serve = Serve(place, "--echo", closes=())
    for version in VERSIONS:
        seen = tls_transfers.fetch(AT, count=5, send=MIB, tls_version=version, close="notify")
        check_seen(check, seen, 5, "goodbye", MIB, MIB)
    check_bytes(check, serve.stop(check, 10), 10 * MIB, 10 * MIB)


@case
def python_ends_without_close_notify(place, check):
    """A FIN alone: the echo still goes out whole, and TLS was cut short once on each."""
    serve = Serve(place, "--echo", closes=())
    seen = tls_transfers.fetch(AT, count=5, send=MIB, close="fin")
    check_seen(check, seen, 5, "goodbye", MIB, MIB)
    check_bytes(check, serve.stop(check, 5), 5 * MIB, 5 * MIB, truncated=5)


@case
def python_leaves_early(place, check):
    """After a tenth of the answer; and serve goes on to serve others. The client's bytes that nobody read have
    Linux send a reset, and whatever came before it, no such connection counts as closed."""
    serve = Serve(place, "--bytes", str(MIB), "--after", "100", closes=())
    for close in ("leave", "vanish", "reset"):
        seen = tls_transfers.fetch(AT, count=4, send=100, close=close, cut=100_000)
        check.equal(f"connections that {close}", [t["ended"] for t in seen], ["cut"] * 4)
    seen = tls_transfers.fetch(AT, count=1, send=100)
    check_seen(check, seen, 1, "goodbye", 100, MIB, hashlib.sha256(payload_head(MIB)).hexdigest())
    serve.program.interrupt()
    run = serve.program.finish(30)
    for name, want in (("tls_handshakes", 13), ("closed", 1), ("failed", 12), ("open", 0)):
        check.equal(f"{name} here", run.total(name), want)
    check.that(set(run.failures()) <= {"reset", "truncated"}, f"failures here: {run.failures()}")


# ---- new keys in mid-transfer ----------------------------------------------------------------------


@case
def openssl_updates_keys(place, check):
    """Its own, and now and then ours with them, while the echo is under way. -brief prints nothing but what
    came, and commands are still heard: a read that begins with k or K."""
    serve, rng = Serve(place, "--echo", closes=()), random.Random(1)
    client = Piped(serve, *OPENSSL, "-tls1_3", "-brief", "-msg", "-msgfile", serve.file("messages"))
    sent = b""
    for command in (b"K\n", b"k\n", b"K\n", b"K\n", b"k\n", b"K\n"):
        data = bytes(rng.choices(b"abcdefghij", k=200_000))
        sent += data
        check.that(client.send(data) and client.send(command), "s_client did not take all it was given")
    last = bytes(rng.choices(b"abcdefghij", k=100_000))
    check.that(client.send(last), "s_client did not take all it was given")
    client.finish(check, sent + last)
    check.equal("KeyUpdates sent and received by s_client", tls_peers.key_updates(serve.file("messages")), (6, 4))
    check_bytes(check, serve.stop(check, 1), len(sent + last), len(sent + last))


@case
def openssl_renegotiates_in_vain(place, check):
    """TLS 1.2: we warn that there is no renegotiation (RFC 5246 7.2.2), on which s_client ends the connection
    with an alert of its own."""
    serve = Serve(place, "--echo", closes=())
    client = Piped(serve, *OPENSSL, "-tls1_2", "-brief")
    check.that(client.send(b"abc\n"), "s_client did not take all it was given")
    # What comes in the middle of its handshake would be another alert's business.
    check.that(lab.wait_until(lambda: b"abc" in client.came(), tls_peers.CLIENT_PATIENCE_S), "no echo")
    check.that(client.send(b"R\n"), "s_client did not take the command")
    check.that(lab.wait_until(lambda: client.child.process.poll() is not None, 10), "s_client hangs")
    client.child.stop()
    check.that(b"no renegotiation" in client.errors_text(), f"s_client said {client.errors_text()[-500:]}")
    run = serve.stop(check, 1, failures={"tls_alert": 1})
    if run.result:
        check.equal("alerts received", run.result["tls"]["alerts_received"], {"handshake_failure": 1})


lab.enter()
main()
