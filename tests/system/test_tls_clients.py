# SPDX-License-Identifier: BSD-3-Clause
"""TLS to `shakedown serve`: openssl, curl and GnuTLS connect, verify and resume, and what they print is what
serve counted."""

import os

import lab
import peers
import tls_peers
from cases import case, check_result, main
from tls_peers import Client, check_client
from tls_serve import ADDRESS, ADDRESS6, AT, Serve


# ---- every kind of key, both versions --------------------------------------------------------------

# The key as openssl s_client prints it, and the signature of TLS 1.3: 3.0's word for it, and 3.5's.
KEY_KINDS = {
    "rsa2048": (2048, "RSA-PSS|rsa_pss_rsae_sha256"), "rsa4096": (4096, "RSA-PSS|rsa_pss_rsae_sha256"),
    "p256": (256, "ECDSA|ecdsa_secp256r1_sha256"), "p384": (384, "ECDSA|ecdsa_secp384r1_sha384"),
    "ed25519": (256, "ed25519"),
}


def self_signed(place, check, kind):
    """Verified by the certificate itself, for the address that serve has."""
    serve = Serve(place, "--self-signed", kind)
    trusted = ("-CAfile", serve.own_certificate(), "-verify_return_error", "-verify_ip", ADDRESS)
    bits, signature = KEY_KINDS[kind]
    check_client(check, serve.openssl("-tls1_3", *trusted), r"^New, TLSv1\.3, Cipher is TLS_AES_256_GCM",
                 rf"^Server public key is {bits} bit", rf"^Peer signature type: (?i:{signature})$",
                 r"^Verification: OK$")
    check_client(check, serve.openssl("-tls1_2", *trusted), r"^New, TLSv1\.2, Cipher is ECDHE-",
                 rf"^Server public key is {bits} bit", r"^Verification: OK$")
    stranger = tls_peers.Authority("stranger")
    refused = serve.openssl("-CAfile", stranger.pem, "-verify_return_error")
    check_client(check, refused, "verify error:num=18:self-signed certificate", status=1)
    run = serve.stop(check, 3, failures={"tls_alert": 1})
    if run.result:
        tls = run.result["tls"]
        check.equal("versions", tls["versions"], {"TLSv1.3": 2, "TLSv1.2": 1})
        check.equal("alerts received", tls["alerts_received"], {"unknown_ca": 1})
        hints = [hint["name"] for hint in run.result["hints"]]
        check.that("clients_trust" in hints, f"no advice on trust: {hints}")


@case
def self_signed_rsa2048(place, check):
    self_signed(place, check, "rsa2048")


@case
def self_signed_rsa4096(place, check):
    self_signed(place, check, "rsa4096")


@case
def self_signed_p256(place, check):
    self_signed(place, check, "p256")


@case
def self_signed_p384(place, check):
    self_signed(place, check, "p384")


@case
def self_signed_ed25519(place, check):
    self_signed(place, check, "ed25519")


# ---- openssl ---------------------------------------------------------------------------------------


@case
def openssl_resumes(place, check):
    """In both versions; and by a session of a serve without tickets not at all."""
    serve = Serve(place)
    for version in ("-tls1_2", "-tls1_3"):
        session = serve.file("session")
        check_client(check, serve.openssl(version, "-sess_out", session), r"^New, TLSv1\.")
        for _ in range(3):
            check_client(check, serve.openssl(version, "-sess_in", session), r"^Reused, TLSv1\.")
    run = serve.stop(check, 8, resumed=6)
    if run.result:
        check.equal("full and resumed", [run.result["latency"][k]["count"] for k in ("tls", "tls_resumed")],
                    [2, 6])


@case
def openssl_resumes_by_session_id(place, check):
    """TLS 1.2 without the ticket extension: one worker remembers."""
    serve = Serve(place, "--tls-versions", "1.2")
    session = serve.file("session")
    check_client(check, serve.openssl("-no_ticket", "-sess_out", session), r"^New, TLSv1\.2")
    check_client(check, serve.openssl("-no_ticket", "-sess_in", session), r"^Reused, TLSv1\.2")
    serve.stop(check, 2, resumed=1)


@case
def openssl_is_given_as_many_tickets_as_told(place, check):
    serve = Serve(place, "--ticket-count", "5")
    client = serve.openssl("-tls1_3")
    check.equal("tickets", client.describe().count("Post-Handshake New Session Ticket arrived"), 5)
    serve.stop(check, 1)


@case
def openssl_finds_its_session_as_long_as_there_is_room(place, check):
    """By its id; the one before has made way for it."""
    serve = Serve(place, "--session-cache", "1")
    for name in ("first", "second"):
        serve.openssl("-tls1_2", "-no_ticket", "-sess_out", serve.file(name))
    for name, words in (("second", r"^Reused, TLSv1\.2"), ("first", r"^New, TLSv1\.2")):
        check_client(check, serve.openssl("-tls1_2", "-no_ticket", "-sess_in", serve.file(name)), words)
    serve.stop(check, 4, resumed=1)


