# SPDX-License-Identifier: BSD-3-Clause
"""A page in a real browser: what its charts have drawn is what the result says."""

import json
import os
import subprocess
import tempfile

import lab
from browser import Browser
from cases import OPTIONS, case, main

CHART = "window.shakedown.charts[%s].graph"
ROWS = f"(() => {{ const g = {CHART}; return Array.from({{length: g.numRows()}}, (_, i) => " \
       "Array.from({length: g.numColumns()}, (_, k) => g.getValue(i, k))); })()"
LABELS = f"{CHART}.getLabels()"


def written(folder, *args):
    """A result, and its page."""
    result, page = os.path.join(folder, "r.json"), os.path.join(folder, "r.html")
    done = subprocess.run([OPTIONS.binary, "run", *args, "--json", result, "--html", page],
                          capture_output=True, text=True, timeout=120, check=False)
    if "libjs-dygraphs" in done.stderr:
        lab.skip("this build has no charts: libjs-dygraphs was not there")
    with open(result, encoding="utf-8") as file:
        return json.load(file), page, done.returncode


def drawn(browser, chart):
    """Its columns, by their labels."""
    name = json.dumps(chart)
    labels, rows = browser.value(LABELS % name), browser.value(ROWS % name)
    return {label: [row[i] for row in rows] for i, label in enumerate(labels)}


def same(check, what, got, want):
    close = len(got) == len(want) and all(
        (g is None) == (w is None) and (g is None or abs(g - w) <= 1e-6 * max(1, abs(w))) for g, w in zip(got, want))
    check.that(close, f"{what}: drawn {got[:5]}..., the result has {want[:5]}...")


def compare_rates(browser, check, rows):
    got = drawn(browser, "connections")
    same(check, "t", got["x"], [row["t_s"] for row in rows])
    same(check, "cps", got["established"], [row["cps"] for row in rows])


def compare_latencies(browser, check, rows):
    for name in ("connect", "transfer"):
        got = drawn(browser, f"latency-{name}")
        for label, key in (("p50", "p50_us"), ("p99", "p99_us"), ("p99.9", "p999_us"), ("max", "max_us")):
            want = [row["latency"][name][key] if row["latency"][name]["count"] else None for row in rows]
            same(check, f"{name} {label}", got[label], want)


def compare_distribution(browser, check, result):
    got = drawn(browser, "distribution")
    for name in ("connect", "transfer"):
        latency = result["latency"][name]
        points = [(x, us) for x, us in zip(got["x"], got[name]) if us is not None]
        check.equal(f"{name}: the last point", points[-1][1], latency["max_us"])
        below = max((us for x, us in points if 1 - 10 ** -x < 0.5), default=0)
        above = next(us for x, us in points if 1 - 10 ** -x >= 0.5)
        # A point is the end of a bucket, and a quantile its middle.
        check.that(below * 0.99 <= latency["p50_us"] <= above * 1.01,
                   f"{name}: {latency['p50_us']} us is half of the samples, drawn between {below} and {above}")
        check.that(points == sorted(points), f"{name}: it falls")


@case
def charts_show_what_the_result_says(_, check):
    with tempfile.TemporaryDirectory() as folder:
        result, page, status = written(folder, "--rate", "1k", "--duration", "3s", "--sample", "100ms", "--send", "100",
                                       "--receive", "1000", "--criteria", "failed < 100%")
        check.equal("run", status, 0)
        browser = Browser()
        try:
            browser.open(page)
            browser.value("window.shakedown.drawAll()")
            check.equal("complaints", browser.complaints(), [])
            check.equal("fetched", browser.fetched(), [])
            compare_rates(browser, check, result["intervals"])
            compare_latencies(browser, check, result["intervals"])
            compare_distribution(browser, check, result)
            check.equal("busy", drawn(browser, "busy")["client busy"],
                        [row["busy"]["client"] for row in result["intervals"]])
            check.equal("verdict", browser.value("document.getElementById('verdict').textContent"), "PASS")
            text = browser.value("document.body.innerText")
            for word in ("failed < 100%", "holds", "Scenario", "Host", result["host"]["kernel"]):
                check.that(word in text, f"the page does not say {word}")
        finally:
            browser.close()


