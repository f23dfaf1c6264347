# SPDX-License-Identifier: BSD-3-Clause
"""Who was the limit: the generator, the target or the network starved on purpose, one or two at a time, and each is
named. What only counters can show is in tests/unit/report/test_verdict.c."""

import signal
import sys

import lab
import peers
from cases import Shakedown, case, check_result, main, shakedown
from lab import DEVICE, FAR4, GATEWAY4, GEN, LOCAL4, NEAR4, SERVER4

URL = f"tcp://{SERVER4}:80"
WIRE = ("--device", DEVICE, "--local", LOCAL4)
SHORT = ("--connect-timeout", "500ms", "--close-timeout", "500ms", "--dead-man", "0")
ONE_CPU = ("taskset", "-c", "0")
DROP = 'table inet hole {{\nchain in {{\ntype filter hook input priority 0\n{}\n}}\n}}\n'


def named(check, run, limit, *parts, status=0):
    """@parts: any of them; what ends with a blank is only the beginning."""
    if not check_result(check, run, status):
        return
    verdict = run.result["verdict"]
    check.equal("limited by", verdict["limited_by"], limit)
    check.that(any(verdict["part"] == part or part.endswith(" ") and verdict["part"].startswith(part)
                   for part in parts), f"part {verdict['part']!r}, want one of {parts}")
    check.that(verdict["evidence"] or limit == "none", "there is no evidence")
    check.that(f"limit: {limit} ({verdict['part']})" in " ".join(run.out.split()), "the summary does not say it")


# -- the generator -----------------------------------------------------------------------------------------------------


@case
def one_core_for_both_sides_and_a_busy_neighbour(place, check):
    place.spawn([*ONE_CPU, sys.executable, "-c", "while True: pass"])
    run = shakedown("run", "--rate", "20k", "--duration", "1s", "--criteria", "limited_by != generator",
                    prefix=ONE_CPU)
    named(check, run, "generator", "CPU of worker ", status=1)
    check.equal("criterion", [c["value"] for c in run.result["verdict"]["criteria"]], ["generator"])


@case
def more_than_a_core_can_begin(_, check):
    run = shakedown("run", "--rate", "20M", "--duration", "1s", "--connections", "100k")
    named(check, run, "generator", "CPU of worker ", "connections allowed")


@case
def a_closed_loop_takes_all_of_a_core(place, check):
    place.spawn([*ONE_CPU, sys.executable, "-c", "while True: pass"])
    named(check, shakedown("run", "--duration", "1s", prefix=ONE_CPU), "generator", "CPU of worker ")


@case
def too_few_tuples(_, check):
    run = shakedown("run", "--local", "198.18.0.10/15", "--ports", "5000-5019", "--connections", "20", "--rate", "2k",
                    "--hold", "100ms", "--duration", "1s", "--reuse", "0")
    named(check, run, "generator", "local tuples")


@case
def too_few_connections(_, check):
    run = shakedown("run", "--connections", "20", "--rate", "2k", "--hold", "100ms", "--duration", "1s")
    named(check, run, "generator", "connections allowed")


