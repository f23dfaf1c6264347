# SPDX-License-Identifier: BSD-3-Clause
"""Scenario files, the examples in config/ among them; and results that run again."""

import glob
import json
import os
import subprocess
import tempfile

import lab
from cases import OPTIONS, Shakedown, case, check_result, main, shakedown

CONFIG = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "config")
SHORT = ("--duration", "100ms", "--drain", "5s")
NAMES = ("bulk", "criteria", "h2", "half-open", "handshake-rate", "held", "http-keepalive", "mixed", "networks", "paces",
         "phases",         "ramp", "serve", "tls", "search")


def example(name):
    return os.path.join(CONFIG, f"{name}.yaml")


def output(*args, env=None):
    """What shakedown writes to its two streams, and its status."""
    done = subprocess.run([OPTIONS.binary, *args], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **(env or {})})
    return done.stdout, done.stderr, done.returncode


def written(text, suffix=".yaml"):
    with tempfile.NamedTemporaryFile("w", suffix=suffix, delete=False) as file:
        file.write(text)
    return file.name


def printed_again(check, name, *args):
    """What --print-scenario writes is a scenario that is printed the same."""
    first, error, status = output("run", example(name), *args, "--print-scenario")
    check.equal(f"{name}: exit status", (status, error), (0, ""))
    path = written(first)
    again, error, status = output("run", path, "--print-scenario")
    os.unlink(path)
    check.equal(f"{name}: printed again", (again, error, status), (first, "", 0))


def searches(check, *args):
    """It ends by itself, and the server side takes all, unless this machine has no time to offer it."""
    run = shakedown("run", example("search"), *args)
    search = (run.result or {}).get("search") or {"trials": []}
    check.that(len(search["trials"]) > 0, f"no trial: {run.describe()}")
    if not any(trial["class"] == "generator" for trial in search["trials"]) and check_result(check, run):
        check.equal("search: ends", [goal["end"] for goal in search["goals"]], ["max_load", "max_load"])


@case
def each_example_runs(_, check):
    found = sorted(os.path.basename(path)[:-5] for path in glob.glob(example("*")))
    check.equal("examples", found, sorted(NAMES))
    for name in NAMES:
        if name == "serve":
            continue
        more = {"ramp": ("--var", "TO=5k"), "search": ("--var", "TRIAL=100ms")}.get(name, ())
        printed_again(check, name, *more)
        if name == "search":
            searches(check, *more)
            continue
        run = shakedown("run", example(name), *SHORT, *more)
        if check_result(check, run):
            check.that(run.total("established") > 0, f"{name}: nothing was established")
            check.equal(f"{name}: failed", run.total("failed"), 0)


@case
def serve_reads_one_too(_, check):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "x.sock")
        server = Shakedown("serve", example("serve"), "--var", f"SOCKET={path}")
        run = shakedown("run", "http://198.19.0.1:8080/1k", "--device", f"memif:{path}", "--local",
                        "198.18.0.10-198.18.0.20/15", "--rate", "200", *SHORT)
        check_result(check, run)
        server.interrupt()
        served = server.finish()
        check.that(run.total("responses") > 0, "no response came")
        check.equal("responses on both sides", served.total("responses"), run.total("responses"))
        check.equal("open ports", served.result["scenario"]["serve"]["ports"], "80,8080")


RUNS = (
    ("tcp://198.19.0.1:80", "tcp://[2001:2::8000:1]:80", "--rate", "300", "--hold", "10ms", "--close", "rst"),
    ("tls://198.19.0.1:443", "--connections", "4", "--resume", "50%", "--tls-versions", "1.2"),
    ("http://198.19.0.1/", "--request-rate", "300", "-H", "X: ${A}", "--path", "2:/1k", "--path", "/2k"),
    ("h2://198.19.0.1/", "-n", "100", "--streams", "4", "--connections", "2"),
    ("--shape", "ramp:100..300/1s", "--send", "10k", "--receive", "20k", "--stop", "drain"),
    ("http://198.19.0.1/", "--body", "${x} $${y} \"'#: \\", "--rate", "100", "--criteria", "failed < 1%"),
)


@case
def a_result_runs_again_as_it_is(_, check):
    """The scenarios of both are the same, and what is printed is printed the same."""
    for args in RUNS:
        first = shakedown("run", *args, *SHORT)
        if not check_result(check, first):
            continue
        path = written(json.dumps(first.result, sort_keys=True), ".json")
        second = shakedown("run", path)
        text, error, status = output("run", path, "--print-scenario")
        os.unlink(path)
        check.equal(f"{args}: printing it", (error, status), ("", 0))
        path = written(text)
        check.equal(f"{args}: printing it again", output("run", path, "--print-scenario"), (text, "", 0))
        os.unlink(path)
        if check_result(check, second):
            check.equal(f"{args}: the scenario again", dict(second.result["scenario"], output=None),
                        dict(first.result["scenario"], output=None))


