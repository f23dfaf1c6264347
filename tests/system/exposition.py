# SPDX-License-Identifier: BSD-3-Clause
"""A strict reader of what /metrics answers: Prometheus's text format 0.0.4 and OpenMetrics 1.0, as far as both go."""

import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
BUCKETS_MAX = 60
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}


class Wrong(Exception):
    """The text is not of the form, or contradicts itself."""


def expect(is_so, what):
    if not is_so:
        raise Wrong(what)


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        expect(found, f"labels {text!r}")
        expect(found[1] not in labels, f"label {found[1]} twice in {text!r}")
        labels[found[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], found[2])
        at = found.end()
    return labels


class Family:
    """A name with its samples."""

    def __init__(self, name, is_open):
        self.name, self.is_open, self.kind, self.help, self.unit = name, is_open, None, None, None
        self.samples = {}  # by (name, sorted labels)

    def stem(self):
        """Without the suffix that Prometheus's form has in TYPE and HELP."""
        return self.name[:-len("_total")] if self.kind == "counter" and not self.is_open else self.name

    def add(self, name, labels, value):
        suffixes = SUFFIXES[self.kind]
        expect(name in [self.stem() + s for s in suffixes], f"{name} in the family {self.name}")
        key = (name, tuple(sorted(labels.items())))
        expect(key not in self.samples, f"{key} twice")
        self.samples[key] = value

    def check(self):
        expect(self.help, f"{self.name} has no help")
        expect(self.samples, f"{self.name} has no samples")
        if self.kind == "counter":
            expect(self.name.endswith("_total") != self.is_open, f"{self.name} is called otherwise")
        if self.unit:
            expect(self.name.endswith("_" + self.unit), f"{self.name} is not in {self.unit}")
        if self.kind in ("counter", "histogram"):
            expect(all(v >= 0 for v in self.samples.values()), f"{self.name} has a negative value")
        for labels in {tuple(p for p in key[1] if p[0] != "le") for key in self.samples}:
            if self.kind == "histogram":
                self.check_histogram(labels)
        shapes = {frozenset(n for n, _ in labels if n != "le") for _, labels in self.samples}
        expect(len(shapes) == 1, f"{self.name} has other labels on other samples: {shapes}")

    def check_histogram(self, labels):
        buckets = [(float(dict(key[1])["le"]), value) for key, value in self.samples.items()
                   if key[0].endswith("_bucket") and set(labels) == {p for p in key[1] if p[0] != "le"}]
        where = f"{self.name}{dict(labels)}"
        expect(0 < len(buckets) <= BUCKETS_MAX, f"{where}: {len(buckets)} buckets")
        expect(buckets == sorted(buckets), f"{where}: bounds or counts do not grow")
        expect([b[1] for b in buckets] == sorted(b[1] for b in buckets), f"{where}: a bucket has less than the last")
        expect(buckets[-1][0] == math.inf, f"{where}: no bucket has all")
        count = self.samples.get((self.name + "_count", labels))
        expect(count == buckets[-1][1], f"{where}: count {count}, in the last bucket {buckets[-1][1]}")
        expect((self.name + "_sum", labels) in self.samples, f"{where}: no sum")


def read_value(text):
    expect(re.fullmatch(r"[+-]?(\d+(\.\d+)?(e[+-]\d+)?|Inf)|NaN", text), f"value {text!r}")
    return float(text) if "." in text or "e" in text or not text.isdigit() else int(text)


def read_comment(families, line, is_open):
    """HELP, TYPE or UNIT. @return the family"""
    word, name, rest = (line.split(" ", 3) + [""])[1:4]
    expect(NAME.fullmatch(name) and word in ("HELP", "TYPE", "UNIT"), f"comment {line!r}")
    if not families or families[-1].name != name:
        expect(name not in [f.name for f in families], f"{name} comes again")
        families.append(Family(name, is_open))
    family = families[-1]
    expect(not family.samples, f"{line!r} after samples")
    expect(getattr(family, {"TYPE": "kind"}.get(word, word.lower())) is None, f"{line!r} again")
    if word == "TYPE":
        expect(rest in SUFFIXES and (rest != "info" or is_open), f"type {rest!r}")
        family.kind = rest
    elif word == "HELP":
        family.help = rest
    else:
        expect(is_open, "a unit in Prometheus's form")
        family.unit = rest


def read(text, is_open=False):
    """@return the samples, by name and sorted labels; raises Wrong."""
    expect(text.endswith("# EOF\n" if is_open else "\n"), "the end is missing")
    families = []
    for line in text.split("\n")[:-2 if is_open else -1]:
        expect(line == line.strip() and line, f"line {line!r}")
        if line.startswith("#"):
            read_comment(families, line, is_open)
            continue
        found = SAMPLE.fullmatch(line)
        expect(found, f"line {line!r}")
        expect(families and families[-1].kind, f"{line!r} of no family")
        families[-1].add(found[1], read_labels(found[2] or ""), read_value(found[3]))
    samples = {}
    for family in families:
        family.check()
        samples.update(family.samples)
    return samples


def growing(samples):
    """Those that never fall: counters and what histograms count."""
    return {key: value for key, value in samples.items() if re.search(r"_(total|bucket|count|sum)$", key[0])}


def value(samples, name, **labels):
    return samples.get((name, tuple(sorted(labels.items()))))
