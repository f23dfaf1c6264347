# SPDX-License-Identifier: BSD-3-Clause
"""`shakedown run tls://...` on the loopback device: both sides in one process count the same."""

import os
import tempfile

import lab
from cases import case, check_handshakes, check_tls_failure, main, shakedown

URL = "tls://198.18.0.1:443"
KINDS = ("rsa2048", "rsa4096", "p256", "p384", "ed25519")
SIGNATURES = {"rsa2048": "RSA", "rsa4096": "RSA", "p256": "ECDSA", "p384": "ECDSA", "ed25519": "ECDSA"}


def knows_post_quantum():
    """Whether the OpenSSL of this machine does: from 3.5 on."""
    return [int(n) for n in lab.quiet(["openssl", "version"]).split()[1].split(".")[:2]] >= [3, 5]


def run(*options, url=URL, rate="50"):
    return shakedown("run", url, "--rate", rate, "--duration", "1s", "--drain", "10s", *options)


def check_both_sides(check, result, connections=50, resumes=False):
    check_handshakes(check, result, connections, resumes)
    if not result.result:
        return
    for name in ("tls_handshakes", "tls_resumed", "tls_truncated", "established", "closed", "failed"):
        sums = {role: sum(c[name] for c in result.result["cores"] if c["role"] == role)
                for role in ("client", "server")}
        check.equal(f"{name} by the client", sums["client"], result.total(name))
        check.equal(f"{name} by the server", sums["server"], sums["client"])


@case
def as_many_tickets_as_are_asked_for(_, check):
    """By a ticket request (RFC 9149), which the server answers; without one it gives two."""
    for options, tickets in ((("--ticket-count", "5", "--resume", "always"), 5), (("--tickets", "no"), 0)):
        result = run("--tls-versions", "1.3", "--hold", "200ms", *options, rate="1")
        check_both_sides(check, result, connections=1)
        if result.result:
            check.equal(f"tickets with {options}", result.total("tls_tickets"), tickets)


@case
def post_quantum_certificates(_, check):
    """Where OpenSSL knows ML-DSA each handshake is signed with it; elsewhere a sentence names the version that does."""
    for kind, name in (("mldsa44", "ML-DSA-44"), ("mldsa65", "ML-DSA-65"), ("mldsa87", "ML-DSA-87")):
        result = run("--self-signed", kind)
        if not knows_post_quantum():
            check.equal("exit status", result.status, 2)
            check.that(f"{name} is known to OpenSSL 3.5 and later" in " ".join(result.err.split()), result.err)
            continue
        check_both_sides(check, result)
        if result.result:
            check.equal("certificates", result.result["tls"]["certificates"], {name: 50})
            check.equal("signatures", result.result["tls"]["signatures"], {kind: 50})


@case
def every_kind_of_key(_, check):
    """Ed25519 certificates use TLS 1.2's suites of ECDSA (RFC 8422 5.10)."""
    for kind in KINDS:
        for version in ("1.2", "1.3"):
            result = run("--self-signed", kind, "--tls-versions", version)
            check_both_sides(check, result)
            cipher = {"1.2": f"TLS_ECDHE_{SIGNATURES[kind]}_WITH_AES_256_GCM_SHA384",
                      "1.3": "TLS_AES_256_GCM_SHA384"}[version]
            if result.result:
                tls = result.result["tls"]
                check.equal(f"ciphers with {kind}", tls["ciphers"], {cipher: 50})
                check.equal(f"versions with {kind}", tls["versions"], {f"TLSv{version}": 50})


@case
def resumed(_, check):
    for version in ("1.2", "1.3"):
        check_both_sides(check, run("--resume", "always", "--tls-versions", version), resumes=True)


@case
def resumed_on_several_lcores(_, check):
    """Any worker of the responder can resume what another one began."""
    for version in ("1.2", "1.3"):
        result = run("--resume", "always", "--tls-versions", version, "--lcores", "2", rate="100")
        check_both_sides(check, result, 100, resumes=True)


@case
def ipv6(_, check):
    check_both_sides(check, run("--local", "2001:2::10-2001:2::ff/48", url="tls://[2001:2::1]:443"))


@case
def names_and_protocols(_, check):
    result = run("--sni", "a.example,b.example", "--alpn", "h2,http/1.1")
    check_both_sides(check, result)
    if result.result:
        check.equal("protocols", result.result["tls"]["alpn"], {"h2": 50})


@case
def held(_, check):
    """Closed by the client after its hold, and by the responder before it."""
    check_both_sides(check, run("--hold", "300ms"))
    check_both_sides(check, run("--close", "peer"))


@case
def a_certificate_that_is_not_trusted(_, check):
    """What loopback makes for itself is in no system's store."""
    check_tls_failure(check, run("--verify", "yes"), "tls_untrusted",
                      "certificate verify failed: self-signed certificate",
                      "certificate is not trusted, for the reasons above", sent="unknown_ca",
                      untrusted="self-signed certificate")


@case
def in_batches(_, check):
    """Handshakes that wait for each other do the same as those that do not, and the result says which."""
    for mode, providers in (("on", ("openssl-batch", "crypto_mb")), ("off", ("openssl",))):
        for kind in ("rsa2048", "p256"):
            for version in ("1.2", "1.3"):
                result = run("--tls-batch", mode, "--self-signed", kind, "--tls-versions", version)
                check_both_sides(check, result)
                if result.result:
                    provider = result.result["tls"]["provider"]
                    check.that(provider in providers, f"--tls-batch {mode}: computed by {provider}")
                    shared = result.result["tls"]["batches"]["x25519_shared"]
                    check.equal(f"shared secrets computed with --tls-batch {mode}", shared["sum"],
                                50 if mode == "on" else 0)
                    check.that(shared["max"] <= 8, f"more than there are lanes: {shared}")


@case
def resumed_in_batches(_, check):
    for version in ("1.2", "1.3"):
        check_both_sides(check, run("--tls-batch", "on", "--resume", "always", "--tls-versions", version),
                         resumes=True)


@case
def what_openssl_cnf_names_computes(_, check):
    """A provider beside the default one: batches would pass it over."""
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as conf:
        conf.write("openssl_conf = all\n[all]\nproviders = both\n[both]\ndefault = on\nnull = on\n"
                   "[on]\nactivate = 1\n")
        conf.flush()
        env = ("env", f"OPENSSL_CONF={conf.name}")
        result = shakedown("run", URL, "--rate", "50", "--duration", "1s", prefix=env)
        check_both_sides(check, result)
        if result.result:
            check.equal("provider", result.result["tls"]["provider"], "openssl.cnf")
        refused = shakedown("run", URL, "--duration", "1s", "--tls-batch", "on", prefix=env)
        check.equal("exit status", refused.status, 2)
        check.that("--tls-batch on: openssl.cnf names" in refused.err, f"it says: {refused.err}")


@case
def one_at_a_time_is_not_behind(_, check):
    """A turn that did all the TLS there was left none for the next, however long it took."""
    result = shakedown("run", URL, "--connections", "1", "--duration", "500ms", "--self-signed", "rsa2048")
    if result.result:
        check.that(result.total("tls_handshakes") > 1, f"handshakes: {result.total('tls_handshakes')}")
        check.equal("polls that left TLS work", [c["tls_backlog"] for c in result.result["cores"]], [0, 0])
        check.that("more TLS to compute than it could" not in result.out, "advice on a limit that is none")


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
