# SPDX-License-Identifier: BSD-3-Clause
"""What Prometheus and DPDK's tools see of a run: well formed, only growing, in the end the same as the result; and
that nobody who asks can hold up the run, or others who ask."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import exposition
import lab
import peers
from cases import OPTIONS, Shakedown, case, check_schema, main
from lab import DEVICE
from monitored import Monitored, check_same, scrape_to_the_end

NOBODY = 65534
OPEN = "application/openmetrics-text; version=1.0.0"
HTTP = ("run", "http://198.19.0.1/100", "--rate", "500")


@case
def what_is_scraped_grows_and_is_the_result_in_the_end(_, check):
    stages = set()
    program = Monitored(*HTTP, "--duration", "3s", "--sample", "100ms")
    samples = scrape_to_the_end(program, check, lambda s: stages.update(
        dict(key[1])["phase"] for key, n in s.items() if key[0] == "shakedown_phase" and n == 1))
    status, result = program.finish()
    check.equal("exit status", status, 0)
    check_schema(check, result)
    check_same(check, samples, result)
    check.that("sustain" in stages, f"phases that were seen: {stages}")
    check.equal("intervals", exposition.value(samples, "shakedown_intervals_total"), len(result["intervals"]))


@case
def several_classes_have_figures_of_their_own(_, check):
    scenario = os.path.join(os.path.dirname(OPTIONS.schema), "../config/mixed.yaml")
    program = Monitored("run", scenario, "--duration", "2s")
    samples = scrape_to_the_end(program, check)
    _, result = program.finish()
    check.that(len(result["classes"]) > 1, "there is one class")
    check_same(check, samples, result)


@case
def openmetrics_is_for_those_who_ask(_, check):
    program = Monitored(*HTTP, "--duration", "2s")
    text = fields = None
    for accept, kind in ((None, "text/plain; version=0.0.4; charset=utf-8"), ("*/*", "text/plain; version=0.0.4"),
                         (f"{OPEN},text/plain;q=0.5", "application/openmetrics-text; version=1.0.0; charset=utf-8")):
        status, fields, text = program.get(accept=accept)
        check.equal("status", status, 200)
        check.that(fields["Content-Type"].startswith(kind), f"{accept}: {fields['Content-Type']}")
    exposition.read(text, is_open=True)
    check.equal("bytes", int(fields["Content-Length"]), len(text.encode()))
    status, fields, text = program.get(method="HEAD", accept=OPEN)
    check.that(status == 200 and text == "" and int(fields["Content-Length"]) > 1000, f"HEAD: {status} {fields}")
    check.equal("exit status", program.finish()[0], 0)


@case
def nothing_but_reading_the_figures_is_answered(_, check):
    program = Monitored(*HTTP, "--duration", "2s")
    for path in ("/", "/metrics/", "/metricsx", "/../metrics", "//metrics", "/favicon.ico"):
        check.equal(path, program.get(path)[0], 404)
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"):
        status, fields, _ = program.get(method=method, body="x" * 100 if method in ("POST", "PUT") else None)
        check.equal(method, (status, fields.get("Allow")), (405, "GET, HEAD"))
    check.equal("with a query", program.get("/metrics?name[]=x")[0], 200)
    check.equal("with a body", program.get(body="x" * 100000)[0], 200)
    check.equal("exit status", program.finish()[0], 0)


def rough(program, sent):
    """What is answered to @sent, cut; None: nothing, or the connection was closed or reset without a word."""
    host, port = program.place.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 2) as s, contextlib.suppress(OSError):
        s.sendall(sent)
        s.shutdown(socket.SHUT_WR)
        return s.recv(100) or None
    return None


@case
def what_is_no_request_is_refused_and_harms_nobody(_, check):
    program = Monitored(*HTTP, "--duration", "2s")
    for sent in (b"", b"\r\n" * 1000, b"\x00" * 5000, b"GET\r\n\r\n", b"GET /metrics\r\n\r\n", b"\x16\x03\x01\x02\x00",
                 b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
                 b"GET /" + b"z" * 100000 + b" HTTP/1.1\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"):
        answer = rough(program, sent)
        check.that(answer is None or b" 200 " not in answer[:20] or sent == b"GET /metrics\r\n\r\n",
                   f"{sent[:60]}: {answer}")
        program.scrape()
    check.equal("exit status", program.finish()[0], 0)


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


class Hostile:
    """Connections that are begun and kept: half a request, requests whose answers are never read, a request that comes
    byte by byte."""

    def __init__(self, program):
        self.sockets, self.program, self.trickled = [], program, []

    def begin(self, sent):
        host, port = self.program.place.rsplit(":", 1)
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        self.sockets.append(s)
        with contextlib.suppress(OSError):
            s.connect((host, int(port)))
            s.setblocking(False)
            s.send(sent)
        return s

    def come(self):
        for _ in range(20):
            self.begin(b"GET /met")
            self.begin(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
            self.trickled.append(self.begin(b"GET "))

    def go_on(self):
        for s in self.trickled:
            with contextlib.suppress(OSError):
                s.send(b"x")

    def leave(self):
        for s in self.sockets:
            s.close()


@case
def who_never_reads_and_who_never_ends_hold_up_nobody(_, check):
    """More of them than there may be connections, while others scrape."""
    program = Monitored(*HTTP, "--duration", "6s")
    before = memory_kb(program.child.process.pid)
    crowd = Hostile(program)
    rounds = 0
    while program.scrape()[("shakedown_phase", (("phase", "over"),))] == 0:
        if rounds < 10:
            crowd.come()
        crowd.go_on()
        rounds += 1
    grown = memory_kb(program.child.process.pid) - before
    # 32 connections, each with a page of 100 KB at most, and what a run's rows take.
    check.that(grown < 32 * 1024, f"memory has grown by {grown} KiB")
    check.that(rounds > 1, f"{rounds} scrapes")
    crowd.leave()
    status, result = program.finish()
    check.equal("exit status", status, 0)
    check.equal("attempted in all intervals", sum(i["attempted"] for i in result["intervals"]),
                result["totals"]["attempted"])


@case
def four_who_scrape_ten_times_a_second_cost_no_interval(_, check):
    """One of them never reads what it gets."""
    seen, problems = [0, 0, 0], []
    with tempfile.TemporaryDirectory() as folder:
        lines = os.path.join(folder, "lines")
        program = Monitored("run", "--rate", "1k", "--duration", "5s", "--json-lines", lines)

        def scrape(i):
            try:
                while program.scrape()[("shakedown_phase", (("phase", "over"),))] == 0:
                    seen[i] += 1
                    time.sleep(0.1)
            except Exception as error:  # what goes wrong in a thread is said by the case
                problems.append(error)

        scrapers = [threading.Thread(target=scrape, args=(i,)) for i in range(3)]
        for t in scrapers:
            t.start()
        deaf = Hostile(program)
        s = deaf.begin(b"")
        while any(t.is_alive() for t in scrapers):
            with contextlib.suppress(OSError):
                s.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.1)
        deaf.leave()
        status, result = program.finish()
        check.equal("exit status", status, 0)
        check.equal("problems", problems, [])
        check.that(min(seen) > 1, f"scrapes: {seen}")
        with open(lines, encoding="ascii") as file:
            rows = [row for row in map(json.loads, file) if "t_s" in row and "attempted" in row]
        check.equal("rows", len(rows), len(result["intervals"]))
        check.equal("attempted in all rows", sum(r["attempted"] for r in rows), result["totals"]["attempted"])
        # A row is missing only where a core, or control, had no CPU for as long as that.
        check.that(len(rows) >= 5 or result["totals"]["longest_poll_ns"] > 5e8, f"{len(rows)} rows")


@case
def an_address_in_use_is_told_before_the_run(_, check):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("run", "check"):
            run = Shakedown(command, "--metrics", str(port), "--duration", "1s", want_json=False).finish(30)
            check.equal(f"{command}: exit status", run.status, 3)
            check.that(f"--metrics: nobody can listen at port {port} of 127.0.0.1: Address already in use" in run.err,
                       run.err)
    run = Shakedown("run", "--metrics", "localhost:80", want_json=False).finish(30)
    check.that(run.status == 2 and "is nowhere to listen" in run.err, run.err)


@case
def loopback_alone_is_listened_at_unless_another_address_is_asked_for(_, check):
    for asked, place in (("0", "127.0.0.1:"), ("127.0.0.2:0", "127.0.0.2:"), ("[::1]:0", "[::1]:"),
                         ("0.0.0.0:0", "0.0.0.0:")):
        program = Monitored("run", "--rate", "100", "--duration", "1s", metrics=asked)
        check.that(program.place.startswith(place), f"{asked}: {program.place}")
        program.scrape()
        check.equal("exit status", program.finish()[0], 0)


@case
def no_thread_that_answers_is_roots(_, check):
    if lab.is_ordinary_user():
        raise lab.Skip("only root can become another user")
    program = Monitored("run", "--rate", "100", "--duration", "30s", "--user", "nobody", "--otlp", "http://127.0.0.1:9")
    program.scrape()
    nobody = str(NOBODY)
    for row in lab.threads_of(program.child.process.pid):
        check.equal("users, groups and capabilities of a thread", row, (nobody,) * 9 + (0, 0, 0))
    program.child.process.terminate()
    check.equal("exit status", program.finish()[0], 130)


@case
def a_server_is_watched_too(place, check):
    place.pair()
    program = Monitored("serve", "--device", DEVICE, "--local", "198.18.1.1/15", "--duration", "30s")
    if not lab.wait_until(lambda: peers.answers("198.18.1.1", timeout_s=1), 20):
        raise RuntimeError("serve does not answer")
    client = peers.connect("198.18.1.1:80", count=200, closes="first")
    check.equal("ended in order at the client", client["eof"], 200)
    program.child.process.terminate()
    samples = scrape_to_the_end(program, check)
    status, result = program.finish()
    check.equal("exit status", status, 130)
    check_same(check, samples, result)
    check.that(result["totals"]["attempted"] >= 200, f"attempted: {result['totals']['attempted']}")


@case
def dpdks_tools_see_the_run(_, check):
    if not lab.is_inside():
        raise lab.Skip("needs a /run of its own")
    program = Monitored(*HTTP, "--duration", "2s", "--eal", "--telemetry --file-prefix=watched")
    path = "/run/dpdk/watched/dpdk_telemetry.v2"
    before = lab.ask_telemetry(path, "/shakedown/stats")
    scrape_to_the_end(program, check)
    stats, latency = lab.ask_telemetry(path, "/shakedown/stats"), lab.ask_telemetry(path, "/shakedown/latency")
    one, lcores = lab.ask_telemetry(path, "/shakedown/latency,connect"), lab.ask_telemetry(path, "/shakedown/lcores")
    cores = [lab.ask_telemetry(path, f"/shakedown/lcores,{n}") for n in lcores]
    check.equal("what is not there", [lab.ask_telemetry(path, f"/shakedown/{w}") for w in ("latency,x", "lcores,99", "lcores,1x")],
                [None] * 3)
    if shutil.which("dpdk-telemetry.py"):
        said = subprocess.run(["dpdk-telemetry.py", "-f", "watched"], input="/shakedown/lcores\nquit\n", text=True,
                              capture_output=True, timeout=60, check=False).stdout
        check.that(f'{{"/shakedown/lcores": {json.dumps(lcores)}}}' in " ".join(said.split()).replace("[ ", "["),
                   f"dpdk-telemetry.py: {said}")
    _, result = program.finish()
    totals = result["totals"]
    for key, value in totals.items():
        if isinstance(value, int):
            check.equal(key, stats.get(key), value)
            check.that(key in ("open",) or before[key] <= value, f"{key} fell")
    for cause, value in totals["failures"].items():
        check.equal(cause, stats.get(f"failures/{cause}"), value)
    for name, want in result["latency"].items():
        check.equal(f"count of {name}", latency.get(f"{name}/count"), want["count"])
        if want["count"]:
            check.equal(f"p99 of {name}", latency[f"{name}/p99_ns"], round(want["p99_us"] * 1000))
    want = result["latency"]["connect"]
    figures = {k: round(v * 1000) for k, v in want.items() if k.endswith("_us") and k != "mean_us"}
    check.equal("one latency", one, {"connect/count": want["count"], "connect/sum_ns": want["sum_ns"],
                                     **{f"connect/{k.replace('_us', '_ns')}": v for k, v in figures.items()}})
    check.that({k: one.get(k) for k in latency if k.startswith("connect/")}.items() <= latency.items(),
               f"{one} is not what {latency} has of it")
    check.equal("lcores", lcores, [c["lcore"] for c in result["cores"]])
    for got, want in zip(cores, result["cores"]):
        check.equal("role", got["role"], want["role"])
        check.equal("polls", got["polls"], want["polls"])


lab.enter()
main()
