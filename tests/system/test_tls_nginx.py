# SPDX-License-Identifier: BSD-3-Clause
"""TLS to nginx: what shakedown counts of handshakes, versions, ciphers, names and protocols is what the
server logged, connection by connection, and its kernel saw nothing else."""

from collections import Counter

import lab
import tls_peers
from cases import case, check_all_closed, check_handshakes, check_result, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

LOAD = ("--device", DEVICE, "--rate", "100", "--duration", "1s")
CONNECTIONS = 100
URL = f"tls://{SERVER4}:443"
BIND = f"{SERVER4}:443"


def begin(place, more="", kind="p256", names="DNS:server.example", **settings):
    """A CA, and an nginx that shows a certificate of it."""
    place.pair()
    place.record()
    authority = tls_peers.Authority()
    identity = authority.issue("server", kind, names)
    return authority, tls_peers.Nginx(place, {BIND: identity}, more, **settings)


def run(*options, url=URL, local=LOCAL4):
    return shakedown("run", url, *LOAD, "--local", local, *options)


def count(sessions, what):
    """How often each value of @what came; an empty one is none."""
    return dict(Counter(s[what] for s in sessions if s[what] != ""))


def check_both_ends(check, result, nginx, before, resumes=False):
    """@return what nginx logged of the run."""
    check_handshakes(check, result, CONNECTIONS, resumes)
    sessions = nginx.sessions(CONNECTIONS)
    check.equal("connections in the server's log", len(sessions), CONNECTIONS)
    kernel = lab.kernel_delta(before)
    check.equal("TcpPassiveOpens at the server", kernel["TcpPassiveOpens"], CONNECTIONS)
    for name in ("TcpInErrs", "TcpInCsumErrors", "TcpExtListenOverflows", "TcpExtTCPReqQFullDrop"):
        check.equal(f"{name} at the server", kernel.get(name, 0), 0)
    if not result.result:
        return sessions
    tls = result.result["tls"]
    check.equal("segments without a connection", result.total("no_connection"), 0)
    check.equal("resumed in the server's log", count(sessions, "reused").get("r", 0),
                result.total("tls_resumed"))
    check.equal("versions in the server's log", count(sessions, "version"), tls["versions"])
    ciphers = Counter(tls_peers.standard_cipher(s["cipher"]) for s in sessions)
    check.equal("ciphers in the server's log", dict(ciphers), tls["ciphers"])
    check.equal("protocols in the server's log", count(sessions, "alpn"), tls["alpn"])
    return sessions


def full_and_resumed(place, check, kind, version, cipher):
    _, nginx = begin(place, kind=kind)
    for resumes in (False, True):
        before = lab.kernel_counters()
        result = run("--tls-versions", version, *(("--resume", "always", "--warmup", "no") if resumes else ()))
        check_both_ends(check, result, nginx, before, resumes)
        if result.result:
            tls, exchanged = result.result["tls"], CONNECTIONS
            if version == "1.2":  # whoever resumes has no key exchange
                exchanged -= result.total("tls_resumed")
            check.equal("versions", tls["versions"], {f"TLSv{version}": CONNECTIONS})
            check.equal("ciphers", tls["ciphers"], {cipher: CONNECTIONS})
            group = tls_peers.preferred_group(version)
            check.equal(f"handshakes with {group}", tls["groups"].get(group), exchanged)
            check.equal("handshakes without a key exchange", tls["groups"].get("none", 0),
                        CONNECTIONS - exchanged)


@case
def tls12_rsa2048(place, check):
    full_and_resumed(place, check, "rsa2048", "1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")


@case
def tls12_p256(place, check):
    full_and_resumed(place, check, "p256", "1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")


@case
def tls13_rsa2048(place, check):
    full_and_resumed(place, check, "rsa2048", "1.3", "TLS_AES_256_GCM_SHA384")


@case
def tls13_p256(place, check):
    full_and_resumed(place, check, "p256", "1.3", "TLS_AES_256_GCM_SHA384")


@case
def ipv6(place, check):
    place.pair()
    place.record()
    identity = tls_peers.Authority().issue("server")
    nginx = tls_peers.Nginx(place, {f"[{SERVER6}]:443": identity})
    before = lab.kernel_counters()
    check_both_ends(check, run(url=f"tls://[{SERVER6}]:443", local=LOCAL6), nginx, before)


