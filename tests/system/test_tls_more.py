# SPDX-License-Identifier: BSD-3-Clause
"""What labs ask of TLS beyond a handshake: client certificates in turns, OCSP responses, KeyUpdates, a key share
that the server does not want; each as nginx, openssl and the log of keys saw it."""

import os
import tempfile
from collections import Counter

import lab
import tls_peers
from cases import case, check_all_closed, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4
from tls_peers import check_client
from tls_serve import Serve

CONNECTIONS = 60
BIND = f"{SERVER4}:443"


def begin(place, more):
    """A CA, the certificate of a server, and an nginx that shows it. @more: nginx's directives by the CA's file."""
    place.pair()
    place.record()
    authority = tls_peers.Authority()
    identity = authority.issue("server")
    return authority, identity, tls_peers.Nginx(place, {BIND: identity}, more(authority, identity))


def run(*options, rate=CONNECTIONS):
    return shakedown("run", f"tls://{BIND}", "--device", DEVICE, "--rate", str(rate), "--duration", "1s", "--local",
                     LOCAL4, *options)


def client_certificates(authority, n):
    """@return a PEM text for each of @n clients, certificate first."""
    texts = []
    for i in range(n):
        texts.append("")
        for path in authority.issue(f"client{i}"):
            with open(path, encoding="ascii") as file:
                texts[i] += file.read()
    return texts


def ocsp_response(authority, cert):
    """That @cert is good, signed by who issued it. @return a file in DER."""
    path, index = f"{authority.folder}/ocsp.der", f"{authority.folder}/ocsp.index"
    serial = lab.quiet(["openssl", "x509", "-in", cert, "-noout", "-serial"]).strip().split("=")[1]
    with open(index, "w", encoding="ascii") as file:
        file.write(f"V\t991231000000Z\t\t{serial}\tunknown\t/CN=server\n")
    key = f"{authority.folder}/{authority.name}.key"
    lab.quiet(["openssl", "ocsp", "-index", index, "-rsigner", authority.pem, "-rkey", key, "-CA", authority.pem,
               "-issuer", authority.pem, "-cert", cert, "-respout", path, "-ndays", "10"])
    return path


