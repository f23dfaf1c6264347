# SPDX-License-Identifier: BSD-3-Clause
"""What a user tells a run that goes on, and the phases of a load of which one is measured."""

import json
import os
import stat
import subprocess
import tempfile

import lab
from cases import OPTIONS, Shakedown, case, check_result, main, shakedown

SECONDS_MAX = 20


def ctl(*words):
    return subprocess.run([OPTIONS.binary, "ctl", *words], capture_output=True, text=True, timeout=SECONDS_MAX,
                          check=False)


@case
def the_rate_changes_and_the_load_stops_when_it_is_told(place, check):
    with tempfile.TemporaryDirectory() as folder:
        socket, lines = os.path.join(folder, "run.sock"), os.path.join(folder, "lines")
        program = Shakedown("run", "--rate", "100", "--duration", "30s", "--control", socket, "--json-lines", lines)
        program.wait_for_row()
        check.equal("mode", stat.filemode(os.lstat(socket).st_mode), "srw-------")
        first = json.loads(ctl(socket, "snapshot").stdout)
        check.that(first["running"], "the snapshot is of a run that is over")
        check.near("attempted, each second of the snapshot", first["totals"]["attempted"] / first["duration_s"], 100,
                   0.1)
        changed, nonsense, snapshot = ctl(socket, "rate", "500"), ctl(socket, "rate", "x"), ctl(socket, "snapshot")
        check.that(changed.returncode == 0 and changed.stdout.startswith("rate 500/s, before 100/s, from "),
                   f"{changed}")
        check.that(nonsense.returncode == 2 and "is not a rate" in nonsense.stderr, f"{nonsense}")
        taken = json.loads(snapshot.stdout)
        check.equal("changes in the snapshot", [c["rate"] for c in taken["rate_changes"]], [500])
        program.wait_for_row()
        program.wait_for_row()
        stopped = ctl(socket, "stop")
        check.that(stopped.returncode == 0, f"{stopped}")
        run = program.finish(SECONDS_MAX)
        check_result(check, run, status=130)
        change = run.result["rate_changes"][0]
        due = 100 * change["t_s"] + 500 * (run.result["duration_s"] - change["t_s"])
        # The stop is an instant of the control thread's; a worker sees it when it has the processor again.
        seen_late = 500 * 0.05
        check.near("attempted and dropped", run.total("attempted") + run.total("starts_dropped"), due,
                   (2 + seen_late) / due)
        with open(lines, encoding="ascii") as file:
            check.equal("changes in the lines", [json.loads(x) for x in file if '"rate_before"' in x[:99]], [change])
        gone = ctl(socket, "stop")
        check.that(gone.returncode == 3 and "there is no" in gone.stderr, f"{gone}")


@case
def a_search_has_the_rate_to_itself(place, check):
    with tempfile.TemporaryDirectory() as folder:
        socket = os.path.join(folder, "run.sock")
        program = Shakedown("run", "--rate", "100", "--search", "rfc2544", "--control", socket)
        program.wait_for_row()
        told, snapshot = ctl(socket, "rate", "500"), ctl(socket, "snapshot")
        check.equal("exit status", told.returncode, 2)
        check.that("this run is a search, which has a rate for each trial" in told.stderr, f"{told}")
        check.equal("lines", told.stderr.count("\n"), 1)
        check.equal("changes", json.loads(snapshot.stdout)["rate_changes"], [])
        check.equal("told to stop", ctl(socket, "stop").returncode, 0)
        run = program.finish(SECONDS_MAX)
        check.equal("exit status of the search", run.status, 130)


@case
def criteria_are_of_the_phase_that_they_name(place, check):
    phases = ("--rate", "500", "--ramp-up", "1s", "--sustain", "1s", "--ramp-down", "1s")
    run = shakedown("run", *phases, "--criteria", "ramp_up.attempted < 350, ramp_up.attempted > 150, attempted > 350, "
                    "sustain.attempted < 650, ramp_down.attempted < 350")
    if check_result(check, run):
        counts = [c["value"] for c in run.result["verdict"]["criteria"]]
        check.that(counts[0] + counts[2] + counts[4] == run.total("attempted"), f"{counts}")
    run = shakedown("run", *phases, "--criteria", "ramp_up.attempted < 10 abort")
    if check_result(check, run, status=1):
        check.that(run.result["aborted"] is not None, "nothing ended the load")


@case
def one_phase_is_measured(place, check):
    run = shakedown("run", "--rate", "1000", "--init", "100ms", "--ramp-up", "200ms", "--warm-up", "100ms", "--sustain",
                    "1s", "--ramp-down", "200ms", "--criteria", "cps > 0")
    if not check_result(check, run):
        return
    check.equal("phases", [p["name"] for p in run.result["phases"]],
                ["init", "ramp_up", "warm_up", "sustain", "ramp_down"])
    check.equal("measured", [p["measured"] for p in run.result["phases"]], [False, False, False, True, False])
    check.equal("attempted and dropped", run.total("attempted") + run.total("starts_dropped"), 100 + 100 + 1000 + 100)
    measured = run.result["measured"]
    check.near("end", measured["end_s"] - measured["begin_s"], 1, 0.1)
    check.near("cps", run.result["rates"]["cps"],
               measured["totals"]["established"] / (measured["end_s"] - measured["begin_s"]), 0.001)
    check.equal("samples", run.result["latency"]["connect"]["count"], measured["totals"]["established"])


@case
def a_criterion_ends_the_load(place, check):
    run = shakedown("run", "--rate", "100", "--duration", "20s", "--criteria", "attempted < 150 abort after 1s")
    if not check_result(check, run, status=1):
        return
    aborted = run.result["aborted"]
    check.that(aborted is not None and 1 < aborted["t_s"] < 15, f"aborted: {aborted}")
    check.near("duration", run.result["duration_s"], aborted["t_s"], 0.05)
    check.that("does not hold after" in run.err, run.err)


lab.enter()
main()
