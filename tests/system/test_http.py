# SPDX-License-Identifier: BSD-3-Clause
"""HTTP/1.1 against nginx, whose access log has to agree line by line, and `serve --http` for curl and wrk."""

import re
import tempfile

import lab
import tls_peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from http_peers import FILE_BYTES, Nginx, check_log
from http_serve import ADDRESS, curl, start_serve, stop_serve
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6


def against_nginx(place, check, path, *options, bind=f"{SERVER4}:80", scheme="http", local=LOCAL4, identity=None,
                  limit=1000):
    place.pair()
    nginx = Nginx(place, bind, limit=limit, identity=identity)
    run = shakedown("run", f"{scheme}://{bind}{path}", "--device", DEVICE, "--local", local, *options)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    return run


@case
def a_request_on_each_connection(place, check):
    run = against_nginx(place, check, "/hundred", "--rate", "500", "--duration", "2s")
    check.equal("requests", run.total("requests"), run.total("attempted"))
    check.equal("latencies", run.result["latency"]["ttfb"]["count"], run.total("requests"))


@case
def ipv6(place, check):
    against_nginx(place, check, "/hundred", "--rate", "200", "--duration", "1s", bind=f"[{SERVER6}]:80", local=LOCAL6)


@case
def kept_connections_are_used_until_the_run_ends(place, check):
    run = against_nginx(place, check, "/hundred", "--connections", "10", "--duration", "2s", limit=1000000)
    check.equal("attempted", run.total("attempted"), 10)
    check.that(run.total("requests") > 10, f"{run.total('requests')} requests on 10 connections")


@case
def a_server_that_limits_requests_costs_connections_and_no_request(place, check):
    run = against_nginx(place, check, "/hundred", "--connections", "10", "--duration", "2s", limit=50)
    check.that(run.total("attempted") >= run.total("requests") / 50, "more requests than nginx allows a connection")
    check.equal("requests that met a close", run.total("requests_raced"), 0)


@case
def so_many_requests_on_each(place, check):
    run = against_nginx(place, check, "/hundred", "--rate", "50", "--requests", "7", "--duration", "2s")
    check.equal("requests", run.total("requests"), 7 * run.total("attempted"))


@case
def a_large_body_comes_whole(place, check):
    run = against_nginx(place, check, "/file", "--connections", "4", "--requests", "3", "--duration", "2s")
    check.equal("bytes of bodies", run.total("http_body_bytes"), FILE_BYTES * run.total("requests"))


@case
def statuses_are_told_apart(place, check):
    for path, name, unexpected in (("/absent", "http_4xx", True), ("/moved", "http_3xx", False),
                                   ("/none", "http_2xx", False)):
        run = against_nginx(place, check, path, "--rate", "50", "--duration", "1s")
        check.equal(f"{path}: {name}", run.total(name), run.total("requests"))
        check.equal(f"{path}: unexpected", run.total("http_unexpected_status") or 0,
                    run.total("requests") if unexpected else 0)
        place.close()
        place.__enter__()