@case
def client_certificates_take_turns(place, check):
    """Each of three is shown by a third of the connections: from a file, and from a folder."""
    authority, _, nginx = begin(place, lambda ca, _: f"ssl_verify_client on; ssl_client_certificate {ca.pem};")
    texts = client_certificates(authority, 3)
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        for i, text in enumerate(texts):
            with open(f"{folder}/{i}.pem", "w", encoding="ascii") as file:
                file.write(text)
        with open(f"{folder}/all", "w", encoding="ascii") as file:
            file.write("".join(texts))
        for path in (f"{folder}/all", folder):
            result = run("--certs", path)
            check_all_closed(check, result)
            sessions = nginx.sessions(CONNECTIONS)
            check.equal("verdicts in the server's log", Counter(s["client"] for s in sessions),
                        {"SUCCESS": CONNECTIONS})
            check.equal("who came", Counter(s["dn"] for s in sessions),
                        {f"CN=client{i}": CONNECTIONS // 3 for i in range(3)})
            check.equal("shown", result.total("tls_certs_shown"), CONNECTIONS)


@case
def a_target_that_asks_nobody_is_shown_nothing(place, check):
    """No certificate and no OCSP response: it asks for the one, and has not got the other."""
    authority, _, _ = begin(place, lambda ca, identity: "")
    with tempfile.NamedTemporaryFile("w", suffix=".pem", dir="/run") as file:
        file.write("".join(client_certificates(authority, 2)))
        file.flush()
        result = run("--certs", file.name, "--ocsp-request", "yes")
    check_all_closed(check, result)
    check.equal("handshakes", result.total("tls_handshakes"), CONNECTIONS)
    check.equal("shown", result.total("tls_certs_shown"), 0)
    check.equal("OCSP responses", result.total("tls_staples"), 0)


@case
def ocsp_responses_come_to_those_who_ask(place, check):
    place.pair()
    authority = tls_peers.Authority()
    identity = authority.issue("server")
    server = tls_peers.OpensslServer(place, 443, identity, 1000, "-status_file",
                                     ocsp_response(authority, identity[0]), "-quiet")
    for asks in (True, False):
        result = run("--ocsp-request", "yes" if asks else "no", rate=10)
        check_all_closed(check, result)
        check.equal("OCSP responses", result.total("tls_staples"), result.total("tls_handshakes") if asks else 0)
    server.child.stop()


@case
def serve_gives_its_ocsp_response(place, check):
    authority = tls_peers.Authority()
    cert, key = authority.issue("server")
    serve = Serve(place, "--cert", cert, "--key", key, "--ocsp", ocsp_response(authority, cert))
    check_client(check, serve.openssl("-status", "-CAfile", authority.pem), r"^ *OCSP Response Status: successful",
                 r"^ *Cert Status: good")
    check_client(check, serve.openssl("-CAfile", authority.pem), r"^Verification: OK")
    stopped = serve.stop(check, 2)
    check.equal("given", stopped.total("tls_staples"), 1)


@case
def keys_are_renewed_as_often_as_is_asked(place, check):
    """The other end, on loopback, understands all that is sent; the key log has each generation."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "keys")
        result = shakedown("run", "tls://198.19.0.1", "--rate", "10", "--duration", "1s", "--send", "100k",
                           "--receive", "50k", "--key-update", "10k", "--keylog", log)
        check_all_closed(check, result)
        check.equal("sent", result.total("tls_tx_bytes"), 10 * 100000)
        check.equal("received", result.total("tls_rx_bytes"), 10 * 50000)
        with open(log, encoding="ascii") as file:
            labels = Counter(line.split()[0] for line in file)
        updates = result.total("tls_key_updates")
        check.that(10 <= updates <= 10 * 10, f"KeyUpdates: {updates}")
        check.equal("secrets of the first generation", labels["CLIENT_TRAFFIC_SECRET_0"], 10)
        answers = labels["CLIENT_TRAFFIC_SECRET_N"] - updates
        check.that(0 <= answers <= 10 * 10, f"later ones of the client beside its KeyUpdates: {answers}")


@case
def a_key_share_that_nobody_wants_is_told(place, check):
    """Each handshake takes a HelloRetryRequest, at either end; there is advice on it."""
    _, _, nginx = begin(place, lambda ca, identity: "ssl_ecdh_curve P-256;")
    result = run("--groups", "X25519:P-256")
    check_all_closed(check, result)
    check.equal("in the server's log", len(nginx.sessions(CONNECTIONS)), CONNECTIONS)
    check.equal("asked again", result.total("tls_hello_retries"), CONNECTIONS)
    check.equal("groups", result.result["tls"]["groups"], {"secp256r1": CONNECTIONS})
    check.that("own_key_share" in [hint["name"] for hint in result.result["hints"]], "there is no advice")
    better = run("--groups", "P-256:X25519")
    check_all_closed(check, better)
    check.equal("asked again", better.total("tls_hello_retries"), 0)
    sizes = [r.result["tls"]["sizes"]["full"]["sent_bytes"]["mean"] for r in (result, better)]
    check.that(sizes[0] > sizes[1] + 200, f"bytes sent with and without: {sizes}")


@case
def names_of_a_file_take_turns(place, check):
    """Each as often as the others, more of them than a command line takes; and with sessions of its own."""
    _, _, nginx = begin(place, lambda ca, identity: "")
    with tempfile.NamedTemporaryFile("w", suffix=".names", dir="/run") as file:
        file.write("# of the lab\n" + "".join(f"{i}.example\n" for i in range(100)))
        file.flush()
        result = run("--sni-file", file.name, "--resume", "always", "--warmup", "no", rate=300)
    check_all_closed(check, result)
    sessions = nginx.sessions(300)
    check.equal("names in the server's log", Counter(s["sni"] for s in sessions),
                {f"{i}.example": 3 for i in range(100)})
    check.equal("resumed", result.total("tls_resumed"), 200)


@case
def what_cannot_be_is_refused_in_one_sentence(place, check):
    authority = tls_peers.Authority()
    cert, key = authority.issue("client")
    empty = os.path.join(os.path.dirname(cert), "empty")
    os.mkdir(empty)
    for options, words in ((("--certs", cert), "has no key"), (("--certs", key), "is a key without a certificate"),
                           (("--certs", "/nowhere"), "No such file"), (("--certs", empty), "ends in .pem"),
                           (("--certs", cert, "--cert", cert), "leave one of the two out"),
                           (("--sni-file", cert), "line 1: '-----BEGIN CERTIFICATE-----' is not a host name"),
                           (("--sni-file", empty), "not a regular file"),
                           (("--sni-file", cert, "--sni", "a.example"), "leave one of the two out"),
                           (("--groups", "X25519:P-265"), "knows no group 'P-265'; it knows X25519, P-256"),
                           (("--key-update", "1k", "--tls-versions", "1.2"), "it is for TLS 1.3")):
        device = () if "--cert" not in options else ("--device", "net_null0", "--local", "198.18.0.10/15")
        refused = shakedown("run", "tls://198.19.0.1", *options, *device)
        check.equal(f"exit status of {options}", refused.status, 2)
        check.that(words in " ".join(refused.err.split()), f"{options}: {refused.err}")
        check.equal(f"lines of {options}", refused.err.count("\n"), 1)
    refused = shakedown("serve", "--device", "net_null0", "--local", "198.18.0.1/15", "--tls", "--ocsp", cert)
    check.that(refused.status == 2 and "no OCSP response in DER" in refused.err, refused.err)


if __name__ == "__main__":
    main()