@case
def openssl_is_given_no_tickets(place, check):
    serve = Serve(place, "--tickets", "no")
    for version in ("-tls1_2", "-tls1_3"):
        session = serve.file(f"session{version}")
        client = serve.openssl(version, "-sess_out", session)
        check_client(check, client, r"^New, TLSv1\.")
        check.that(not client.says("TLS session ticket:"), f"a ticket came:\n{client.describe()}")
        if os.path.exists(session):
            check_client(check, serve.openssl(version, "-sess_in", session), r"^New, TLSv1\.")
        else:
            check_client(check, serve.openssl(version), r"^New, TLSv1\.")
    serve.stop(check, 4)


@case
def openssl_ipv6(place, check):
    serve = Serve(place)
    check_client(check, serve.openssl(at=f"[{ADDRESS6}]:443"), r"^New, TLSv1\.3")
    serve.stop(check, 1)


@case
def openssl_names_and_protocols(place, check):
    """The responder's order of ALPN decides; a client with none of them is refused, one without is not."""
    serve = Serve(place, "--alpn", "http/1.1,h2")
    check_client(check, serve.openssl("-servername", "a.example", "-alpn", "h2,http/1.1"),
                 "^ALPN protocol: http/1.1$")
    check_client(check, serve.openssl("-alpn", "h2"), "^ALPN protocol: h2$")
    check_client(check, serve.openssl(), "^No ALPN negotiated$")
    check_client(check, serve.openssl("-alpn", "spdy/3"), "alert no application protocol", status=1)
    run = serve.stop(check, 3, failures={"tls_alert_sent": 1})
    if run.result:
        tls = run.result["tls"]
        check.equal("protocols", tls["alpn"], {"http/1.1": 1, "h2": 1})
        check.equal("alerts sent", tls["alerts_sent"], {"no_application_protocol": 1})


@case
def openssl_finds_nothing_in_common(place, check):
    serve = Serve(place, "--tls-versions", "1.3", "--ciphersuites", "TLS_AES_128_GCM_SHA256", "--groups",
                  "X25519")
    check_client(check, serve.openssl("-tls1_2"), "alert protocol version", status=1)
    check_client(check, serve.openssl("-ciphersuites", "TLS_AES_256_GCM_SHA384"), "alert handshake failure",
                 status=1)
    check_client(check, serve.openssl("-groups", "P-256"), "alert handshake failure", status=1)
    check_client(check, serve.openssl("-groups", "P-256:X25519"), r"^(Server|Peer) Temp Key: X25519,")
    run = serve.stop(check, 1, failures={"tls_alert_sent": 3})
    if run.result:
        tls = run.result["tls"]
        check.equal("alerts sent", tls["alerts_sent"], {"protocol_version": 1, "handshake_failure": 2})
        check.equal("ciphers", tls["ciphers"], {"TLS_AES_128_GCM_SHA256": 1})
        check.that("found nothing in what the client offers" in " ".join(run.out.split()),
                   "no advice on what there is to choose")


@case
def openssl_client_certificates(place, check):
    """Asked for and taken as it comes; asked for and looked at."""
    authority, stranger = tls_peers.Authority(), tls_peers.Authority("stranger")
    clients = [("-cert", cert, "-key", key)
               for cert, key in (authority.issue("client"), stranger.issue("client"))]
    with lab.Lab(place.name, place.tools) as own:
        serve = Serve(own, "--request-cert", "yes")
        for options in ((), *clients):
            check_client(check, serve.openssl(*options), r"^New, TLSv1\.3")
        serve.stop(check, 3)
    serve = Serve(place, "--request-cert", "yes", "--ca", authority.pem)
    check_client(check, serve.openssl(*clients[0]), "^Acceptable client certificate CA names$",
                 "^CN ?= ?shakedown ca$", r"^New, TLSv1\.3")
    # In TLS 1.3 the client's handshake is complete before it is refused: s_client ends with 0 or 1.
    for options, words in (((), "alert certificate required"), (clients[1], "alert unknown ca")):
        client = serve.openssl(*options)
        check.that(client.says(words), f"{words!r} is not there:\n{client.describe()}")
    check_client(check, serve.openssl("-tls1_2"), "alert handshake failure", status=1)
    run = serve.stop(check, 1, failures={"tls_untrusted": 1, "tls_alert_sent": 2})
    if run.result:
        check.equal("alerts sent", run.result["tls"]["alerts_sent"],
                    {"certificate_required": 1, "unknown_ca": 1, "handshake_failure": 1})
        check.that("Clients' certificates are not trusted" in run.out, "no advice on trust")


