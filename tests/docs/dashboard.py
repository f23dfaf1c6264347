#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks whether each metric, and each label, that config/grafana.json asks for is one of docs/METRICS.md, which is
compared with the code.

    tests/docs/dashboard.py ROOT [--self]"""

import json
import os
import re
import sys

ROW = re.compile(r"^\| `(shakedown_\w+)` \| (\w+) \| ([\w, ]*) \|", re.M)
METRIC = re.compile(r"\bshakedown_\w+")
# What Prometheus adds, and what the dashboard's own variables are of.
LABELS = {"le", "job", "instance"}
SAMPLES = {"histogram": ("_bucket", "_sum", "_count")}


def metrics(page):
    """@return the labels of each name of a sample."""
    names = {}
    for name, kind, labels in ROW.findall(page):
        for suffix in SAMPLES.get(kind, ("",)):
            names[name + suffix] = set(filter(None, labels.split(", "))) | LABELS
    return names


def asked(dashboard):
    """Each question with where it stands."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]


def complaints(dashboard, names):
    n = 0
    for where, text in asked(dashboard):
        found = METRIC.findall(text)
        n += len(found)
        if not found:
            yield f"{where}: no metric in {text}"
        known = set().union(*(names.get(metric, set()) for metric in found))
        yield from (f"{where}: there is no {metric}" for metric in found if metric not in names)
        labels = re.findall(r"(\w+)=~?\"", text)
        labels += [label for group in re.findall(r"by \(([^)]*)\)", text) for label in re.split(r", *", group)]
        yield from (f"{where}: no label {label} in {text}" for label in labels if label not in known)
    if n < 20:
        yield f"only {n} metrics are asked for"


def check_itself(names):
    def panel(text):
        return {"panels": [{"title": "a", "targets": [{"expr": text}]}] * 20, "templating": {"list": []}}

    wrong = [t for t in ('shakedown_nonsense_total', 'shakedown_attempted{role="client"}', 'vector(1)',
                         'shakedown_attempted_total{cause="reset"}', 'sum by (class) (shakedown_attempted_total)')
             if not list(complaints(panel(t), names))]
    right = list(complaints(panel('sum by (le) (shakedown_connect_seconds_bucket{job="$job",role="client"})'), names))
    if wrong or right:
        sys.exit(f"not noticed: {wrong}; complained of: {right}")


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "docs/METRICS.md"), encoding="utf-8") as file:
        names = metrics(file.read())
    if len(names) < 100:
        sys.exit(f"docs/METRICS.md has {len(names)} names")
    if "--self" in sys.argv:
        check_itself(names)
        return
    with open(os.path.join(root, "config/grafana.json"), encoding="utf-8") as file:
        found = list(complaints(json.load(file), names))
    print("\n".join(found) or "every metric is there")
    sys.exit(1 if found else 0)


main()
