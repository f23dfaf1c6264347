# SPDX-License-Identifier: BSD-3-Clause
"""Payload over TLS to servers that others wrote: nginx before an echo, openssl s_server, gnutls-serv and
Python's ssl. The bytes of application data are the same at both ends, connection by connection."""

import hashlib

import lab
import tls_peers
import tls_transfers
import transfers
from cases import case, check_all_closed, check_handshakes, check_result, main, payload_head, shakedown
from lab import DEVICE, FAR4, GATEWAY4, LOCAL4, LOCAL6, NEAR4, SERVER4, SERVER6

MB = 1_000_000
URL, URL6 = f"tls://{SERVER4}:443", f"tls://[{SERVER6}]:443"
BIND, BIND6 = f"{SERVER4}:443", f"[{SERVER6}]:443"
ECHO = "127.0.0.1:7"

TEN = ("--device", DEVICE, "--rate", "10", "--duration", "1s", "--drain", "30s")


def amounts(sent, received):
    return (*(("--send", str(sent)) if sent else ()), *(("--receive", str(received)) if received else ()))


def run(sent, received, *options, url=URL, local=LOCAL4):
    return shakedown("run", url, *TEN, "--local", local, *amounts(sent, received), *options)


def check_run(check, result, connections, sent, received, truncated=0):
    """@connections, all closed, each with so much of application data."""
    check_handshakes(check, result, connections, resumes=False)
    for name, want in (("tls_tx_bytes", connections * sent), ("tls_rx_bytes", connections * received),
                       ("tls_truncated", truncated)):
        check.equal(name, result.total(name), want)


def check_kernel(check, before):
    kernel = lab.kernel_delta(before)
    check.equal("TcpInErrs at the server", kernel["TcpInErrs"], 0)
    check.equal("TcpInCsumErrors at the server", kernel["TcpInCsumErrors"], 0)


# ---- nginx -----------------------------------------------------------------------------------------


def nginx(place, check, options=(), size=MB, bind=BIND, url=URL, local=LOCAL4, more="", version="TLSv1.3"):
    """Ten connections through nginx to an echo in the clear and back; all three counted the same."""
    place.pair()
    place.record()
    echo = transfers.Server(place, ECHO, echo=1)
    server = tls_peers.Nginx(place, {bind: tls_peers.Authority().issue("server")}, more, to=ECHO)
    before = lab.kernel_counters()
    result = run(size, size, *options, url=url, local=local)
    check_run(check, result, 10, size, size)
    sessions, seen = server.sessions(10), echo.stop()
    check_kernel(check, before)
    check.equal("connections in nginx's log", len(sessions), 10)
    for s in sessions:
        check.equal("nginx's session", (s["version"], s["status"], s["received"], s["sent"]),
                    (version, 200, size, size))
    digest = hashlib.sha256(payload_head(size)).hexdigest()
    check.equal("connections at the echo", len(seen), 10)
    for t in seen:
        check.equal(f"connection {t['number']} at the echo", (t["ended"], t["received"], t["sent"]),
                    ("eof", size, size))
        check.that(t["received_sha256"] == digest, f"connection {t['number']}: other bytes than were sent")
    return result


@case
def nginx_tls13(place, check):
    nginx(place, check)


@case
def nginx_tls12(place, check):
    nginx(place, check, ("--tls-versions", "1.2"), version="TLSv1.2")


@case
def nginx_ipv6(place, check):
    nginx(place, check, bind=BIND6, url=URL6, local=LOCAL6)


@case
def nginx_small_windows(place, check):
    """A record does not fit into our window, nor into what nginx takes at a time."""
    nginx(place, check, ("--window", "4KiB"), size=100_000, more="proxy_buffer_size 1k;")


@case
def nginx_odd_size(place, check):
    nginx(place, check, size=16385)


@case
def nginx_close_rst(place, check):
    """We reset when all has come: nginx takes it for an end, if not for a nice one."""
    nginx(place, check, ("--close", "rst"))


@case
def nginx_resumed(place, check):
    """The tickets come among the first bytes of the echo."""
    place.pair()
    place.record()
    echo = transfers.Server(place, ECHO, echo=1)
    server = tls_peers.Nginx(place, {BIND: tls_peers.Authority().issue("server")}, to=ECHO)
    result = run(65537, 65537, "--resume", "always", "--warmup", "no")
    check_handshakes(check, result, 10, resumes=True)
    for name in ("tls_tx_bytes", "tls_rx_bytes"):
        check.equal(name, result.total(name), 10 * 65537)
    sessions = server.sessions(10)
    check.equal("sessions of all bytes in nginx's log",
                sum(s["received"] == s["sent"] == 65537 for s in sessions), 10)
    check.equal("resumed in nginx's log", sum(s["reused"] == "r" for s in sessions),
                result.total("tls_resumed"))
    check.equal("bytes at the echo", sum(t["received"] for t in echo.stop()), 10 * 65537)


