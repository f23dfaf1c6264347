# SPDX-License-Identifier: BSD-3-Clause
"""TLS that comes to nothing: every way to fail has its own cause, the alert's name, OpenSSL's words about
the first connection that failed so, and advice."""

import re

import lab
import peers
import tls_peers
from cases import case, check_handshakes, check_result, check_tls_failure, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

CONNECTIONS = 20
LOAD = ("--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration", "400ms", "--drain", "4s")
URL = f"tls://{SERVER4}:443"
BIND = f"{SERVER4}:443"

# Nobody but the server ends the hold: a drain would close what has begun late before the server does.
HELD = ("--device", DEVICE, "--local", LOCAL4, "--rate", "5", "--duration", "2s", "--hold", "10s")
HELD_CONNECTIONS = 10

NO_COMMON_GROUND = "takes nothing of what this run offers"
CLIENT_CERTIFICATE = "wants a client certificate, or another one"
NOT_TRUSTED = "certificate is not trusted, for the reasons above"
NO_SUCH_NAME = "knows no such name"
NO_SUCH_PROTOCOL = "speaks none of the protocols in --alpn"


def begin(place, more="", authority=None, **identity):
    place.pair()
    place.record()
    authority = authority or tls_peers.Authority()
    return authority, tls_peers.Nginx(place, {BIND: authority.issue("server", **identity)}, more)


def begin_openssl(place, *options, n=CONNECTIONS):
    """s_server with a certificate of a CA of its own. @return the CA, the server."""
    place.pair()
    place.record()
    authority = tls_peers.Authority()
    options = [authority.pem if o == "CA" else o for o in options]
    return authority, tls_peers.OpensslServer(place, 443, authority.issue("server"), n, *options)


def run(*options):
    return shakedown("run", URL, *LOAD, *options)


# ---- refused by the target -------------------------------------------------------------------------


@case
def no_shared_version(place, check):
    begin(place, "ssl_protocols TLSv1.3;")
    check_tls_failure(check, run("--tls-versions", "1.2"), "tls_alert", "alert protocol version",
                      NO_COMMON_GROUND, received="protocol_version")


@case
def no_shared_cipher(place, check):
    """In TLS 1.2 of the cipher list, in TLS 1.3 of the suites."""
    begin(place, "ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384; ssl_conf_command Ciphersuites "
                 "TLS_AES_256_GCM_SHA384;")
    for version, option, cipher in (("1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"),
                                    ("1.3", "--ciphersuites", "TLS_AES_128_GCM_SHA256")):
        check_tls_failure(check, run("--tls-versions", version, option, cipher), "tls_alert",
                          "alert handshake failure", NO_COMMON_GROUND, received="handshake_failure")


@case
def no_shared_group(place, check):
    begin(place, "ssl_ecdh_curve X25519;")
    check_tls_failure(check, run("--groups", "P-384", "--tls-versions", "1.3"), "tls_alert",
                      "alert handshake failure", NO_COMMON_GROUND, received="handshake_failure")


@case
def no_shared_protocol(place, check):
    begin(place, "ssl_alpn spdy/3;")
    check_tls_failure(check, run("--alpn", "h2,http/1.1"), "tls_alert", "no application protocol",
                      NO_SUCH_PROTOCOL, received="no_application_protocol")


@case
def unknown_name(place, check):
    authority = tls_peers.Authority()
    place.pair()
    place.record()
    cert, key = authority.issue("other")
    tls_peers.OpensslServer(place, 443, authority.issue("server"), CONNECTIONS, "-servername",
                            "other.example", "-servername_fatal", "-cert2", cert, "-key2", key)
    check_tls_failure(check, run("--sni", "server.example"), "tls_alert", "unrecognized name",
                      NO_SUCH_NAME, received="unrecognized_name")


@case
def client_certificate_missing(place, check):
    """TLS 1.2 has no alert of its own for it."""
    begin_openssl(place, "-Verify", "1", "-verifyCAfile", "CA", "-verify_return_error", "-tls1_2")
    check_tls_failure(check, run(), "tls_alert", "alert handshake failure",
                      "no version, cipher or group that both sides take",
                      received="handshake_failure")


@case
def client_certificate_missing_tls13(place, check):
    """For the client the handshake is complete before the server has looked at its certificate: the
    alert is seen while the connection is held open, as a failure."""
    begin_openssl(place, "-Verify", "1", "-verifyCAfile", "CA", "-verify_return_error", "-tls1_3",
                  n=HELD_CONNECTIONS)
    result = shakedown("run", URL, *HELD)
    check_tls_failure(check, result, "tls_alert", "alert certificate required", CLIENT_CERTIFICATE,
                      received="certificate_required")
    check.equal("handshakes", result.total("tls_handshakes"), HELD_CONNECTIONS)


