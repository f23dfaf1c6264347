# SPDX-License-Identifier: BSD-3-Clause
"""A target that falls silent stops the run, which says when and after what; one whose connections are held is not
silent. And what a run has so far, for those who ask."""

import signal

import lab
import peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

RUN = ("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--connect-timeout", "500ms",
       "--close-timeout", "500ms")
HOLE = "table netdev hole {\nchain in {\ntype filter hook ingress device \"srv0\" priority 0\ndrop\n}\n}\n"


@case
def a_target_that_falls_silent_ends_the_run(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    program = Shakedown(*RUN, "--rate", "200", "--duration", "20s", "--dead-man", "1s")
    program.wait_for_row()
    place.rules(HOLE, "server")
    run = program.finish(30)
    if not check_result(check, run, status=1):
        return
    dead = run.result["dead_man"]
    check.that(dead is not None and dead["silent_s"] >= 1, f"dead_man: {dead}")
    if dead:
        check.that(1 <= dead["stopped_s"] - dead["silent_s"] < 5, f"dead_man: {dead}")
        check.near("duration", run.result["duration_s"], dead["stopped_s"], 0.02)
        words = f"the target fell silent: nothing has come from it after {dead['silent_s']:.2f} s"
        check.that(words in run.err, run.err)
        check.that(f"{run.total('established')} connections had been established" in run.err, run.err)
        check.that(any(words in why for why in run.result["verdict"]["why"]), run.result["verdict"]["why"])
    check.that(run.total("failures")["timeout"] > 50, f"failures: {run.failures()}")
    check.equal("open", run.total("open"), 0)


@case
def held_connections_are_not_silence(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = shakedown(*RUN, "--connections", "5", "--hold", "2500ms", "--duration", "1s", "--dead-man", "500ms")
    check_all_closed(check, run)
    if run.result:
        check.equal("dead_man", run.result["dead_man"], None)


@case
def a_target_that_never_answers(place, check):
    place.pair()
    place.rules('table inet hole {\nchain in {\ntype filter hook input priority 0\nmeta l4proto tcp drop\n}\n}\n', "server")
    run = shakedown(*RUN, "--rate", "50", "--duration", "20s", "--dead-man", "1s")
    if check_result(check, run, status=1):
        check.that("not one connection was established" in run.err, run.err)
        check.that("silence" in [h["name"] for h in run.result["hints"]], run.result["hints"])
    run = shakedown(*RUN, "--rate", "50", "--duration", "1500ms", "--dead-man", "0")
    if check_result(check, run, status=1):
        check.equal("dead_man", run.result["dead_man"], None)
        check.that("every connection failed" in run.err, run.err)


lab.enter()
main()
