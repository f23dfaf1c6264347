# SPDX-License-Identifier: BSD-3-Clause
"""Figures that are pushed to an OpenTelemetry collector: what it gets, and that one which is of no use costs the run
nothing."""

import os
import signal
import socket

import lab
import tls_peers
from cases import Shakedown, case, check_schema, main, shakedown
from monitored import Monitored, check_same
from otlp_receiver import Receiver

for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(name, None)

LONG = ("--duration", "300s")  # ended by end_after()
RUN = ("run", "http://198.19.0.1/100", "--rate", "500", *LONG)


def end_after(pushes, receiver, program):
    """End the run once so many pushes have been taken: how long that takes is the machine's affair. @return its
    status and result"""
    lab.wait_until(lambda: receiver.n >= pushes or not program.is_running(), 60)
    if program.is_running():
        program.child.process.send_signal(signal.SIGINT)
    return program.finish()


@case
def what_is_pushed_grows_and_is_the_result_in_the_end(_, check):
    with Receiver() as receiver:
        program = Monitored(*RUN, "--sample", "100ms", "--otlp", receiver.url, "--otlp-period", "200ms", metrics=None,
                            prefix=("env", "OTEL_EXPORTER_OTLP_HEADERS=X-Token=a%20b, X-More=c"))
        status, result = end_after(4, receiver, program)
        check.equal("exit status", status, 130)
        check_schema(check, result)
        check.equal("problems", receiver.problems, [])
        check.that(receiver.n > 2, f"{receiver.n} pushes")
        check.equal("paths", receiver.paths, {"/v1/metrics"})
        check.equal("fields", [receiver.fields.get(f) for f in ("Content-Type", "X-Token", "X-More")],
                    ["application/json", "a b", "c"])
        check.equal("service", receiver.resource.get("service.name"), "shakedown")
        check.equal("version", receiver.resource.get("service.version"), result["tool"]["version"])
        check.equal("process", receiver.resource.get("process.pid"), str(program.child.process.pid))
        check.equal("host", receiver.resource.get("host.name"), socket.gethostname())
        check_same(check, receiver.samples(), result)


@case
def a_path_of_the_users_is_kept(_, check):
    with Receiver() as receiver:
        run = shakedown("run", "--rate", "100", "--duration", "1s", "--otlp", f"{receiver.url}/x/y?z=1")
        check.equal("exit status", run.status, 0)
        check.equal("problems", receiver.problems, [])
        check.equal("paths", receiver.paths, {"/x/y?z=1"})


@case
def a_collector_with_a_certificate_is_trusted_by_it_while_the_load_is_of_tls(_, check):
    """The load's OpenSSL has its memory from lists of each thread: one more thread uses it."""
    authority = tls_peers.Authority()
    run = ("run", "tls://198.19.0.1", "--rate", "50", "--sample", "100ms", "--otlp-period", "100ms")
    with Receiver(identity=authority.issue("collector", names="IP:127.0.0.1")) as receiver:
        program = Monitored(*run, *LONG, "--otlp", receiver.url, metrics=None,
                            prefix=("env", f"OTEL_EXPORTER_OTLP_CERTIFICATE={authority.pem}"))
        status, result = end_after(4, receiver, program)
        check.equal("exit status", status, 130)
        check.equal("problems", receiver.problems, [])
        check.that(receiver.n > 2, f"{receiver.n} pushes: {program.said()}")
        check_same(check, receiver.samples(), result)
        n = receiver.n
        untrusted = shakedown(*run, "--duration", "2s", "--otlp", receiver.url)
        check.equal("exit status", untrusted.status, 0)
        check.that("certificate" in untrusted.err and "pushes failed" in untrusted.err, untrusted.err)
        check.equal("pushes to one that is not trusted", receiver.n - n, 0)


def nobody():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        return f"http://127.0.0.1:{s.getsockname()[1]}"


def check_useless(check, url, words):
    """A run with such a collector is as any other; that it is of no use is said once, and counted."""
    run = shakedown("run", "--rate", "100", "--duration", "2s", "--otlp", url, "--otlp-period", "200ms")
    check.equal(f"{words}: exit status", run.status, 0)
    check.that(run.result and run.total("attempted") == run.total("closed") > 0, f"{words}: {run.describe()}")
    check.equal(f"{words}: warnings in {run.err}", run.err.count("warning: --otlp"), 1)
    check.that(words in run.err, f"{words!r} is not in {run.err}")
    check.that("pushes failed" in run.err, f"no count of failures in {run.err}")


@case
def a_collector_that_is_of_no_use_costs_the_run_nothing(_, check):
    check_useless(check, nobody(), "Failed to connect")
    check_useless(check, "http://no-such-host.invalid:4318", "no-such-host.invalid")
    for mode, words in (("refuses", "status 503"), ("rejects", "no room")):
        with Receiver(mode) as receiver:
            check_useless(check, receiver.url, words)
            check.equal(f"{mode}: problems", receiver.problems, [])
            check.that(receiver.n > 1, f"{mode}: {receiver.n} requests")


@case
def a_collector_that_never_answers_does_not_hold_up_the_end(_, check):
    """Its limit is the test's: a push may take 5 s, and the run is over before."""
    with Receiver("is silent") as receiver:
        run = shakedown("run", "--rate", "100", "--duration", "2s", "--otlp", receiver.url, timeout_s=60)
        check.equal("exit status", run.status, 0)
        check.that("pushes failed" in run.err or "--otlp" in run.err, run.err)
        check.that(receiver.n >= 1, "it was never asked")


@case
def an_interruption_is_not_held_up_either(_, check):
    with Receiver("is silent") as receiver:
        program = Shakedown("run", "--rate", "100", "--duration", "60s", "--otlp", receiver.url)
        program.wait_for_row()
        program.wait_for_row()
        program.interrupt()
        run = program.finish(40)
        check.equal("exit status", run.status, 130)
        check.that(run.result is not None and run.result["interrupted"], "no result")


@case
def a_url_with_credentials_is_refused(_, check):
    for url, words in (("http://user:secret@127.0.0.1", "OTEL_EXPORTER_OTLP_HEADERS"),
                       ("file:///etc/passwd", "is no URL of a collector")):
        run = Shakedown("run", "--otlp", url, want_json=False).finish(30)
        check.equal("exit status", run.status, 2)
        check.that(words in run.err and "secret" not in run.err, run.err)


lab.enter()
main()