@case
def classes_have_their_rates_and_their_own_figures(_, check):
    """Three that speak otherwise, on two workers; what they did adds up to what all did."""
    run = shakedown("run", example("mixed"), "--lcores", "2", "--duration", "1s", "--drain", "10s")
    if not check_result(check, run):
        return
    classes = {c["name"]: c for c in run.result["classes"]}
    check.equal("attempted", {name: c["totals"]["attempted"] for name, c in classes.items()},
                {"pages": 1000, "api": 50, "port-scan": 500})
    check.equal("responses", {name: c["totals"].get("responses", 0) for name, c in classes.items()},
                {"pages": 1000, "api": 1000, "port-scan": 0})
    check.equal("TLS handshakes", {name: c["totals"].get("tls_handshakes", 0) for name, c in classes.items()},
                {"pages": 0, "api": 50, "port-scan": 0})
    for what in ("attempted", "established", "closed", "failed", "open"):
        check.equal(what, sum(c["totals"].get(what, 0) for c in classes.values()), run.total(what) or 0)
    check.equal("samples of connect", sum(c["latency"]["connect"]["count"] for c in classes.values()),
                run.result["latency"]["connect"]["count"])
    path = written(json.dumps(run.result), ".json")
    again = shakedown("run", path)
    os.unlink(path)
    if check_result(check, again):
        check.equal("the scenario again", again.result["scenario"]["classes"], run.result["scenario"]["classes"])


@case
def requests_have_a_rate_by_class(_, check):
    """As many as each class's rate says, over its own connections; and by weights the same."""
    run = shakedown("run", example("paces"), "--lcores", "2", "--duration", "1s", "--drain", "10s")
    due = {"pages": 800, "api": 200}
    if check_result(check, run):
        classes = {c["name"]: c["totals"] for c in run.result["classes"]}
        check.equal("requests, each the last of its connection answered",
                    {name: c["requests"] for name, c in classes.items()},
                    {name: c["responses"] for name, c in classes.items()})
        check.near("requests and dropped", run.total("requests") + (run.total("starts_dropped") or 0), 1000, 0.001)
        for name, c in classes.items():
            check.that(c["requests"] <= due[name] and c["attempted"] > 0, f"{name}: {c}")
    path = written("load: {request_rate: 1k, connections: 100}\nclasses:\n"
                   "- {name: pages, urls: 'http://198.19.0.1/4k', weight: 4}\n"
                   "- {name: api, urls: 'h2://198.19.0.1/1k', weight: 1}\n")
    run = shakedown("run", path, "--duration", "1s", "--drain", "10s")
    os.unlink(path)
    if check_result(check, run):
        for c in run.result["classes"]:
            check.that(0 < c["totals"]["requests"] <= due[c["name"]], f"{c['name']}: {c['totals']['requests']}")


@case
def weights_are_shares_of_a_closed_loop(_, check):
    path = written("load: {connections: 64}\nclasses:\n- {name: a, urls: 'tcp://198.19.0.1:80', weight: 3}\n"
                   "- {name: b, urls: ['tcp://198.19.0.1:81', 'tcp://[2001:2::8000:1]:81'], weight: 1}\n")
    run = shakedown("run", path, "--duration", "1s", "--drain", "10s")
    os.unlink(path)
    if check_result(check, run):
        a, b = (c["totals"]["attempted"] for c in run.result["classes"])
        check.that(abs(a - 3 * b) <= 4, f"{a} and {b} are not three to one")


@case
def a_secret_is_not_shown_and_not_run(_, check):
    path = written("urls: http://198.19.0.1/\nhttp.basic: user:secret\n")
    text, _, status = output("run", path, "--print-scenario")
    os.unlink(path)
    check.equal("exit status", status, 0)
    check.that("secret" not in text, "the secret is shown")
    path = written(text)
    _, error, status = output("run", path)
    check.equal("exit status of a run without it", status, 2)
    check.that(" http.basic: '***' stands for what a result does not show" in error, error)
    run = shakedown("run", path, "--basic", "user:other", "--rate", "100", *SHORT)
    os.unlink(path)
    check_result(check, run)


@case
def mistakes_point_at_their_place(_, check):
    path = written("load:\n  rate: 10k\n  duraton: 1s\n")
    text, error, status = output("run", path)
    check.equal("exit status", (status, text), (2, ""))
    check.equal("the complaint", error,
                f"shakedown: {path}:3:3: 'load.duraton': there is no such key; did you mean load.duration?\n"
                "    duraton: 1s\n    ^\n")
    os.unlink(path)
    for place, says in (("/nowhere.yaml", "No such file"), ("/tmp", "it is a folder")):
        _, error, status = output("run", place)
        check.equal(f"{place}: exit status", status, 2)
        check.that(says in error and error.count("\n") == 1, f"{place}: {error}")


@case
def the_schema_knows_the_examples(_, check):
    try:
        import jsonschema  # pylint: disable=import-outside-toplevel
        import yaml        # pylint: disable=import-outside-toplevel
    except ImportError as error:
        raise lab.Skip(str(error))
    with open(os.path.join(CONFIG, "../docs/scenario.schema.json"), encoding="utf-8") as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    for path in sorted(glob.glob(example("*"))):
        with open(path, encoding="utf-8") as file:
            for error in schema.iter_errors(yaml.safe_load(file)):
                check.that(False, f"{path}: {error.message}")
    check.that(not schema.is_valid({"laod": {}}), "a misspelt key is valid")


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