@case
def nginx_saturated(place, check):
    """As fast as it goes, 32 at a time: in the sum both ends count the same."""
    place.pair()
    place.record()
    echo = transfers.Server(place, ECHO, echo=1)
    server = tls_peers.Nginx(place, {BIND: tls_peers.Authority().issue("server")}, to=ECHO)
    result = shakedown("run", URL, "--device", DEVICE, "--local", LOCAL4, "--connections", "32", "--duration",
                       "2s", "--drain", "30s", *amounts(100_000, 100_000))
    check_all_closed(check, result)
    n = result.total("attempted") or 0
    sessions, seen = server.sessions(n), echo.stop()
    check.equal("connections in nginx's log", len(sessions), n)
    for name, log, there in (("tls_tx_bytes", "received", "received"), ("tls_rx_bytes", "sent", "sent")):
        check.equal(name, result.total(name), n * 100_000)
        check.equal(f"{name} in nginx's log", sum(s[log] for s in sessions), n * 100_000)
        check.equal(f"{name} at the echo", sum(t[there] for t in seen), n * 100_000)


# ---- Python's ssl, and how it may end --------------------------------------------------------------


def python(place, sent, received, options=(), **settings):
    """Ten connections to a server in Python; @return the run, and what each connection saw."""
    place.pair()
    place.record()
    server = tls_transfers.Server(place, BIND, tls_peers.Authority().issue("server"), **settings)
    result = run(sent, received, *options)
    return result, server.stop()


def check_seen(check, seen, connections, sent, received, ended="goodbye"):
    """What came there is what we sent, to the byte."""
    digest = hashlib.sha256(payload_head(received)).hexdigest()
    check.equal("connections at the peer", len(seen), connections)
    for t in seen:
        name = f"connection {t['number']} at the peer"
        check.equal(name, (t["ended"], t["sent"], t["received"]), (ended, sent, received))
        check.that(t["received_sha256"] == digest, f"{name}: other bytes than were sent")


@case
def python_echo(place, check):
    result, seen = python(place, MB, MB, echo=1)
    check_run(check, result, 10, MB, MB)
    check_seen(check, seen, 10, MB, MB)


@case
def python_source_and_sink(place, check):
    """Both ways at once, of different sizes."""
    result, seen = python(place, 2 * MB + 1, MB + 3, send=MB + 3)
    check_run(check, result, 10, 2 * MB + 1, MB + 3)
    check_seen(check, seen, 10, MB + 3, 2 * MB + 1)


@case
def python_ends_first(place, check):
    """Its close_notify comes when it has sent all, with or without a FIN; our direction goes on."""
    for close in ("notify", "first"):
        with lab.Lab(place.name, place.tools) as own:
            result, seen = python(own, MB, 65537, ("--close", "peer"), send=65537, close=close)
            check_run(check, result, 10, MB, 65537)
            check_seen(check, seen, 10, 65537, MB)


@case
def python_ends_without_close_notify(place, check):
    """All had come: nothing is cut short, and yet TLS was."""
    result, seen = python(place, MB, 65537, ("--close", "peer"), send=65537, close="fin")
    check_run(check, result, 10, MB, 65537, truncated=10)
    check_seen(check, seen, 10, 65537, MB)


@case
def python_leaves_early(place, check):
    """It goes when 100 kB of a megabyte have come, with unread bytes in its socket, for which Linux resets:
    whatever of its last words came before that, no connection counts as closed."""
    for close in ("leave", "vanish", "reset"):
        with lab.Lab(place.name, place.tools) as own:
            result, seen = python(own, MB, MB, echo=1, cut=100_000, close=close)
            if check_result(check, result):
                failures = result.failures()
                check.equal(f"failed of those that {close}", result.total("failed"), 10)
                check.that(set(failures) <= {"truncated", "reset"}, f"failures: {failures}")
            check.equal(f"connections at the peer that {close}", len(seen), 10)


@case
def python_ends_before_all_has_come(place, check):
    """In order, with and without close_notify, but a byte too early: the exchange is cut short."""
    for close, truncated in (("first", 0), ("fin", 10)):
        with lab.Lab(place.name, place.tools) as own:
            result, seen = python(own, 0, 65537, send=65536, close=close)
            if check_result(check, result):
                check.equal(f"failures after {close}", result.failures(), {"truncated": 10})
                check.equal(f"tls_truncated after {close}", result.total("tls_truncated"), truncated)
                check.equal(f"tls_rx_bytes after {close}", result.total("tls_rx_bytes"), 10 * 65536)
            check.equal(f"connections at the peer that {close}", len(seen), 10)


# ---- loss ------------------------------------------------------------------------------------------


@case
def python_echo_with_losses(place, check):
    """One segment in a hundred is lost, either way: records come apart, and together again."""
    place.routed()
    place.lose(to_server=100, to_client=100)
    place.record()
    server = tls_transfers.Server(place, f"{FAR4}:443", tls_peers.Authority().issue("server"), echo=1)
    result = shakedown("run", f"tls://{FAR4}:443", *TEN, *GATEWAY4, "--local", NEAR4, *amounts(MB, MB))
    check_run(check, result, 10, MB, MB)
    check_seen(check, server.stop(), 10, MB, MB)
    check.that(place.lost() > 20, f"only {place.lost()} segments were lost")


lab.enter()
main()