@case
def all_of_them_resume_after_a_warmup(place, check):
    """One handshake for each core and name goes before, is counted apart, and every connection has a session."""
    _, nginx = begin(place)
    for version, names, warmups in (("1.2", 0, 1), ("1.3", 0, 1), ("1.3", 3, 3)):
        before = lab.kernel_counters()
        sni = ("--sni", ",".join(f"{i}.example" for i in range(names))) if names else ()
        result = run("--resume", "always", "--tls-versions", version, *sni)
        check_all_closed(check, result)
        for name, want in (("attempted", CONNECTIONS), ("tls_handshakes", CONNECTIONS),
                           ("tls_resume_due", CONNECTIONS), ("tls_resume_offered", CONNECTIONS),
                           ("tls_resumed", CONNECTIONS), ("tls_warmups", warmups), ("tls_warmups_failed", 0)):
            check.equal(name, result.total(name), want)
        logged = count(nginx.sessions(CONNECTIONS + warmups), "reused")
        check.equal("resumed at the server", logged.get("r"), CONNECTIONS)
        check.equal("TcpPassiveOpens at the server", lab.kernel_delta(before)["TcpPassiveOpens"],
                    CONNECTIONS + warmups)
        if result.result:
            check.equal("versions", result.result["tls"]["versions"], {f"TLSv{version}": CONNECTIONS})
            check.equal("samples of tls", result.result["latency"]["tls"]["count"], 0)
        check.that("warm-up" not in result.err, f"a warm-up failed: {result.err}")


@case
def a_warmup_that_fails_is_not_the_loads(place, check):
    """The port answers with RST: the note tells, and the figures are those of the load."""
    begin(place)
    result = run("--resume", "always", url=f"tls://{SERVER4}:444")
    check.that("1 of 1 warm-up connections failed" in result.err, f"it is not said: {result.err}")
    if check_result(check, result):
        check.equal("tls_warmups_failed", result.total("tls_warmups_failed"), 1)
        check.equal("failures", result.failures(), {"refused": CONNECTIONS})


@case
def half_of_them_resume(place, check):
    _, nginx = begin(place)
    result = run("--resume", "50%", "--warmup", "no")
    check_all_closed(check, result)
    logged = count(nginx.sessions(CONNECTIONS), "reused")
    check.equal("resumed at both ends", logged.get("r"), result.total("tls_resumed"))
    check.near("resumed", result.total("tls_resumed") or 0, CONNECTIONS / 2, 0.1)