@case
def client_certificate_of_another_ca(place, check):
    begin_openssl(place, "-Verify", "1", "-verifyCAfile", "CA", "-verify_return_error", "-tls1_2")
    cert, key = tls_peers.Authority("stranger").issue("client")
    check_tls_failure(check, run("--cert", cert, "--key", key), "tls_alert", "alert unknown ca",
                      CLIENT_CERTIFICATE, received="unknown_ca")


@case
def client_certificate_accepted(place, check):
    for version in ("-tls1_2", "-tls1_3"):
        with lab.Lab(place.name, place.tools) as own:
            authority, server = begin_openssl(own, "-Verify", "1", "-verifyCAfile", "CA",
                                              "-verify_return_error", version)
            cert, key = authority.issue("client")
            result = run("--cert", cert, "--key", key)
            check_handshakes(check, result, CONNECTIONS)
            text = server.finish()
            check.equal("accepts that finished at the server",
                        tls_peers.openssl_statistic(text, "server accepts that finished"), CONNECTIONS)
            check.equal("clients the server knows", len(re.findall("subject=CN ?= ?client", text)), CONNECTIONS)


# ---- refused by us ---------------------------------------------------------------------------------


@case
def certificate_of_another_ca(place, check):
    begin(place, names=f"IP:{SERVER4}")
    stranger = tls_peers.Authority("stranger")
    check_tls_failure(check, run("--ca", stranger.pem), "tls_untrusted",
                      "certificate verify failed: unable to get local issuer certificate", NOT_TRUSTED,
                      sent="unknown_ca", untrusted="unable to get local issuer certificate")


@case
def certificate_that_has_expired(place, check):
    authority, _ = begin(place, names=f"IP:{SERVER4}", valid=tls_peers.EXPIRED)
    check_tls_failure(check, run("--ca", authority.pem), "tls_untrusted",
                      "certificate verify failed: certificate has expired", NOT_TRUSTED,
                      sent="certificate_expired", untrusted="certificate has expired")


@case
def certificate_for_another_name(place, check):
    authority, _ = begin(place, names="DNS:other.example")
    check_tls_failure(check, run("--ca", authority.pem, "--sni", "server.example"), "tls_untrusted",
                      "certificate verify failed: hostname mismatch", NOT_TRUSTED,
                      sent="bad_certificate", untrusted="hostname mismatch")


@case
def certificate_for_another_address(place, check):
    authority, _ = begin(place, names="DNS:server.example,IP:198.18.0.2")
    check_tls_failure(check, run("--ca", authority.pem), "tls_untrusted",
                      "certificate verify failed: IP address mismatch", NOT_TRUSTED,
                      sent="bad_certificate", untrusted="IP address mismatch")


@case
def certificate_that_nobody_looks_at(place, check):
    """Without --ca or --verify all of these are taken."""
    begin(place, names="DNS:other.example", valid=tls_peers.EXPIRED)
    check_handshakes(check, run("--sni", "server.example"), CONNECTIONS)


# ---- no TLS at all ---------------------------------------------------------------------------------


@case
def port_of_plain_http(place, check):
    """nginx answers what it takes for a bad request, and closes. Whether OpenSSL answers that with an
    alert is a matter of its version."""
    place.pair()
    place.record()
    peers.start_nginx(place, BIND)
    result = run()
    says_so = "tls_alert_sent" in result.failures()
    check_tls_failure(check, result, "tls_alert_sent" if says_so else "tls", "wrong version number",
                      "The target answers in plain text", sent="protocol_version" if says_so else None)


@case
def closed_in_the_middle(place, check):
    place.pair()
    place.record()
    server = peers.start_server(place, BIND, close="read")
    check_tls_failure(check, run(), "tls_closed", "the other side closed",
                      "closed in the middle of the handshake")
    check.that(peers.stop_server(server)["bytes"] > CONNECTIONS * 100, "nothing came to the server")


@case
def never_answered(place, check):
    place.pair()
    place.record()
    server = peers.start_server(place, BIND, close="last")
    result = run("--tls-timeout", "300ms")
    check_tls_failure(check, result, "tls_timeout", None, "Not one TLS handshake was completed in time")
    check.equal("accepted at the server", peers.stop_server(server)["accepted"], CONNECTIONS)


@case
def closed_without_close_notify(place, check):
    """After the handshake, while the connection is held: the hold is cut short, and how is counted."""
    place.pair()
    place.record()
    tls_peers.RudeServer(place, BIND, tls_peers.Authority().issue("server"))
    result = shakedown("run", URL, *HELD)
    if check_result(check, result):
        check.equal("handshakes", result.total("tls_handshakes"), HELD_CONNECTIONS)
        check.equal("failures", result.failures(), {"hold_cut_short": HELD_CONNECTIONS})
    check.equal("truncated", result.total("tls_truncated"), HELD_CONNECTIONS)
    check.that("tls_truncated" in result.out, "the summary does not say so")


lab.enter()
main()
