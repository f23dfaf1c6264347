# SPDX-License-Identifier: BSD-3-Clause
"""When requests go, and on which connection: at a rate of their own, so many in all, again after a close; and what is
acknowledged of the answers. Against nginx, whose access log has to agree line by line."""

import json
import subprocess
import sys

import lab
import peers
import tls_peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from http_peers import Nginx, check_log
from lab import DEVICE, LOCAL4, SERVER4

DROPS = "table inet dead { chain c { type filter hook input priority 0; tcp dport 80 drop; }; }"
URL = f"http://{SERVER4}/hundred"
USUAL = ("--device", DEVICE, "--local", LOCAL4)


def check_paced(check, run, n):
    """Of @n requests that were due each was begun, or is counted as dropped because the generator was late."""
    asked = run.total("requests") + (run.total("requests_raced") - run.total("requests_retried"))
    check.near("requests, or dropped as late", asked + (run.total("starts_dropped") or 0), n, 0.001)
    check.equal("latencies", run.result["latency"]["ttfb"]["count"], run.total("responses"))
    check.equal("service times", run.result["latency"]["ttfb_service"]["count"], run.total("responses"))


# ---- a rate of requests ------------------------------------------------------------------------------


@case
def requests_at_a_rate_of_their_own(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=1000000)
    run = shakedown("run", URL, *USUAL, "--request-rate", "500", "--duration", "2s")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check_paced(check, run, 1000)
    check.that(run.total("attempted") < run.total("requests"), "a connection for each request")


@case
def a_rate_over_tls(place, check):
    place.pair()
    identity = tls_peers.Authority().issue("server")
    nginx = Nginx(place, f"{SERVER4}:443", limit=1000000, identity=identity)
    run = shakedown("run", f"https://{SERVER4}/hundred", *USUAL, "--request-rate", "300", "--duration", "2s")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check_paced(check, run, 600)
    check.equal("TLS handshakes", run.total("tls_handshakes"), run.total("attempted"))


@case
def connections_that_the_server_limits_are_replaced(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=20)
    run = shakedown("run", URL, *USUAL, "--request-rate", "500", "--duration", "2s")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check_paced(check, run, 1000)
    check.that(run.total("attempted") >= run.total("requests") / 20, "more requests than nginx allows a connection")


@case
def a_reload_while_requests_are_paced_loses_none(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=300)
    program = Shakedown("run", URL, *USUAL, "--request-rate", "2000", "--duration", "4s")
    program.wait_for_row()
    nginx.reload()
    run = program.finish(60)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check_paced(check, run, 8000)
    check.that(run.total("server_closed_idle") > 0, "no close of a kept connection was counted")


@case
def several_cores_interleave_their_requests(place, check):
    run = shakedown("run", "http://198.19.0.1/100", "--lcores", "2", "--request-rate", "2k", "--duration", "1s")
    check_all_closed(check, run)
    check_paced(check, run, 2000)


@case
def payload_at_a_rate(place, check):
    for scheme in ("tcp", "tls"):
        run = shakedown("run", f"{scheme}://198.19.0.1:80", "--send", "100", "--receive", "200", "--request-rate", "1k",
                        "--duration", "1s", "--think", "1ms")
        check_all_closed(check, run)
        n = run.result["latency"]["transfer"]["count"]
        check.near("exchanges, or dropped as late", n + (run.total("starts_dropped") or 0), 1000, 0.001)
        if scheme == "tcp":
            check.equal("payload", run.total("rx_payload_bytes"), 200 * n)


# ---- so many in all, of a target that is dead ----------------------------------------------------------


def says_how_many(check, run, made, total):
    """A run that ended with @made of the @total requests that it was to make."""
    check.equal("requests", run.total("requests"), made)
    check.equal("answered", run.total("responses"), 0)
    text = " ".join(run.out.split())
    if made < total:
        check.that(f"not made {total - made} of the {total} that -n asks for" in text, "what is left is not told")
        check.that("before as many requests had been made as -n asked for" in text, "no advice")


FIVE = (URL, *USUAL, "-n", "5", "--connections", "5")


