# SPDX-License-Identifier: BSD-3-Clause
"""TLS to openssl s_server and gnutls-serv: what either of them printed of each connection is what
shakedown counted. Neither was made for load, so there is little of it."""

import lab
import tls_peers
from cases import case, check_handshakes, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

CONNECTIONS = 50
# A few at a time: gnutls-serv has a backlog of ten, s_server takes one after the other.
LOAD = ("--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration", "1s", "--drain", "5s")
FEW = ("--connections", "8")


def run(port, *options):
    before = lab.kernel_counters()
    result = shakedown("run", f"tls://{SERVER4}:{port}", *LOAD, *options)
    return result, lab.kernel_delta(before)


def check_kernel(check, result, kernel):
    check.equal("TcpPassiveOpens at the server", kernel["TcpPassiveOpens"], result.total("established"))
    for name in ("TcpInErrs", "TcpInCsumErrors", "TcpExtListenOverflows"):
        check.equal(f"{name} at the server", kernel.get(name, 0), 0)
    check.equal("segments without a connection", result.total("no_connection"), 0)


# ---- openssl ---------------------------------------------------------------------------------------


def openssl(place, check, kind, server_options, options, cipher, resumes=False, group=None):
    place.pair()
    place.record()
    identity = tls_peers.Authority().issue("server", kind)
    server = tls_peers.OpensslServer(place, 443, identity, CONNECTIONS, *server_options)
    result, kernel = run(443, *options, *(("--resume", "always", "--warmup", "no") if resumes else ()))
    text = server.finish()
    check_handshakes(check, result, CONNECTIONS, resumes)
    check_kernel(check, result, kernel)
    resumed = result.total("tls_resumed")
    for name, want in (("server accepts (SSL_accept())", CONNECTIONS),
                       ("server accepts that finished", CONNECTIONS), ("session cache hits", resumed),
                       ("session cache timeouts", 0)):
        check.equal(f"{name} at the server", tls_peers.openssl_statistic(text, name), want)
    check.equal("resumed, as the server printed it", text.count("Reused session-id"), resumed)
    check.equal(f"{cipher} at the server", text.count(f"CIPHER is {cipher}\n"), CONNECTIONS)
    check.equal("errors at the server", text.count("ERROR"), 0)
    if result.result:
        tls = result.result["tls"]
        check.equal("ciphers", tls["ciphers"], {tls_peers.standard_cipher(cipher): CONNECTIONS})
        version = "1.2" if "-tls1_2" in server_options else "1.3"
        check.equal("groups", set(tls["groups"]) - {"none"}, {group or tls_peers.preferred_group(version)})
    return result, text


@case
def openssl_tls12_rsa2048(place, check):
    openssl(place, check, "rsa2048", ("-tls1_2",), (), "ECDHE-RSA-AES256-GCM-SHA384")


@case
def openssl_tls12_ticket(place, check):
    openssl(place, check, "p256", ("-tls1_2",), (), "ECDHE-ECDSA-AES256-GCM-SHA384", resumes=True)


@case
def openssl_tls12_session_id(place, check):
    """Without tickets the server remembers."""
    openssl(place, check, "rsa2048", ("-tls1_2", "-no_ticket"), (), "ECDHE-RSA-AES256-GCM-SHA384",
            resumes=True)


@case
def openssl_tls13_p256(place, check):
    openssl(place, check, "p256", (), (), "TLS_AES_256_GCM_SHA384")


@case
def openssl_tls13_ticket(place, check):
    openssl(place, check, "rsa2048", ("-num_tickets", "1"), (), "TLS_AES_256_GCM_SHA384", resumes=True)


@case
def openssl_tls13_stateful_ticket(place, check):
    openssl(place, check, "p256", ("-no_ticket",), (), "TLS_AES_256_GCM_SHA384", resumes=True)


@case
def openssl_asks_for_another_group(place, check):
    """HelloRetryRequest (RFC 8446 4.1.4): a second ClientHello, with a share of the server's group."""
    openssl(place, check, "p256", ("-groups", "P-384"), (), "TLS_AES_256_GCM_SHA384", group="secp384r1")


@case
def openssl_chooses_a_protocol(place, check):
    result, text = openssl(place, check, "p256", ("-alpn", "http/1.1,h2"), ("--alpn", "h2,http/1.1"),
                           "TLS_AES_256_GCM_SHA384")
    check.equal("protocols at the server", text.count("ALPN protocols selected: http/1.1"), CONNECTIONS)
    if result.result:
        check.equal("protocols", result.result["tls"]["alpn"], {"http/1.1": CONNECTIONS})


# ---- GnuTLS ----------------------------------------------------------------------------------------


def gnutls(place, check, kind, version, resumes=False, server_options=(), options=()):
    place.pair()
    place.record()
    server = tls_peers.GnutlsServer(place, 443, tls_peers.Authority().issue("server", kind),
                                    *server_options)
    result, kernel = run(443, *FEW, "--tls-versions", version, *options,
                         *(("--resume", "always", "--warmup", "no") if resumes else ()))
    text = server.finish()
    n = result.total("attempted") or 0
    check.that(n >= CONNECTIONS / 3, f"only {n} connections")
    check_handshakes(check, result, n, resumes)
    check_kernel(check, result, kernel)
    check.equal("accepted at the server", text.count("* Accepted connection"), n)
    check.equal("versions at the server", text.count(f"- Version: TLS{version}\n"), n)
    check.equal("resumed at the server", text.count("*** This is a resumed session"),
                result.total("tls_resumed"))
    check.equal("AES-256-GCM at the server", text.count("- Cipher: AES-256-GCM\n"), n)
    if result.result:
        check.equal("versions", result.result["tls"]["versions"], {f"TLSv{version}": n})
    return result, text


@case
def gnutls_tls12_rsa2048(place, check):
    gnutls(place, check, "rsa2048", "1.2")


@case
def gnutls_tls12_resumed(place, check):
    gnutls(place, check, "p256", "1.2", resumes=True)


@case
def gnutls_tls13_p256(place, check):
    gnutls(place, check, "p256", "1.3")


@case
def gnutls_tls13_resumed(place, check):
    gnutls(place, check, "rsa2048", "1.3", resumes=True)


@case
def gnutls_names_and_protocols(place, check):
    result, text = gnutls(place, check, "p256", "1.3", server_options=("--alpn", "h2"),
                          options=("--alpn", "h2,http/1.1", "--sni", "a.example"))
    n = result.total("attempted")
    check.equal("names at the server", text.count("- Given server name[1]: a.example\n"), n)
    check.equal("protocols at the server", text.count("- Application protocol: h2\n"), n)
    if result.result:
        check.equal("protocols", result.result["tls"]["alpn"], {"h2": n})


@case
def gnutls_client_certificates(place, check):
    """Asked for and shown, in both versions; GnuTLS prints whom it believes."""
    for version in ("1.2", "1.3"):
        with lab.Lab(place.name, place.tools) as own:
            authority = tls_peers.Authority()
            cert, key = authority.issue("client")
            result, text = gnutls(own, check, "p256", version,
                                  server_options=("--require-client-cert", "--verify-client-cert",
                                                  "--x509cafile", authority.pem),
                                  options=("--cert", cert, "--key", key))
            check.equal("clients the server trusts", text.count("The certificate is trusted."),
                        result.total("attempted"))


lab.enter()
main()
