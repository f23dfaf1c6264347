# SPDX-License-Identifier: BSD-3-Clause
"""HTTP/2 against nginx (whose access log has to agree line by line), nghttpd and HAProxy, and `serve --http` for curl,
nghttp and h2load."""

import re
import subprocess
import tempfile

import http_peers
import lab
import peers
import tls_peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from http_peers import FILE_BYTES, Nginx, start_nghttpd
from http_serve import ADDRESS, curl, start_serve, stop_serve
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6


def check_log(check, run, nginx):
    """What it did not process is told apart."""
    log = http_peers.check_log(check, run, nginx)
    check.equal("versions", {line[4] for line in log}, {"HTTP/2.0"})
    return log


def against_nginx(place, check, path, *options, bind=f"{SERVER4}:80", scheme="h2c", local=LOCAL4, identity=None,
                  limit=1000000, streams=128):
    place.pair()
    nginx = Nginx(place, bind, limit=limit, streams=streams, identity=identity)
    run = shakedown("run", f"{scheme}://{bind}{path}", "--device", DEVICE, "--local", local, *options)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    return run


@case
def a_request_on_each_connection(place, check):
    run = against_nginx(place, check, "/hundred", "--rate", "200", "--duration", "2s")
    check.equal("requests", run.total("requests"), run.total("attempted"))
    check.equal("latencies", run.result["latency"]["ttlb"]["count"], run.total("requests"))


@case
def ipv6(place, check):
    against_nginx(place, check, "/hundred", "--rate", "100", "--duration", "1s", bind=f"[{SERVER6}]:80", local=LOCAL6)


@case
def streams_are_under_way_at_once_until_the_run_ends(place, check):
    run = against_nginx(place, check, "/hundred", "--connections", "4", "--streams", "20", "--duration", "2s")
    check.equal("attempted", run.total("attempted"), 4)
    check.that(run.total("requests") > 80, f"{run.total('requests')} requests on 4 connections")


@case
def so_many_requests_on_each(place, check):
    run = against_nginx(place, check, "/hundred", "--rate", "50", "--requests", "25", "--streams", "10", "--duration",
                        "2s")
    check.equal("requests", run.total("requests"), 25 * run.total("attempted"))


@case
def a_servers_limit_of_streams_is_kept(place, check):
    """nginx refuses what is beyond."""
    run = against_nginx(place, check, "/hundred", "--connections", "2", "--streams", "100", "--duration", "2s",
                        streams=7)
    refused = run.total("http_reset_refused_stream") or 0
    check.that(refused <= 93 * run.total("attempted"), f"{refused} streams were refused: more than before its SETTINGS came")
    check.equal("not processed", run.total("requests_unprocessed"), refused)


@case
def a_goaway_at_the_servers_limit_costs_connections_and_no_request(place, check):
    """nginx answers a hundred requests, says so with the last one, and closes."""
    run = against_nginx(place, check, "/hundred", "--connections", "3", "--streams", "10", "--duration", "3s",
                        limit=100)
    check.that(run.total("attempted") >= run.total("requests") / 100, "more requests than nginx allows a connection")
    check.that(run.total("attempted") > 3, "no connection was replaced")
    check.that(run.total("http_goaways") >= run.total("attempted") - 3, "connections were replaced without a GOAWAY")
    check.equal("requests that met a close", run.total("requests_raced"), 0)


def check_sent_again(check, run):
    check.equal("sent again", run.total("requests_retried"), run.total("requests_unprocessed"))
    check.equal("requests that met a close", run.total("requests_raced"), 0)


@case
def so_many_in_all_whatever_a_goaway_did_not_process(place, check):
    run = against_nginx(place, check, "/hundred", "--connections", "3", "--streams", "10", "-n", "5003",
                        "--duration", "20s", limit=100)
    check.equal("requests", run.total("requests"), 5003)
    check_sent_again(check, run)


