# SPDX-License-Identifier: BSD-3-Clause
"""A run that is watched: where its figures are served, what they are, and what its result says of the same."""

import http.client
import json
import re
import subprocess
import tempfile

import exposition
import lab
from cases import OPTIONS, Shakedown

PLACE = re.compile(r"figures are at http://(\S+)/metrics\n")
OVER = ("shakedown_phase", (("phase", "over"),))
# What a core of a result has beside counters.
NO_COUNTERS = ("lcore", "role", "busy", "open", "open_by", "failures", "longest_poll_ns", "measured")


class Monitored:
    """shakedown, whose result goes to a pipe of one page that is read in the end only: so the process stays when its
    run is over, and all that watch it see the last figures."""

    def __init__(self, *args, prefix=(), metrics="0"):
        self.errors = tempfile.TemporaryFile(mode="w+")
        command = [*prefix, OPTIONS.binary, *args, "--json", "-"]
        if metrics is not None:
            command += ["--metrics", metrics]
        self.child = lab.Child(command, stdout=subprocess.PIPE, stderr=self.errors, text=True, pipesize=4096)
        Shakedown.alive.append(self.child)
        self.place = self.wait_for_place() if metrics is not None else None

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def wait_for_place(self):
        if not lab.wait_until(lambda: PLACE.search(self.said()) or not self.is_running(), 30):
            raise RuntimeError(f"nothing is served: {self.said()}")
        if not self.is_running():
            raise RuntimeError(f"it has ended: {self.said()}")
        return PLACE.search(self.said())[1]

    def is_running(self):
        return self.child.process.poll() is None

    def connect(self):
        host, port = self.place.rsplit(":", 1)
        return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=20)

    def get(self, path="/metrics", method="GET", accept=None, body=None):
        """@return status, fields, text"""
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers={"Accept": accept} if accept else {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def scrape(self):
        status, _, text = self.get()
        if status != 200:
            raise exposition.Wrong(f"status {status}: {text}")
        return exposition.read(text)

    def finish(self, timeout_s=60):
        """@return the exit status and the result; None: there is none"""
        out, _ = self.child.process.communicate(timeout=timeout_s)
        Shakedown.alive.remove(self.child)
        Shakedown.complaints += [line for line in self.said().splitlines() if "Sanitizer" in line]
        return self.child.process.returncode, json.loads(out) if out else None


def scrape_to_the_end(program, check, seen=lambda samples: None):
    """@return the samples when the run is over; between two scrapes nothing has fallen"""
    last = {}
    while True:
        samples = program.scrape()
        growing = exposition.growing(samples)
        for key, before in last.items():
            check.that(growing.get(key, -1) >= before, f"{key} fell from {before} to {growing.get(key)}")
        last = growing
        seen(samples)
        if samples[OVER] == 1:
            return samples


def counter_name(key):
    """Prometheus's, of a counter that the result calls @key."""
    if key.endswith("_ns"):
        key = key[:-len("_ns")] + "_seconds"
    elif "_bytes" in key:
        key = key.replace("_bytes", "") + "_bytes"
    return f"shakedown_{key}_total"


def of_core(core):
    """What is to be seen of a core of a result: name, further labels, value."""
    for key, value in core.items():
        if key not in NO_COUNTERS:
            yield counter_name(key), {}, value / 1e9 if key.endswith("_ns") else value
    yield "shakedown_open_connections", {}, core["open"]
    yield "shakedown_longest_poll_seconds", {}, core["longest_poll_ns"] / 1e9
    for cause, value in core["failures"].items():
        yield "shakedown_failures_total", {"cause": cause}, value


def upto(distribution, bound_s):
    """How many samples a distribution has up to @bound_s, which is an end of one of its buckets."""
    pairs = (map(int, pair.split(":")) for pair in distribution.split())
    return sum(count for low, count in pairs if low <= round(bound_s * 1e9))


def check_latency(check, samples, name, latency, labels):
    family = f"shakedown_{name}_seconds"
    if exposition.value(samples, family + "_count", **labels) is None:
        check.equal(f"samples of {name}, which nobody shows", latency["count"], 0)
        return
    check.equal(f"{name}: count", exposition.value(samples, family + "_count", **labels), latency["count"])
    check.equal(f"{name}: sum", exposition.value(samples, family + "_sum", **labels), latency["sum_ns"] / 1e9)
    buckets = [(dict(key[1]), n) for key, n in samples.items() if key[0] == family + "_bucket"]
    buckets = [(b["le"], n) for b, n in buckets if all(b.get(k) == v for k, v in labels.items()) and b["le"] != "+Inf"]
    check.equal(f"{name}: buckets", len(buckets), 59)
    for bound, n in buckets:
        check.equal(f"{name}: samples up to {bound}", n, upto(latency["distribution"], float(bound)))


def check_same(check, samples, result):
    """The last scrape is what the result says."""
    n = 0
    for core in result["cores"]:
        labels = {"core": str(core["lcore"]), "role": core["role"]}
        for name, more, want in of_core(core):
            got = exposition.value(samples, name, **labels, **more)
            check.that(got is not None and abs(got - want) <= 1e-12 * want, f"{name} {labels} {more}: {got}, want {want}")
            n += 1
    check.that(n > 100, f"only {n} figures were compared")
    role = "client" if any(c["role"] == "client" for c in result["cores"]) else "server"
    classes = result.get("classes", [])
    for name, latency in result["latency"].items():
        if not classes or name == "lateness":
            check_latency(check, samples, name, latency, {"role": role})
    for k in classes:
        check.equal(f"attempted of {k['name']}", exposition.value(samples, "shakedown_class_attempted_total",
                                                                  **{"class": k["name"]}), k["totals"]["attempted"])
        for name, latency in k["latency"].items():
            if name != "lateness":
                check_latency(check, samples, name, latency, {"role": role, "class": k["name"]})
