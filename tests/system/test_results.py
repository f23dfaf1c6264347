# SPDX-License-Identifier: BSD-3-Clause
"""What is made of results: several merged, runs compared, pages."""

import json
import os
import signal
import subprocess
import tempfile

import lab
from cases import OPTIONS, case, main

try:
    import jsonschema
except ImportError:
    jsonschema = None

RUN = ("--rate", "1k", "--duration", "2s", "--sample", "100ms")
# On a machine with other things to do its own generator is the limit.
ALL_THE_SAME = ("--allow-different",)


def shakedown(*args, **popen):
    return subprocess.run([OPTIONS.binary, *map(str, args)], capture_output=True, text=True, timeout=120, check=False,
                          **popen)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def schema(name):
    return read(os.path.join(os.path.dirname(OPTIONS.schema), name))


def side_by_side(folder, n, *args):
    """So many results of as many processes that ran at once."""
    paths = [os.path.join(folder, f"{i}.json") for i in range(n)]
    runs = [subprocess.Popen([OPTIONS.binary, "run", *RUN, *args, "--json", path], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL) for path in paths]
    return paths, [run.wait(60) for run in runs]


def distribution(results, latency):
    """All samples of all of them, bucket by bucket."""
    buckets = {}
    for result in results:
        for pair in result["latency"][latency]["distribution"].split():
            low, count = map(int, pair.split(":"))
            buckets[low] = buckets.get(low, 0) + count
    return " ".join(f"{low}:{count}" for low, count in sorted(buckets.items()))


@case
def processes_are_merged_exactly(_, check):
    with tempfile.TemporaryDirectory() as folder:
        paths, statuses = side_by_side(folder, 2, "--send", "1", "--receive", "1")
        check.equal("exit statuses", statuses, [0, 0])
        to = os.path.join(folder, "m.json")
        done = shakedown("merge", *paths, "--json", to)
        check.equal("merge", (done.returncode, done.stderr), (0, ""))
        parts, whole = [read(path) for path in paths], read(to)
        for name in ("attempted", "closed", "failed", "rx_packets", "retransmits"):
            check.equal(name, whole["totals"][name], sum(part["totals"][name] for part in parts))
        for name in ("connect", "lateness", "transfer"):
            latency = whole["latency"][name]
            check.equal(f"{name}: samples", latency["distribution"], distribution(parts, name))
            check.equal(f"{name}: max", latency["max_us"], max(part["latency"][name]["max_us"] for part in parts))
            check.equal(f"{name}: sum", latency["sum_ns"], sum(part["latency"][name]["sum_ns"] for part in parts))
        check.equal("attempted in rows", sum(row["attempted"] for row in whole["intervals"]),
                    whole["totals"]["attempted"])
        check.equal("processes", whole["processes"], 2)
        check.equal("rate", whole["scenario"]["load"]["rate"], 2000)
        if jsonschema:
            jsonschema.validate(whole, read(OPTIONS.schema))
        again = shakedown("run", to, "--print-scenario")
        check.equal("its scenario can be run", again.returncode, 0)


@case
def what_cannot_be_merged_or_compared_is_refused(_, check):
    with tempfile.TemporaryDirectory() as folder:
        (one,), _ = side_by_side(folder, 1)
        other = os.path.join(folder, "rst.json")
        shakedown("run", *RUN, "--close", "rst", "--json", other)
        for verb in ("merge", "compare"):
            done = shakedown(verb, one, other)
            check.equal(f"{verb}: status", done.returncode, 2)
            check.that("close is" in done.stderr or "the generator was the limit" in done.stderr,
                       f"{verb}: {done.stderr}")
            check.equal(f"{verb}: one sentence", len(done.stderr.splitlines()), 1)
        with open(one, encoding="utf-8") as file:
            text = file.read().replace("shakedown.result/1", "shakedown.result/2", 1)
        with open(other, "w", encoding="utf-8") as file:
            file.write(text)
        for verb in ("merge", "compare"):
            done = shakedown(verb, one, other)
            check.equal(f"{verb}: status", done.returncode, 2)
            check.that("its schema is 'shakedown.result/2'" in done.stderr, f"{verb}: {done.stderr}")


