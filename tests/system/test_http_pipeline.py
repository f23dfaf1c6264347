# SPDX-License-Identifier: BSD-3-Clause
"""HTTP/1.1 with several requests under way on a connection, against nginx, whose access log has to agree line by line,
and `serve --http` for clients that pipeline."""

import io
import os
import tempfile

import lab
import tls_peers
from cases import Shakedown, case, check_all_closed, main, shakedown
from http_peers import FILE_BYTES, Nginx, check_log
from http_serve import ADDRESS, raw, start_serve, stop_serve
from lab import DEVICE, LOCAL4, SERVER4

URL = f"http://{SERVER4}/hundred"
USUAL = ("--device", DEVICE, "--local", LOCAL4)


@case
def what_the_servers_last_answer_leaves_is_sent_again_once(place, check):
    """nginx answers a hundred requests on a connection, and drops what follows them."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=100)
    run = shakedown("run", URL, *USUAL, "--pipeline", "8", "--connections", "3", "-n", "3001")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("requests", run.total("requests"), 3001)
    check.equal("sent again", run.total("requests_retried"), run.total("requests_raced"))
    check.that(run.total("requests_raced") > 100, f"{run.total('requests_raced')} met a close: hardly any")
    check.equal("latencies", run.result["latency"]["ttlb"]["count"], 3001)


@case
def a_reload_in_mid_run_loses_none(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=1000000)
    program = Shakedown("run", URL, *USUAL, "--pipeline", "8", "--connections", "10", "--duration", "3s")
    program.wait_for_row()
    nginx.reload()
    run = program.finish(60)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("sent again", run.total("requests_retried"), run.total("requests_raced"))
    check.that(run.total("attempted") > 10, "no connection was replaced")


@case
def answers_of_several_kinds_are_those_of_their_requests(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80")
    run = shakedown("run", f"http://{SERVER4}", *USUAL, "--pipeline", "5", "--connections", "2", "-n", "700",
                    "--path", "3:/hundred", "--path", "/file", "--path", "/none", "--path", "/moved", "--path", "/no",
                    "--expect", "200-499")
    check_all_closed(check, run)
    log = check_log(check, run, nginx)
    check.equal("of each", {run.total(f"http_{c}xx") for c in "34"}, {100})
    check.equal("files", sum(int(line[1]) == FILE_BYTES for line in log), 100)


@case
def paced_over_tls(place, check):
    place.pair()
    identity = tls_peers.Authority().issue("server")
    nginx = Nginx(place, f"{SERVER4}:443", limit=1000000, identity=identity)
    run = shakedown("run", f"https://{SERVER4}/hundred", *USUAL, "--pipeline", "8", "--connections", "1",
                    "--request-rate", "2000", "--duration", "1s")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("connections", run.total("attempted"), 1)
    check.near("requests", run.total("requests") + (run.total("starts_dropped") or 0), 2000, 0.001)
    check.equal("service times", run.result["latency"]["ttfb_service"]["count"], run.total("responses"))


# ---- the responder ---------------------------------------------------------------------------------

# What is sent at once, and what answers it.
TALK = (("GET /5 HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK", "xxxxx"),
        ("HEAD /7 HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK", ""),
        ("POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "200 OK", "xxx"),
        ("GET /chunked/2 HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK", "2\r\nxx\r\n0\r\n\r\n"),
        ("GET /status/404 HTTP/1.1\r\nHost: h\r\n\r\n", "404 Not Found", ""),
        ("GET /2k HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK", "x" * 2000))


def read_answer(reader, has_body):
    """@return its status and body, as they came."""
    status = reader.readline().strip().removeprefix("HTTP/1.1 ")
    fields = dict(line.strip().split(": ") for line in iter(reader.readline, "\r\n"))
    if fields.get("Transfer-Encoding") == "chunked":
        return status, "".join(reader.readline() for _ in range(4))
    return status, reader.read(int(fields["Content-Length"]) if has_body else 0)


@case
def many_requests_in_one_segment_are_answered_in_their_order(place, check):
    program = start_serve(place)
    repeats = 10
    bye = "GET /close HTTP/1.1\r\nHost: h\r\n\r\n"
    reader = io.StringIO(raw("".join(request for request, _, _ in TALK) * repeats + bye), newline="")
    for _ in range(repeats):
        for request, status, body in TALK:
            got, text = read_answer(reader, has_body=not request.startswith("HEAD"))
            check.equal(f"{request.split()[:2]}", got, status)
            check.equal(f"{request.split()[:2]}: body", text, body)
    check.equal("the last", read_answer(reader, has_body=True), ("200 OK", ""))
    check.equal("what follows it", reader.read(), "")
    run = stop_serve(check, program)
    if run:
        check.equal("requests", run.total("requests"), repeats * len(TALK) + 1)
        check.equal("failed", run.total("failed"), 0)


WRK = """
init = function(args)
    local r = {}
    for i = 1, 16 do r[i] = wrk.format("GET", "/100") end
    requests = table.concat(r)
end
request = function() return requests end
done = function(summary, latency, requests)
    io.write(string.format("answered %d, errors %d\\n", summary.requests, summary.errors.connect + summary.errors.read
             + summary.errors.write + summary.errors.status + summary.errors.timeout))
end
"""


@case
def wrk_pipelines(place, check):
    lab.require("wrk")
    program = start_serve(place)
    with tempfile.NamedTemporaryFile("w", dir="/run", suffix=".lua") as script:
        script.write(WRK)
        script.flush()
        os.chmod(script.name, 0o644)
        text = lab.quiet(["wrk", "-t1", "-c4", "-d1", "-s", script.name, f"http://{ADDRESS}/"], "server")
    words = text.rpartition("answered ")[2].split()
    check.equal("errors", words[2], "0")
    run = stop_serve(check, program)
    if run:
        answered = int(words[0].rstrip(","))
        check.that(answered >= 32, f"wrk got {answered} answers")
        check.that(0 <= run.total("responses") - answered <= 4 * 32, f"wrk got {answered}, sent {run.total('responses')}")
        check.equal("bad messages", run.total("http_bad_messages") or 0, 0)


# ---- what does not fit together --------------------------------------------------------------------


@case
def where_it_means_nothing_it_is_refused(place, check):
    for words, text in ((("h2c://198.19.0.1/", "--pipeline", "10"), "--pipeline: requests follow each other over "
                         "HTTP/1.1 only; give --streams 10"),
                        (("h2://198.19.0.1/", "--set", "http.pipeline=4"), "--streams 4"),
                        (("http://198.19.0.1/", "--pipeline", "2", "--think", "1s", "--requests", "3"), "--think"),
                        (("http://198.19.0.1/", "--pipeline", "0"), "--pipeline"),
                        (("tcp://198.19.0.1:80", "--pipeline", "2"), "--pipeline")):
        run = shakedown("run", *words)
        check.equal(f"{words}: status", run.status, 2)
        check.that(text in run.err, f"{words}: {run.err}")


lab.enter()
main()