@case
def a_comparison_shows_its_findings(_, check):
    with tempfile.TemporaryDirectory() as folder:
        result, _, _ = written(folder, "--rate", "500", "--duration", "1s", "--sample", "100ms")
        check.that(result["totals"]["attempted"] > 0, "nothing was attempted")
        path, page = os.path.join(folder, "r.json"), os.path.join(folder, "c.html")
        done = subprocess.run([OPTIONS.binary, "compare", path, path, "--allow-different", "--html", page, "--json",
                               "-", "--criteria", "cps.ratio > 0.9"], capture_output=True, text=True, timeout=120,
                              check=False)
        check.equal("compare", done.returncode, 0)
        found = json.loads(done.stdout)
        browser = Browser()
        try:
            browser.open(page)
            check.equal("complaints", browser.complaints(), [])
            check.equal("fetched", browser.fetched(), [])
            check.equal("verdict", browser.value("document.getElementById('verdict').textContent"), "PASS")
            text = browser.value("document.body.innerText")
            for figure in found["comparisons"][0]["figures"]:
                check.that(figure["name"] in text, f"the page does not say {figure['name']}")
            check.that("cps.ratio > 0.9" in text and "holds" in text, "the page does not say the criterion")
        finally:
            browser.close()


@case
def in_the_dark_and_in_print_it_can_be_read(_, check):
    background = "getComputedStyle(document.body).backgroundColor"
    with tempfile.TemporaryDirectory() as folder:
        _, page, _ = written(folder, "--rate", "500", "--duration", "1s", "--sample", "100ms")
        browser = Browser()
        try:
            browser.media("light")
            browser.open(page)
            browser.value("window.shakedown.drawAll()")
            light = browser.value(background)
            first_colour = CHART % '"connections"' + ".getColors()[0]"
            colour = browser.value(first_colour)
            browser.media("dark")
            check.that(browser.value(background) != light, "it is not dark")
            check.that(browser.value(first_colour) != colour, "its charts are not for the dark")
            browser.pdf(os.path.join(folder, "r.pdf"))
            check.that(os.path.getsize(os.path.join(folder, "r.pdf")) > 10000, "nothing was printed")
            check.equal("complaints", browser.complaints(), [])
        finally:
            browser.close()


@case
def an_hour_opens_in_a_second(_, check):
    """An hour's rows, made of those of a short run; how long it takes is said, not judged."""
    with tempfile.TemporaryDirectory() as folder:
        result, _, _ = written(folder, "--rate", "500", "--duration", "2s", "--sample", "100ms", "--send", "1",
                               "--receive", "1")
        rows = result["intervals"][:-1]
        result["intervals"] = [{**rows[i % len(rows)], "t_s": i + 1.0} for i in range(3600)]
        path, page = os.path.join(folder, "hour.json"), os.path.join(folder, "hour.html")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(result, file)
        done = subprocess.run([OPTIONS.binary, "report", path], capture_output=True, text=True, timeout=120,
                              check=False)
        check.equal("report", (done.returncode, done.stderr), (0, ""))
        check.that(os.path.getsize(page) <= 2000000, f"{os.path.getsize(page)} bytes")
        browser = Browser()
        try:
            browser.open(page)
            timing = browser.value("performance.getEntriesByType('navigation')[0].loadEventStart")
            print(f"an hour: {os.path.getsize(page)} bytes, drawn after {timing:.0f} ms")
            browser.value("window.shakedown.drawAll()")
            check.equal("complaints", browser.complaints(), [])
            check.equal("points", browser.value(CHART % '"connections"' + ".numRows()"), 1800)
        finally:
            browser.close()


main()