@case
def runs_are_repeated_in_turn_and_compared(_, check):
    with tempfile.TemporaryDirectory() as folder:
        to = os.path.join(folder, "r.json")
        done = shakedown("run", "--rate", "1k", "--duration", "1s", "--repeat", "3", "--against", OPTIONS.binary,
                         *ALL_THE_SAME, "--json", to, "--criteria", "cps.ratio > 0.5, failed < 100%, cps.ratio_low < 2")
        check.equal("status", done.returncode, 0)
        if done.returncode != 0:
            check.that(False, done.stderr)
            return
        names = sorted(os.listdir(folder))
        check.equal("files", names, sorted(["r.json"] + [f"r.{n}.json" for n in (1, 2, 3)] +
                                           [f"r.against.{n}.json" for n in (1, 2, 3)]))
        found = read(to)
        if jsonschema:
            jsonschema.validate(found, schema("compare.schema.json"))
        check.equal("groups", [len(group["files"]) for group in found["groups"]], [3, 3])
        check.equal("basis", found["comparisons"][0]["basis"], "runs")
        check.equal("criteria", [c["pass"] for c in found["comparisons"][0]["criteria"]], [True, True])
        cps = found["comparisons"][0]["figures"][0]
        check.equal("figure", cps["name"], "cps")
        check.that(cps["ratio_low"] <= cps["ratio"] <= cps["ratio_high"], f"interval: {cps}")
        each = read(os.path.join(folder, "r.1.json"))
        check.equal("criteria of a run", [c["text"] for c in each["verdict"]["criteria"]], ["failed < 100%"])
        files = [os.path.join(folder, name) for name in names if name != "r.json"]
        page = os.path.join(folder, "c.html")
        again = shakedown("compare", *files[3:], "vs", *files[:3], *ALL_THE_SAME, "--criteria", "cps.ratio > 100",
                          "--html", page)
        check.equal("a ratio that does not hold", again.returncode, 1)
        check.that("FAILS    cps.ratio > 100" in again.stdout, again.stdout)
        with open(page, encoding="utf-8") as file:
            check.that('"cps.ratio > 100"' in file.read(), "the page does not have the criterion")


@case
def a_run_that_cannot_be_made_ends_the_others(_, check):
    done = shakedown("run", "--rate", "1k", "--repeat", "3", "--device", "no_such_device")
    check.that(done.returncode in (2, 3), f"status {done.returncode}: {done.stderr}")
    check.equal("runs begun", done.stderr.count(" of 3\n"), 1)
    done = shakedown("run", "--repeat", "2", "--json", "-")
    check.equal("standard output is not for several", done.returncode, 2)
    done = shakedown("run", "--repeat", "2", "--criteria", "cps.ratio > 1")
    check.equal("a ratio to nothing", done.returncode, 2)


@case
def an_interruption_ends_all_runs_and_leaves_nothing(_, check):
    with tempfile.TemporaryDirectory() as folder:
        runs = subprocess.Popen([OPTIONS.binary, "run", "--rate", "1k", "--duration", "30s", "--repeat", "3"],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "TMPDIR": folder})
        while " s " not in (line := runs.stdout.readline()) and line:  # a second of the first run
            pass
        runs.send_signal(signal.SIGINT)
        _, said = runs.communicate(timeout=60)
        check.equal("status", runs.returncode, 130)
        check.equal("runs begun", said.count(" of 3\n"), 1)
        check.equal("left behind", os.listdir(folder), [])


@case
def runs_of_another_user_have_a_place_for_their_results(_, check):
    if os.geteuid() != 0:
        lab.skip("only root becomes another user")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        done = shakedown("run", "--rate", "500", "--duration", "1s", "--repeat", "2", "--user", "nobody",
                         env={**os.environ, "TMPDIR": folder})
        check.equal("status", done.returncode, 0)
        check.that("2 runs" in done.stdout, done.stderr)
        check.equal("left behind", os.listdir(folder), [])


@case
def a_page_is_written_by_a_run_and_of_a_result(_, check):
    with tempfile.TemporaryDirectory() as folder:
        result, page = os.path.join(folder, "r.json"), os.path.join(folder, "r.html")
        run = shakedown("run", *RUN, "--json", result, "--html", page)
        if "libjs-dygraphs" in run.stderr:
            check.equal("without charts", run.returncode, 2)
            return
        check.equal("run", run.returncode, 0)
        with open(page, encoding="utf-8") as file:
            first = file.read()
        check.that(first.startswith("<!DOCTYPE html>") and first.endswith("</html>\n"), "the page is not whole")
        os.unlink(page)
        done = shakedown("report", result)
        check.equal("report", (done.returncode, done.stdout, done.stderr), (0, page + "\n", ""))
        with open(page, encoding="utf-8") as file:
            check.that(file.read() == first, "the page of the result is not that of the run")
        done = shakedown("report", page)
        check.equal("no result", done.returncode, 2)


main()