@case
def openssl_gets_a_long_certificate(place, check):
    """More than the send ring has room for, from files."""
    authority = tls_peers.Authority()
    names = ",".join(f"DNS:{i:040}.server.example" for i in range(900)) + f",IP:{ADDRESS}"
    cert, key = authority.issue("server", "rsa2048", names)
    serve = Serve(place, "--cert", cert, "--key", key)
    for version in ("-tls1_2", "-tls1_3"):
        check_client(check, serve.openssl(version, "-CAfile", authority.pem, "-verify_return_error",
                                          "-verify_ip", ADDRESS), "^Verification: OK$")
    run = serve.stop(check, 2)
    sent = run.total("tx_payload_bytes") or 0
    check.that(sent > 90000, f"only {sent} bytes were sent")


# ---- curl, GnuTLS, plain text ----------------------------------------------------------------------


@case
def curl_shakes_hands(place, check):
    """There is no HTTP here: curl sends its request, and finds that the connection ends without an answer."""
    serve = Serve(place)
    trusted = serve.own_certificate()
    for options, version in ((("--tlsv1.3",), r"TLSv1\.3 / TLS_AES_256_GCM_SHA384"),
                             (("--tls-max", "1.2"), r"TLSv1\.2 / ECDHE-ECDSA-AES256-GCM-SHA384")):
        client = Client("curl", "-sv", "--http1.1", "--max-time", "10", "--cacert", trusted, *options,
                        f"https://{ADDRESS}/")
        check_client(check, client, f"SSL connection using {version}", "SSL certificate verify ok",
                     "^> GET / HTTP/1.1", "Empty reply from server", status=52)
    run = serve.stop(check, 3)
    request = f"GET / HTTP/1.1\r\nHost: {ADDRESS}\r\n"
    check.that((run.total("tls_rx_bytes") or 0) > 2 * len(request),
               f"application data: {run.total('tls_rx_bytes')}")


@case
def gnutls_verifies(place, check):
    """Both versions, a name and a protocol; a wrong CA is refused by the client."""
    authority, stranger = tls_peers.Authority(), tls_peers.Authority("stranger")
    cert, key = authority.issue("server", "rsa2048", "DNS:server.example")
    serve = Serve(place, "--cert", cert, "--key", key, "--alpn", "h2")
    named = ("--sni-hostname", "server.example", "--verify-hostname", "server.example", "--alpn", "h2")
    for version in ("1.2", "1.3"):
        only = ("--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}")
        check_client(check, serve.gnutls("--x509cafile", authority.pem, *named, *only),
                     "^- Status: The certificate is trusted", rf"^- Description: \(TLS{version}",
                     "^- Application protocol: h2", "^- Handshake was completed")
    check_client(check, serve.gnutls("--x509cafile", stranger.pem, *named),
                 "The certificate is NOT trusted", status=1)
    run = serve.stop(check, 2, failures={"tls_alert": 1})
    if run.result:
        check.equal("versions", run.result["tls"]["versions"], {"TLSv1.2": 1, "TLSv1.3": 1})
        check.equal("protocols", run.result["tls"]["alpn"], {"h2": 2})


@case
def gnutls_resumes(place, check):
    """gnutls-cli leaves the first connection without reading what still came, so its end may be a reset."""
    serve = Serve(place)
    for version, waits in ("1.2", ()), ("1.3", ("--waitresumption",)): # for the ticket, behind the handshake
        check_client(check, serve.gnutls("--insecure", "--resume", *waits, "--priority",
                                         f"NORMAL:-VERS-ALL:+VERS-TLS{version}"),
                     "This is a resumed session", "^- Resume Handshake was completed")
    serve.program.interrupt()
    run = serve.program.finish(30)
    if check_result(check, run, status=130):
        check.equal("handshakes here", run.total("tls_handshakes"), 4)
        check.equal("resumed here", run.total("tls_resumed"), 2)
        check.that(set(run.failures()) <= {"reset"}, f"failures here: {run.failures()}")


@case
def plain_text_clients(place, check):
    """A request of plain HTTP, and clients that connect and say nothing, or go away in mid-handshake."""
    serve = Serve(place, "--tls-timeout", "1s")
    client = Client("curl", "-s", "--max-time", "10", f"http://{AT}/")
    check.that(client.status != 0, f"curl is content:\n{client.describe()}")
    seen = peers.connect(AT, count=10, closes="last")
    check.equal("silent clients that were reset", seen["reset"], 10)
    seen = peers.connect(AT, count=10, closes="first")
    check.equal("clients that went away, and saw the end", seen["eof"], 10)
    serve.program.interrupt()
    run = serve.program.finish(30)
    if check_result(check, run, status=130):
        failures = run.failures()
        check.equal("silent clients here", failures.pop("tls_timeout", None), 10)
        check.equal("clients that went away here", failures.pop("tls_closed", None), 10)
        check.equal("plain text here", sum(failures.get(k, 0) for k in ("tls", "tls_alert_sent")), 1)
        check.that("http request" in str(run.result["tls"]["examples"]), "no example of an HTTP request")
        check.that("its clients speak plain text" in run.out, "no advice on plain text")


lab.enter()
main()