@case
def chosen_cipher_and_group(place, check):
    """What is asked for is what is taken, of each version."""
    _, nginx = begin(place, kind="rsa2048", group="$ssl_curve")
    for version, option, asked, cipher in (
            ("1.2", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            ("1.3", "--ciphersuites", "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256")):
        before = lab.kernel_counters()
        result = run(option, asked, "--groups", "P-256", "--tls-versions", version)
        sessions = check_both_ends(check, result, nginx, before)
        check.equal("groups in the server's log", count(sessions, "group"), {"prime256v1": CONNECTIONS})
        if result.result:
            check.equal("ciphers", result.result["tls"]["ciphers"], {cipher: CONNECTIONS})
            check.equal("groups", result.result["tls"]["groups"], {"secp256r1": CONNECTIONS})


@case
def server_names(place, check):
    """One name, names in turns, none; sessions belong to a name, and resume under it only."""
    _, nginx = begin(place)
    for names, want in (("a.example", {"a.example": 100}),
                        ("a.example,b.example,c.example,d.example",
                         {f"{c}.example": 25 for c in "abcd"}),
                        ("off", {}), ("auto", {})):
        before = lab.kernel_counters()
        sessions = check_both_ends(check, run("--sni", names, "--resume", "always", "--warmup", "no"), nginx, before,
                                   resumes=True)
        check.equal(f"names in the server's log, of {names}", count(sessions, "sni"), want)


@case
def protocols(place, check):
    """The server's choice among those offered."""
    _, nginx = begin(place, "ssl_alpn spdy/3 http/1.1;")
    before = lab.kernel_counters()
    result = run("--alpn", "h2,http/1.1")
    check_both_ends(check, result, nginx, before)
    if result.result:
        check.equal("protocols", result.result["tls"]["alpn"], {"http/1.1": CONNECTIONS})


@case
def client_certificates(place, check):
    """nginx completes the handshake whatever the client shows, and looks at it afterwards: so its log
    says who came, and for shakedown the connections are in order."""
    place.pair()
    place.record()
    authority, stranger = tls_peers.Authority(), tls_peers.Authority("stranger")
    nginx = tls_peers.Nginx(place, {BIND: authority.issue("server")},
                            f"ssl_verify_client on; ssl_client_certificate {authority.pem};")
    for own, verdict in ((authority.issue("client"), "SUCCESS"), (None, "NONE"),
                         (stranger.issue("client"), "FAILED:unable to verify the first certificate")):
        before = lab.kernel_counters()
        result = run(*(("--cert", own[0], "--key", own[1]) if own else ()))
        sessions = check_both_ends(check, result, nginx, before)
        check.equal("verdicts in the server's log", count(sessions, "client"), {verdict: CONNECTIONS})


@case
def verified_by_address(place, check):
    """The server's certificate is for the address, as for one of several names."""
    authority, nginx = begin(place, names=f"DNS:server.example,IP:{SERVER4}")
    for options in ((), ("--sni", "server.example"), ("--sni", "server.example", "--resume", "always", "--warmup", "no")):
        before = lab.kernel_counters()
        result = run("--ca", authority.pem, *options)
        check_both_ends(check, result, nginx, before, resumes="--resume" in options)


@case
def long_certificate(place, check):
    """Its flight is some forty segments, which the window and the server's congestion control cut up."""
    names = ",".join(f"DNS:{i:040}.server.example" for i in range(900))
    authority, nginx = begin(place, names=names + f",IP:{SERVER4}")
    for version in ("1.2", "1.3"):
        before = lab.kernel_counters()
        result = run("--ca", authority.pem, "--tls-versions", version)
        check_both_ends(check, result, nginx, before)
        received = result.total("rx_payload_bytes") or 0
        check.that(received > CONNECTIONS * 45000, f"received {received} bytes of certificates")


@case
def closed_by_the_server(place, check):
    """nginx says close_notify, waits for ours, and closes, as asked for."""
    _, nginx = begin(place, closes_first=True)
    for options in (("--close", "peer"), ("--close", "peer", "--resume", "always", "--warmup", "no")):
        before = lab.kernel_counters()
        result = run(*options)
        check_both_ends(check, result, nginx, before, resumes="--resume" in options)
        check.equal("truncated here", result.total("tls_truncated"), 0)


@case
def a_hold_cut_short_by_the_server(place, check):
    """The same before a hold's end, which is another end than was asked for, and is said."""
    begin(place, closes_first=True)
    result = run("--hold", "10s")
    if check_result(check, result):
        check.equal("handshakes", result.total("tls_handshakes"), CONNECTIONS)
        check.equal("failures", result.failures(), {"hold_cut_short": CONNECTIONS})
        check.equal("truncated here", result.total("tls_truncated"), 0)
        check.that("before --hold was over" in result.out, "no advice")


@case
def held_open(place, check):
    """50 connections open at any time for a second each, both ends agree in the middle, and what comes at
    the hold's end is a clean close."""
    _, nginx = begin(place)
    before = lab.kernel_counters()
    seen = []
    timers = [lab.after(tenths / 10, lambda: seen.append(lab.kernel_counters()["TcpCurrEstab"]))
              for tenths in range(8, 34, 2)]  # how long the start takes depends on the machine
    result = shakedown("run", URL, "--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration",
                       "2s", "--hold", "1s")
    for timer in timers:
        timer.join()
    check_both_ends(check, result, nginx, before)
    check.equal("truncated here", result.total("tls_truncated"), 0)
    check.that(20 <= max(seen) <= 80, f"open at the server while it ran: {seen}, want 50")


@case
def saturated(place, check):
    """As many handshakes as the cores can compute: the port is still emptied in time, and nobody is lost."""
    _, nginx = begin(place)
    result = shakedown("run", URL, "--device", DEVICE, "--local", LOCAL4, "--connections", "200", "--duration",
                       "3s", "--tls-timeout", "20s", "--drain", "20s")
    check_all_closed(check, result)
    if result.result:
        check.equal("handshakes", result.total("tls_handshakes"), result.total("attempted"))
        check.equal("connections in the server's log", len(nginx.sessions(result.total("attempted"))),
                    result.total("attempted"))
        check.equal("rx_missed", result.total("rx_missed"), 0)
        check.equal("tx_dropped", result.total("tx_dropped"), 0)
        check.that(result.total("tls_backlog") > 0, "nobody had to wait for the core: it was not saturated")


lab.enter()
main()