@case
def all_that_a_silent_server_was_asked_are_lost(place, check):
    """It accepts, and never answers: each request has a fate, and with the last one the run is over."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = shakedown("run", *FIVE, "--data-timeout", "300ms")
    check_result(check, run)
    says_how_many(check, run, 5, 5)
    check.equal("timed out", run.total("http_timeouts"), 5)
    check.that(run.seconds < 30, f"it took {run.seconds:.0f} s")


@case
def what_a_dead_target_was_not_asked_is_told(place, check):
    """Refused, or not answered at all: no request can be made."""
    place.pair()
    for dead, cause in ((None, "refused"), (DROPS, "timeout")):
        if dead:
            place.rules(dead, "server")
        run = shakedown("run", *FIVE, "--connect-timeout", "300ms", "--duration", "1s")
        check_result(check, run)
        says_how_many(check, run, 0, 5)
        check.equal("why connections failed", list(run.failures()), [cause])


@case
def nobody_waits_for_a_dead_target_without_end(place, check):
    """Without a duration: a minute after nothing came of any."""
    place.pair()
    place.rules(DROPS, "server")
    run = shakedown("run", *FIVE, "--connect-timeout", "2s", timeout_s=120)
    check_result(check, run)
    says_how_many(check, run, 0, 5)
    check.that(55 < run.seconds < 100, f"it took {run.seconds:.0f} s")


# ---- so many in all ----------------------------------------------------------------------------------


@case
def so_many_in_all_over_kept_connections(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=100)
    run = shakedown("run", URL, *USUAL, "-n", "3001", "--connections", "7")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("requests", run.total("requests"), 3001)


@case
def so_many_in_all_one_on_each_connection(place, check):
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80")
    run = shakedown("run", URL, *USUAL, "-n", "301", "--requests", "1", "--connections", "7")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("requests", run.total("requests"), 301)
    check.equal("attempted", run.total("attempted"), 301)


@case
def so_many_in_all_of_several_cores(place, check):
    for n in (1, 5, 10007):
        run = shakedown("run", "http://198.19.0.1/100", "--lcores", "2", "--connections", "50", "-n", str(n))
        check_all_closed(check, run)
        check.equal(f"{n} requests", run.total("requests"), n)
        check.that(run.result["duration_s"] < 3000, "the run did not end with the last of them")


@case
def so_many_transfers_in_all(place, check):
    for scheme in ("tcp", "tls"):
        run = shakedown("run", f"{scheme}://198.19.0.1:80", "--send", "1", "--receive", "1", "-n", "1234")
        check_all_closed(check, run)
        check.equal(f"{scheme}: transfers", run.result["latency"]["transfer"]["count"], 1234)
        check.equal(f"{scheme}: connections", run.total("attempted"), 1234)


# ---- sent again --------------------------------------------------------------------------------------


@case
def what_a_reload_met_is_sent_again(place, check):
    """Whatever races with the close of a kept connection is answered on another one: as many lines as requests."""
    place.pair()
    nginx = Nginx(place, f"{SERVER4}:80", limit=1000000)
    program = Shakedown("run", URL, *USUAL, "--connections", "40", "--duration", "4s")
    program.wait_for_row()
    nginx.reload()
    run = program.finish(60)
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("retried", run.total("requests_retried"), run.total("requests_raced"))
    check.that(run.total("server_closed_idle") > 0, "no close of a kept connection was counted")


# ---- acknowledgements --------------------------------------------------------------------------------


def acks_of(place, *options, nagle=False):
    """What a server that writes its answers in two pieces counted of a run of 100 requests on one connection."""
    command = [sys.executable, lab.script("two_writes.py"), "--bind", f"{SERVER4}:80", "--interface", lab.SRV]
    child = place.spawn(command + ["--nagle"] * nagle, "server", stdout=subprocess.PIPE, text=True)
    if child.process.stdout.readline().strip() != "ready":
        raise RuntimeError("the server did not start")
    run = shakedown("run", f"http://{SERVER4}/", *USUAL, "--connections", "1", "-n", "100", *options)
    child.stop()
    return run, json.loads(child.process.stdout.read())


@case
def acks_go_as_the_policy_says(place, check):
    place.pair()
    acks = {}
    for policy in ("quick", "delayed", "linux"):
        run, seen = acks_of(place, "--ack", policy)
        check_all_closed(check, run)
        check.equal(f"{policy}: answered", seen["answered"], 100)
        check.equal(f"{policy}: requests", run.total("requests"), 100)
        check.equal(f"{policy}: in the scenario", run.result["scenario"]["ack"], policy)
        acks[policy] = seen["acks"] - run.total("duplicates")  # each of which is answered at once
    # The second half of an answer brings the next request, which takes its ACK along.
    check.that(acks["quick"] >= 95, f"quick: {acks['quick']} ACKs alone for 100 first halves of an answer")
    check.that(acks["delayed"] <= 30, f"delayed: {acks['delayed']} ACKs alone in a dialogue")
    check.that(acks["linux"] <= 30, f"linux: {acks['linux']} ACKs alone in a dialogue")


@case
def acks_after_a_pause_are_quick_as_linux_has_them(place, check):
    place.pair()
    acks = {}
    for policy in ("delayed", "linux"):
        run, seen = acks_of(place, "--ack", policy, "--think", "60ms")
        check_all_closed(check, run)
        acks[policy] = seen["acks"] - run.total("duplicates")
    check.that(acks["linux"] >= 180, f"linux: {acks['linux']} ACKs of 100 answers in two pieces, with a pause between")
    check.that(acks["delayed"] <= 130, f"delayed: {acks['delayed']} ACKs of the same")


# ---- names -------------------------------------------------------------------------------------------


@case
def a_name_with_an_address_of_the_users(place, check):
    """The resolver is not asked, and the name is what is sent."""
    place.pair()
    authority = tls_peers.Authority()
    identity = authority.issue("server", names="DNS:www.nowhere.invalid")
    nginx = Nginx(place, f"{SERVER4}:443", identity=identity)
    run = shakedown("run", "https://www.nowhere.invalid/hundred", *USUAL, "--resolve",
                    f"www.nowhere.invalid:443:{SERVER4}", "--ca", authority.pem, "-n", "50",
                    "--duration", "5s")
    check_all_closed(check, run)
    check_log(check, run, nginx)
    check.equal("requests", run.total("requests"), 50)


lab.enter()
main()
