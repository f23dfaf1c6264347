# SPDX-License-Identifier: BSD-3-Clause
"""Cases of a system test, shakedown's runs, and what is compared. A test file declares functions with
@case and ends with main(); each case gets a fresh lab and a list to collect what was wrong."""

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import lab

try:
    import jsonschema
except ImportError:
    jsonschema = None

CASES = []
OPTIONS = argparse.Namespace(binary=None, artifacts=None, schema=None)

SANITIZER = re.compile(r"runtime error:|Sanitizer")

FAILURES = ("timeout", "refused", "reset", "unreachable", "close_timeout", "peer_not_closed",
            "hold_cut_short", "data_timeout", "stalled", "truncated", "tls_timeout", "tls_alert", "tls_alert_sent", "tls_untrusted", "tls_closed", "alpn", "tls",
            "no_memory", "idle_timeout", "crowded_out", "half_open_dropped")


def case(function):
    CASES.append(function)
    return function


class Check:
    """Collects every difference, so that one run shows all of them."""

    def __init__(self):
        self.wrong = []

    def that(self, ok, text):
        if not ok:
            self.wrong.append(text)

    def equal(self, what, got, want):
        self.that(got == want, f"{what}: got {got}, want {want}")

    def near(self, what, got, want, share):
        self.that(abs(got - want) <= share * want, f"{what}: got {got}, want {want} within {share:.2%}")


class Run:
    """One run of shakedown: exit status, both outputs, the JSON result when it wrote one."""

    def __init__(self, command, status, out, err, result, seconds):
        self.command, self.status, self.out, self.err = command, status, out, err
        self.result, self.seconds = result, seconds

    def total(self, name):
        return (self.result or {}).get("totals", {}).get(name)

    def failures(self):
        return {k: v for k, v in ((self.total("failures") or {})).items() if v}

    def describe(self):
        lines = [f"  $ {' '.join(self.command)}", f"  exit status {self.status} after {self.seconds:.1f} s"]
        lines += [f"  stderr: {line}" for line in self.err.splitlines()[-15:]]
        if self.result:
            totals = {k: v for k, v in self.result.get("totals", {}).items() if v}
            lines.append(f"  totals: {json.dumps(totals)}")
        else:
            lines += [f"  stdout: {line}" for line in self.out.splitlines()[-15:]]
        return "\n".join(lines)