@case
def paced_requests_that_a_goaway_did_not_process_are_sent_again(place, check):
    run = against_nginx(place, check, "/hundred", "--connections", "5", "--streams", "10", "--request-rate", "2000",
                        "--duration", "2s", limit=100)
    check.near("requests, or dropped as late", run.total("requests") + (run.total("starts_dropped") or 0), 4000, 0.001)
    check_sent_again(check, run)


@case
def a_reload_in_mid_run_loses_no_request(place, check):
    """The old worker says so with a GOAWAY, and answers what it has taken."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=1000000, streams=128)
    program = Shakedown("run", f"h2c://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--connections", "10",
                        "--streams", "10", "--duration", "3s")
    program.wait_for_row()
    nginx.reload()
    run = program.finish(60)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check_sent_again(check, run)
    check.that(run.total("http_goaways") >= 10, f"{run.total('http_goaways')} of 10 connections were told to leave")
    check.that(run.total("attempted") > 10, "no connection was replaced")


@case
def large_bodies_come_whole(place, check):
    run = against_nginx(place, check, "/file", "--connections", "2", "--streams", "5", "--requests", "20",
                        "--duration", "2s")
    check.equal("bytes of bodies", run.total("http_body_bytes"), FILE_BYTES * run.total("requests"))


@case
def large_bodies_come_whole_through_small_windows(place, check):
    run = against_nginx(place, check, "/file", "--connections", "2", "--streams", "5", "--requests", "10",
                        "--h2-window", "65535", "--h2-connection-window", "65535", "--duration", "1s")
    check.equal("bytes of bodies", run.total("http_body_bytes"), FILE_BYTES * run.total("requests"))


@case
def a_body_that_the_server_refuses_is_an_answer(place, check):
    """413 before the body is over, and a reset with NO_ERROR; the connection goes on."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", streams=128)
    body = f"{nginx.folder}/body"
    with open(body, "wb") as file:
        file.write(b"b" * 300000)
    run = shakedown("run", f"h2c://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--body", f"@{body}",
                    "--connections", "2", "--requests", "5", "--streams", "2", "--duration", "1s")
    check_all_closed(check, run)
    log = check_log(check, run, nginx)
    check.equal("statuses logged", {line[0] for line in log}, {"413"})


@case
def over_tls(place, check):
    identity = tls_peers.Authority().issue("server")
    run = against_nginx(place, check, "/hundred", "--connections", "5", "--streams", "10", "--duration", "2s",
                        bind=f"{SERVER4}:443", scheme="h2", identity=identity)
    check.equal("negotiated", run.result["tls"]["alpn"], {"h2": run.total("tls_handshakes")})


@case
def over_tls_with_a_limit_and_resumption(place, check):
    identity = tls_peers.Authority().issue("server")
    run = against_nginx(place, check, "/hundred", "--connections", "5", "--streams", "10", "--duration", "2s",
                        "--resume", "always", bind=f"{SERVER4}:443", scheme="h2", identity=identity, limit=100)
    check.equal("resumed", run.total("tls_resumed"), run.total("tls_handshakes"))


@case
def a_server_without_http2_is_told(place, check):
    """Over TLS by ALPN, in the clear by what it answers to the preface."""
    identity = tls_peers.Authority().issue("server")
    place.pair()
    Nginx(place, f"{SERVER4}:80")
    Nginx(place, f"{SERVER4}:443", identity=identity)
    run = shakedown("run", f"h2c://{SERVER4}/", "--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration",
                    "1s")
    check_result(check, run)
    check.equal("in the clear", run.failures(), {"protocol": run.total("attempted")})
    run = shakedown("run", f"h2://{SERVER4}/", "--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration",
                    "1s")
    check_result(check, run)
    causes = run.failures()
    check.equal("over TLS", sum(causes.values()), run.total("attempted"))
    check.that(set(causes) <= {"alpn", "tls_alert"}, f"over TLS: {causes}")


# ---- other servers ---------------------------------------------------------------------------------