@case
def head_and_post(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80")
    run = shakedown("run", f"http://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--method", "HEAD",
                    "--connections", "2", "--duration", "1s")
    check_all_closed(check, run)
    log = check_log(check, run, nginx, body_bytes=0)
    check.that(all(line[2] == "HEAD" for line in log), "other methods than HEAD")


@case
def a_body_that_the_server_refuses_is_an_answer(place, check):
    """413 before the body is over, and the server closes."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80")
    body = f"{nginx.folder}/body"
    with open(body, "wb") as file:
        file.write(b"b" * 300000)
    run = shakedown("run", f"http://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--body", f"@{body}",
                    "--rate", "20", "--duration", "1s")
    check_result(check, run)
    log = nginx.log()
    check.equal("http_4xx", run.total("http_4xx"), len(log))
    check.equal("statuses logged", {line[0] for line in log}, {"413"})
    check.equal("requests", run.total("requests"), len(log))


@case
def over_tls(place, check):
    identity = tls_peers.Authority().issue("server")
    run = against_nginx(place, check, "/hundred", "--connections", "5", "--duration", "2s", bind=f"{SERVER4}:443",
                        scheme="https", identity=identity)
    check.equal("negotiated", run.result["tls"]["alpn"], {"http/1.1": run.total("tls_handshakes")})


@case
def sessions_fetched_before_the_load_ask_for_nothing(place, check):
    """The connections that fetch them are not in the account, and so have no line in the log."""
    identity = tls_peers.Authority().issue("server")
    run = against_nginx(place, check, "/hundred", "--rate", "50", "--duration", "1s", "--resume", "always",
                        bind=f"{SERVER4}:443", scheme="https", identity=identity)
    check.equal("resumed", run.total("tls_resumed"), run.total("tls_handshakes"))


@case
def a_reload_in_mid_run_loses_no_request(place, check):
    """Requests that met the close of a kept connection are told apart; all others are in the log."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=1000000)
    program = Shakedown("run", f"http://{SERVER4}/hundred", "--device", DEVICE, "--local", LOCAL4, "--connections",
                        "10", "--duration", "4s")
    program.wait_for_row()
    nginx.reload()
    run = program.finish(60)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.that(run.total("attempted") > 10, "no connection was replaced")
    check.that(run.total("server_closed_idle") > 0, "no close of a kept connection was counted")


# ---- both in one process ---------------------------------------------------------------------------

@case
def that_redirects_are_not_followed_is_said_once(place, check):
    for status, n_times in ((302, 1), (304, 0), (200, 0)):
        run = shakedown("run", f"http://198.19.0.1/status/{status}", "-n", "20", "--connections", "4")
        check_all_closed(check, run)
        check.equal(f"{status}: its own count", run.result["http"]["statuses"], {str(status): 20})
        names = [hint["name"] for hint in run.result["hints"]]
        check.equal(f"{status}: in the result", names.count("redirects_not_followed"), n_times)
        check.equal(f"{status}: in the summary", " ".join(run.out.split()).count("were not followed"), n_times)


# ---- the responder ---------------------------------------------------------------------------------

@case
def curl_gets_what_the_path_says(place, check):
    program = start_serve(place)
    base = f"http://{ADDRESS}"
    check.equal("/", curl(base), "x" * 12)
    check.equal("/100", curl(f"{base}/100"), "x" * 100)
    check.equal("/1M", len(curl(f"{base}/1M")), 1000000)
    check.equal("/chunked/50k", len(curl(f"{base}/chunked/50k")), 50000)
    check.equal("HTTP/1.0", len(curl("-0", f"{base}/chunked/50k")), 50000)
    check.equal("/status/503", curl("-o", "/dev/null", "-w", "%{http_code}", f"{base}/status/503"), "503")
    check.equal("HEAD", curl("-I", "-w", "%{http_code}", f"{base}/77").splitlines()[-1], "200")
    check.equal("two on a connection", curl("-w", "%{num_connects}", f"{base}/1", f"{base}/2"), "x1xx0")
    with tempfile.NamedTemporaryFile(dir="/run") as body:
        body.write(b"b" * 3000000)
        body.flush()
        check.equal("PUT with Expect", curl("-T", body.name, "-w", "%{http_code}", f"{base}/any"), "200")
    run = stop_serve(check, program)
    if run:
        check.equal("failed", run.total("failed"), 0)


@case
def curl_over_tls(place, check):
    program = start_serve(place, "--tls")
    words = ("-k", "--http1.1", "-w", " %{http_version}", f"https://{ADDRESS}:443/50k")
    check.equal("a body and its version", curl(*words), "x" * 50000 + " 1.1")
    run = stop_serve(check, program)
    if run:
        check.equal("failed", run.total("failed"), 0)


def wrk(*words):
    lab.require("wrk")
    text = lab.quiet(["wrk", "-t1", *words], "server")
    errors = re.findall(r"(?:Socket errors|Non-2xx)[^\n]*", text)
    return int(re.search(r"(\d+) requests in", text).group(1)), errors


@case
def wrk_keeps_its_connections(place, check):
    program = start_serve(place)
    n, errors = wrk("-c10", "-d2s", f"http://{ADDRESS}/100")
    run = stop_serve(check, program)
    check.equal("errors of wrk", errors, [])
    if run:  # wrk leaves with up to a request a connection under way
        check.that(n <= run.total("requests") <= n + 10, f"wrk counted {n}, serve {run.total('requests')}")


@case
def wrk_begins_anew_where_requests_are_limited(place, check):
    program = start_serve(place, "--keepalive-requests", "100")
    n, errors = wrk("-c10", "-d2s", f"http://{ADDRESS}/100")
    run = stop_serve(check, program)
    check.equal("errors of wrk", errors, [])
    if run:
        check.that(run.total("attempted") >= run.total("requests") / 100, "more requests than allowed")
        check.that(n <= run.total("requests") <= n + 10, f"wrk counted {n}, serve {run.total('requests')}")


lab.enter()
main()