class Shakedown:
    """shakedown, started; finish() waits for its end, interrupt() sends SIGINT first."""

    history = []  # runs of the current case, for the report
    complaints = []  # of a sanitizer, in any of them
    alive = []  # ended with the case, whatever happened to it

    def __init__(self, *args, prefix=(), ns=None, want_json=True, binary=None):
        self.json_path = None
        command = [*prefix, binary or OPTIONS.binary, *args]
        if want_json:
            self.json_dir = tempfile.mkdtemp(prefix="test-run-", dir="/run" if lab.is_inside() else None)
            os.chmod(self.json_dir, 0o777)
            self.json_path = os.path.join(self.json_dir, "result.json")
            command += ["--json", self.json_path]
        self.began = time.monotonic()
        self.child = lab.Child(command, ns, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.command = self.child.command
        Shakedown.alive.append(self.child)

    def interrupt(self):
        self.child.process.send_signal(signal.SIGINT)

    def wait_for_row(self):
        """Until the live line has shown a second of the run, or it has ended."""
        while True:
            line = self.child.process.stdout.readline()
            if not line or " s " in line:
                return

    def finish(self, timeout_s=60):
        process = self.child.process
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += f"\n(killed by the test after {timeout_s} s)"
        Shakedown.alive.remove(self.child)
        run = Run(self.command, process.returncode, out, err, self.read_json(),
                  time.monotonic() - self.began)
        Shakedown.history.append(run)
        Shakedown.complaints += [line for line in err.splitlines() if SANITIZER.search(line)]
        return run

    def read_json(self):
        if self.json_path is None:
            return None
        result = None
        try:
            with open(self.json_path, encoding="utf-8") as file:
                result = json.load(file)
        except (OSError, ValueError):
            pass
        if os.path.exists(self.json_path):
            os.unlink(self.json_path)
        os.rmdir(self.json_dir)
        return result


def shakedown(*args, timeout_s=60, **options):
    return Shakedown(*args, **options).finish(timeout_s)


def check_result(check, run, status=0):
    """What holds of every run that began: status, the schema, the accounting identity. @status: of a run
    in which not every connection of a client failed; one in which all did fails itself."""
    if run.result is None:
        check.equal("exit status", run.status, status)
        check.that(False, "no JSON result was written")
        return False
    totals, is_client = run.result["totals"], any(c["role"] == "client" for c in run.result["cores"])
    has_failed = is_client and totals["failed"] == totals["attempted"] > 0
    check.equal("exit status", run.status, 1 if has_failed and status == 0 else status)
    if run.status in (0, 1):
        check.equal("passed", run.result["verdict"]["pass"], run.status == 0)
    check_schema(check, run.result)
    totals, cores = run.result["totals"], run.result["cores"]
    for name, t in [("totals", totals)] + [(f"core {c['lcore']}", c) for c in cores]:
        check.equal(f"{name}: attempted = closed + failed + open",
                    t["closed"] + t["failed"] + t["open"], t["attempted"])
        check.equal(f"{name}: the failures add up", sum(t["failures"].values()), t["failed"])
        check.equal(f"{name}: what is open adds up", sum(t["open_by"].values()), t["open"])
    return True


def check_schema(check, result):
    if jsonschema is None or OPTIONS.schema is None:
        return
    with open(OPTIONS.schema, encoding="utf-8") as file:
        schema = json.load(file)
    for error in jsonschema.Draft7Validator(schema).iter_errors(result):
        check.that(False, f"schema: {'/'.join(map(str, error.path))}: {error.message}")


def check_offered(check, run, connections):
    """On any machine: what was due was begun, or is counted as dropped because the generator was late."""
    check.near("attempted, or dropped as late", (run.total("attempted") or 0) + (run.total("starts_dropped") or 0),
               connections, 0.001)


def check_all_closed(check, run):
    """A clean run: every connection attempted was established and closed."""
    if not check_result(check, run):
        return
    attempted = run.total("attempted")
    check.that(attempted > 0, "nothing was attempted")
    check.equal("established", run.total("established"), attempted)
    check.equal("closed", run.total("closed"), attempted)
    check.equal("failed", run.total("failed"), 0)
    check.equal("open", run.total("open"), 0)
    check.equal("bad_checksum", run.total("bad_checksum"), 0)


def payload_head(n):
    """The first @n bytes of what shakedown sends on every connection."""
    program = os.path.join(OPTIONS.tools, "payload_head")
    return subprocess.run([program, str(n)], stdout=subprocess.PIPE, timeout=30, check=True).stdout


def check_payload(check, run, connections, sent, received):
    """@connections, all closed, each with @sent and @received bytes."""
    check_all_closed(check, run)
    check.equal("attempted", run.total("attempted"), connections)
    check.equal("payload sent", run.total("tx_payload_bytes"), connections * sent)
    check.equal("payload received", run.total("rx_payload_bytes"), connections * received)


def check_transfers(check, transfers, connections, sent, received):
    """What the connections of a Linux peer (transfers.py) saw: @connections of them ended in order, each
    with @sent bytes out, all acknowledged, and in came the first @received bytes of shakedown's payload."""
    check.equal("connections at the peer", len(transfers), connections)
    digest = hashlib.sha256(payload_head(received)).hexdigest()
    for t in transfers:
        name = f"connection {t['number']} at the peer"
        check.equal(f"{name}: the end", t["ended"], "eof")
        check.equal(f"{name}: sent", t["sent"], sent)
        check.equal(f"{name}: not acknowledged", t["unacked"], 0)
        check.equal(f"{name}: received", t["received"], received)
        check.that(t["received_sha256"] == digest, f"{name}: other bytes than were sent")


def check_handshakes(check, run, connections, resumes=False):
    """A clean run of @connections, each with a TLS handshake; with @resumes most of them resumed, which
    the first few cannot, and without it none."""
    check_all_closed(check, run)
    if not run.result:
        return
    n, resumed, tls = run.total("tls_handshakes"), run.total("tls_resumed"), run.result["tls"]
    check.equal("attempted", run.total("attempted"), connections)
    check.equal("TLS handshakes", n, connections)
    check.that(n // 2 < resumed < n if resumes else resumed == 0, f"{resumed} of {n} resumed")
    for what in ("versions", "ciphers", "groups"):
        check.equal(f"handshakes by {what}", sum(tls[what].values()), n)
    for what in ("alerts_received", "alerts_sent", "untrusted", "examples"):
        check.equal(f"tls.{what}", tls[what], {})
    for phase, count in (("tls", n - resumed), ("tls_resumed", resumed)):
        check.equal(f"samples of {phase}", run.result["latency"][phase]["count"], count)


def check_tls_failure(check, run, cause, words, hint, received=None, sent=None, untrusted=None):
    """Every connection failed by @cause, with the alerts and reasons given, each on every connection.
    @words are in OpenSSL's example, None for a cause without one; the summary has it, and the @hint."""
    if not check_result(check, run):
        return
    n, tls = run.total("attempted"), run.result["tls"]
    check.that(n > 0, "nothing was attempted")
    check.equal("established", run.total("established"), n)
    check.equal("failures", run.failures(), {cause: n})
    check.equal("segments without a connection", run.total("no_connection"), 0)
    for what, name in (("alerts_received", received), ("alerts_sent", sent), ("untrusted", untrusted)):
        check.equal(f"tls.{what}", tls[what], {name: n} if name else {})
    check.equal("causes with an example", list(tls["examples"]), [cause] if words else [])
    if words:
        example = tls["examples"].get(cause, "")
        check.that(words in example, f"{words!r} is not in OpenSSL's example {example!r}")
        check.that(f"OpenSSL: {example}" in " ".join(run.out.split()), f"the summary has no example {example!r}")
    for name in filter(None, (cause, received, sent, untrusted)):
        check.that(name in " ".join(run.out.split()), f"{name!r} is not in the summary")
    check.that(hint in " ".join(run.out.split()), f"{hint!r} is not in the summary's advice")


TRIES = 5


LEAST_RTO_NS = 200_000_000
PAUSE_NS = 1_000_000_000  # longer than a peer waits before it sends again, or gives up


def is_late(run):
    """Whether it could not begin all that it was asked for, or had no CPU for a second, since too much else ran on the
    machine. It says so itself; exact numbers are not to be had then."""
    return (run.total("starts_dropped") or 0) > 0 or (run.total("longest_poll_ns") or 0) > PAUSE_NS


def had_its_cpu(run):
    """Whether no timer of TCP can have fired because a worker waited for its CPU: all its long polls together are
    shorter than the least time before something is sent again."""
    return (run.total("long_polls_ns") or 0) < LEAST_RTO_NS


def was_late():
    """Whether a run of this case was."""
    return any(is_late(run) for run in Shakedown.history)


def run_case(function):
    """@return "ok", "FAIL" or "skip", and the lines to print. A case that failed with a generator that was
    kept from its CPU is tried again."""
    for _ in range(TRIES):
        outcome, lines = try_case(function)
        if outcome != "FAIL" or not was_late():
            break
        print(f"late {function.__name__}: the generator was late; again", flush=True)
    return outcome, lines


def try_case(function):
    check = Check()
    Shakedown.history, Shakedown.complaints = [], []
    name = function.__name__
    with lab.Lab(name, OPTIONS.tools) as place:
        try:
            function(place, check)
        except lab.Skip as reason:
            return "skip", [f"  {reason}"]
        except Exception:  # a broken test is a failed test, with the same report
            check.wrong.append(traceback.format_exc())
        finally:
            while Shakedown.alive:
                Shakedown.alive.pop().stop()
        check.wrong += Shakedown.complaints
        if not check.wrong:
            return "ok", []
        lines = [f"  {text}" for text in check.wrong]
        lines += [run.describe() for run in Shakedown.history]
        if OPTIONS.artifacts:
            place.keep_recording(OPTIONS.artifacts)
        return "FAIL", lines


def main():
    """Run the cases; exit 0, 1 when one failed, 77 when none failed and one could not run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", help="the shakedown to test")
    parser.add_argument("cases", nargs="*", help="names of cases; all of them when none is given")
    parser.add_argument("--tools", default=".", help="folder of the compiled helpers")
    parser.add_argument("--artifacts", help="folder for recordings of failed cases")
    parser.add_argument("--schema", help="docs/result.schema.json")
    parser.parse_intermixed_args(namespace=OPTIONS)
    OPTIONS.binary = os.path.abspath(OPTIONS.binary)
    if not os.access(OPTIONS.binary, os.X_OK):
        sys.exit(f"{OPTIONS.binary} is not there or cannot be executed")
    known = {f.__name__: f for f in CASES}
    unknown = [name for name in OPTIONS.cases if name not in known]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}")

    outcomes = []
    for function in [known[name] for name in OPTIONS.cases] or CASES:
        began = time.monotonic()
        outcome, lines = run_case(function)
        outcomes.append(outcome)
        print(f"{outcome:4} {function.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        for line in lines:
            print(line, flush=True)
            if outcome == "skip":
                print(f"{function.__name__}: {line.strip()}", file=sys.stderr)
    sys.exit(1 if "FAIL" in outcomes else lab.SKIPPED if "skip" in outcomes else 0)