@case
def nghttpd_answers_all(place, check):
    place.pair()
    start_nghttpd(place, f"{SERVER4}:80")
    for path, size in (("/hundred", 100), ("/file", FILE_BYTES)):
        run = shakedown("run", f"h2c://{SERVER4}{path}", "--device", DEVICE, "--local", LOCAL4, "--connections", "3",
                        "--streams", "10", "--requests", "100", "--duration", "1s")
        check_all_closed(check, run)
        check.equal(f"{path}: requests", run.total("requests"), 100 * run.total("attempted"))
        check.equal(f"{path}: 2xx", run.total("http_2xx"), run.total("requests"))
        check.equal(f"{path}: bytes", run.total("http_body_bytes"), size * run.total("requests"))


@case
def nghttpd_answers_over_tls(place, check):
    identity = tls_peers.Authority().issue("server")
    place.pair()
    start_nghttpd(place, f"{SERVER4}:443", identity)
    run = shakedown("run", f"h2://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--connections", "3",
                    "--streams", "100", "--duration", "2s")
    check_all_closed(check, run)
    check.equal("2xx", run.total("http_2xx"), run.total("requests"))


HAPROXY = """
global
    maxconn 1000
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
listen front
    bind {bind} proto h2
    http-request return status 200 content-type text/plain string "{hundred}"
"""


@case
def haproxy_refuses_what_is_beyond_its_streams(place, check):
    lab.require("haproxy")
    place.pair()
    folder = tempfile.mkdtemp(prefix="haproxy-", dir="/run")
    with open(f"{folder}/cfg", "w", encoding="utf-8") as file:
        file.write(HAPROXY.format(folder=folder, bind=f"{SERVER4}:80", hundred="h" * 100))
    child = place.spawn(["haproxy", "-db", "-f", f"{folder}/cfg"], "server", stderr=subprocess.PIPE, text=True)
    if not peers.listens_soon(child, [f"{SERVER4}:80"]):
        child.stop()
        raise RuntimeError(f"haproxy did not start: {child.process.stderr.read()}")
    run = shakedown("run", f"h2c://{SERVER4}/", "--device", DEVICE, "--local", LOCAL4, "--connections", "3", "--streams",
                    "200", "--duration", "2s")
    check_all_closed(check, run)
    check.equal("2xx", run.total("http_2xx"), run.total("requests"))
    check.equal("not processed", run.total("requests_unprocessed"), run.total("http_reset_refused_stream") or 0)
    check.equal("bytes", run.total("http_body_bytes"), 100 * run.total("requests"))


# ---- the responder ---------------------------------------------------------------------------------

@case
def curl_gets_what_the_path_says(place, check):
    program = start_serve(place)
    base, known = f"http://{ADDRESS}", ("--http2-prior-knowledge", "-w", " %{http_code} %{http_version}")
    check.equal("/", curl(*known, f"{base}/"), "x" * 12 + " 200 2")
    check.equal("/1M", len(curl(*known, f"{base}/1M")), 1000000 + len(" 200 2"))
    check.equal("/chunked/50k", len(curl(*known, f"{base}/chunked/50k")), 50000 + len(" 200 2"))
    check.equal("/status/503", curl(*known, f"{base}/status/503"), " 503 2")
    check.equal("HEAD", curl(*known, "-I", f"{base}/77").splitlines()[-1], " 200 2")
    check.equal("/close", curl(*known, f"{base}/close"), " 200 2")
    check.equal("HTTP/1.1 beside it", curl("-w", " %{http_version}", f"{base}/5"), "xxxxx 1.1")
    with tempfile.NamedTemporaryFile(dir="/run") as body:
        body.write(b"b" * 3000000)
        body.flush()
        check.equal("PUT", curl(*known, "-T", body.name, f"{base}/any"), " 200 2")
        check.equal("PUT with Expect", curl(*known, "-H", "Expect: 100-continue", "-T", body.name, f"{base}/any"),
                    " 200 2")
    run = stop_serve(check, program)
    if run:
        check.equal("failed", run.total("failed"), 0)
        check.equal("requests", run.total("requests"), 9)