@case
def tiny_rings(place, check):
    """Sixteen frames each way."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    device = f"net_af_packet0,iface={GEN},framecnt=16,blocksz=4096,framesz=2048"
    run = shakedown("run", URL, "--device", device, "--local", LOCAL4, "--rate", "20k", "--duration", "1s")
    named(check, run, "generator", "port", "CPU of worker ", "memory")


# -- the target --------------------------------------------------------------------------------------------------------


@case
def a_closed_port(place, check):
    place.pair()
    named(check, shakedown("run", URL, *WIRE, "--rate", "200", "--duration", "500ms"), "target", "listener")


@case
def a_firewall_that_drops_some_syns(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    place.rules(DROP.format("tcp flags & (syn | ack) == syn numgen random mod 10 < 3 drop"), "server")
    named(check, shakedown("run", URL, *WIRE, *SHORT, "--rate", "300", "--duration", "1s"),
          "target", "listen queue, or a firewall")


@case
def a_firewall_that_drops_all(place, check):
    place.pair()
    place.rules(DROP.format("meta l4proto tcp drop"), "server")
    named(check, shakedown("run", URL, *WIRE, *SHORT, "--rate", "200", "--duration", "1s"),
          "target", "listen queue, or a firewall")


@case
def a_backlog_of_one(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80", backlog=1)
    named(check, shakedown("run", URL, *WIRE, *SHORT, "--rate", "100", "--duration", "1s"),
          "target", "listen queue, or a firewall", "accept queue", "program")


@case
def a_target_that_was_stopped(place, check):
    """Its kernel goes on: it takes connections for it, and their FINs."""
    place.pair()
    server = peers.start_server(place, f"{SERVER4}:80")
    server.process.send_signal(signal.SIGSTOP)
    try:
        run = shakedown("run", URL, *WIRE, *SHORT, "--rate", "200", "--duration", "1s")
    finally:
        server.process.send_signal(signal.SIGCONT)
    named(check, run, "target", "program", "accept queue")


@case
def a_target_that_falls_silent(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    program = Shakedown("run", URL, *WIRE, *SHORT[:-2], "--dead-man", "700ms", "--rate", "100", "--duration", "20s")
    program.wait_for_row()
    place.rules(DROP.format("meta l4proto tcp drop"), "server")
    named(check, program.finish(30), "target", "silence", status=1)


# -- the network -------------------------------------------------------------------------------------------------------


@case
def a_router_that_loses(place, check):
    place.routed()
    peers.start_server(place, f"{FAR4}:80")
    place.lose(to_server=500, to_client=500)
    run = shakedown("run", f"tcp://{FAR4}:80", "--device", DEVICE, "--local", NEAR4, *GATEWAY4, "--rate", "500",
                    "--duration", "2s", "--send", "20k", "--hold", "1ms")
    named(check, run, "network", "loss")


@case
def a_router_that_drops_long_packets_in_silence(place, check):
    """The handshake and the last, short segment come through, and no ICMP error says why the others do not."""
    place.routed()
    peers.start_server(place, f"{FAR4}:80")
    place.rules("table inet hole {\nchain in {\ntype filter hook forward priority 0\nip length > 1400 drop\n}\n}\n",
                "router")
    run = shakedown("run", f"tcp://{FAR4}:80", "--device", DEVICE, "--local", NEAR4, *GATEWAY4, "--rate", "50",
                    "--duration", "1s", "--send", "20k", "--data-timeout", "5s", "--dead-man", "0")
    named(check, run, "network", "path MTU")


@case
def a_network_without_a_route(place, check):
    place.routed()
    run = shakedown("run", "tcp://198.20.0.1:80", "--allow-public", "--device", DEVICE, "--local", NEAR4, *GATEWAY4,
                    "--rate", "100", "--duration", "500ms", "--dead-man", "0")
    named(check, run, "network", "route")


@case
def a_link_that_goes_down(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    program = Shakedown("run", URL, *WIRE, *SHORT, "--rate", "200", "--duration", "4s")
    program.wait_for_row()
    lab.quiet(["ip", "link", "set", "dev", lab.SRV, "down"], "server")
    named(check, program.finish(30), "network", "link")


# -- two at once -------------------------------------------------------------------------------------------------------


@case
def a_firewall_that_drops_and_a_core_that_is_shared(place, check):
    """Timeouts of half a second are not of a generator that is late by milliseconds."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    place.rules(DROP.format("tcp flags & (syn | ack) == syn numgen random mod 10 < 3 drop"), "server")
    place.spawn([*ONE_CPU, sys.executable, "-c", "while True: pass"])
    run = shakedown("run", URL, *WIRE, *SHORT, "--rate", "500", "--duration", "1s", prefix=ONE_CPU)
    named(check, run, "target", "listen queue, or a firewall")
    check.that(any("starts were late" in e for e in run.result["verdict"]["evidence"]), "and the generator was late")


@case
def a_stopped_target_and_too_few_connections(place, check):
    """Connections that fail hold up the others: the bound is not the limit."""
    place.pair()
    server = peers.start_server(place, f"{SERVER4}:80")
    server.process.send_signal(signal.SIGSTOP)
    try:
        run = shakedown("run", URL, *WIRE, *SHORT, "--rate", "200", "--connections", "20", "--duration", "1s")
    finally:
        server.process.send_signal(signal.SIGCONT)
    named(check, run, "target", "program", "accept queue")


lab.enter()
main()