@case
def curl_chooses_the_version_by_alpn(place, check):
    program = start_serve(place, "--tls")
    for words, version in ((("--http2",), "2"), (("--http1.1",), "1.1"), ((), "2")):
        text = curl("-k", *words, "-w", " %{http_version}", f"https://{ADDRESS}:443/50k")
        check.equal(f"{words}", text, "x" * 50000 + f" {version}")
    run = stop_serve(check, program)
    if run:
        check.equal("failed", run.total("failed"), 0)


def h2load(*words):
    """@return requests done, and how: succeeded, failed, errored, timeout."""
    lab.require("h2load")
    text = lab.quiet(["h2load", "-t1", *words], "server")
    found = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, "
                      r"(\d+) timeout", text)
    return tuple(int(n) for n in found.groups()) if found else text


@case
def h2load_is_answered(place, check):
    program = start_serve(place)
    check.equal("/100", h2load("-n20000", "-c10", "-m20", f"http://{ADDRESS}/100"), (20000, 20000, 0, 0, 0))
    check.equal("/64k", h2load("-n200", "-c2", "-m10", f"http://{ADDRESS}/64k"), (200, 200, 0, 0, 0))
    check.equal("small windows", h2load("-n200", "-c2", "-m10", "-w16", "-W16", f"http://{ADDRESS}/64k"),
                (200, 200, 0, 0, 0))
    run = stop_serve(check, program)
    if run:
        check.equal("requests", run.total("requests"), 20400)
        check.equal("failed", run.total("failed"), 0)


@case
def h2load_is_answered_over_tls(place, check):
    program = start_serve(place, "--tls")
    check.equal("/100", h2load("-n5000", "-c5", "-m20", f"https://{ADDRESS}:443/100"), (5000, 5000, 0, 0, 0))
    run = stop_serve(check, program)
    if run:
        check.equal("requests", run.total("requests"), 5000)
        check.equal("failed", run.total("failed"), 0)


@case
def nghttp_reads_that_the_server_leaves(place, check):
    """With the last answer; nghttp closes before it can read which stream was the last."""
    lab.require("nghttp")
    program = start_serve(place, "--keepalive-requests", "3")
    text = lab.quiet(["nghttp", "-v", "-n", *(f"http://{ADDRESS}/{n}" for n in range(1, 4))], "server")
    check.equal("answers", text.count(":status: 200"), 3)
    check.equal("last stream", re.findall(r"recv GOAWAY.*\n\s*\(last_stream_id=(\d+)", text)[:1], ["2147483647"])
    run = stop_serve(check, program)
    if run:
        check.equal("requests", run.total("requests"), 3)
        check.equal("failed", run.total("failed"), 0)


# ---- both in one process ---------------------------------------------------------------------------


@case
def loopback_answers_itself(place, check):
    for url, options in (("h2c://198.19.0.1/100", ("--streams", "10", "--connections", "10")),
                         ("h2c://198.19.0.1/100", ("--rate", "1k")),
                         ("h2://198.19.0.1/64k", ("--streams", "4", "--connections", "5")),
                         ("h2c://198.19.0.1/5", ("--requests", "3", "--think", "50ms", "--connections", "7"))):
        run = shakedown("run", url, *options, "--duration", "1s")
        check_all_closed(check, run)
        check.equal(f"{url} {options}: 2xx", run.total("http_2xx"), run.total("requests"))
        check.that(run.total("requests") >= run.total("attempted"), f"{url} {options}: too few requests")


@case
def what_does_not_fit_together_is_refused(place, check):
    for words, text in ((("h2c://198.19.0.1/", "--streams", "10", "--think", "1s"), "--think"),
                        (("http://198.19.0.1/", "--streams", "10"), "--streams"),
                        (("h2://198.19.0.1/", "--alpn", "http/1.1"), "--alpn"),
                        (("h2c://198.19.0.1/", "--streams", "0"), "--streams"),
                        (("h2c://198.19.0.1/", "--h2-window", "1000"), "--h2-window"),
                        (("tcp://198.19.0.1:80", "--h2-window", "1M"), "--h2-window")):
        run = shakedown("run", *words)
        check.equal(f"{words}: status", run.status, 2)
        check.that(text in run.err, f"{words}: {run.err}")


lab.enter()
main()
