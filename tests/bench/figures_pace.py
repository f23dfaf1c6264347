# SPDX-License-Identifier: BSD-3-Clause
"""The figures of the schedule: what was begun against what was asked for, and what looking at it costs."""

from figures import figure
from table import Missing, Row

RATES = {"1": 1, "10": 10, "100": 100, "1k": 1000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
# A block that ends further from its second was covered by a long poll.
EDGE_S = 0.0005


def off(begun, asked):
    """In percent; one connection more or less is none."""
    return 0 if abs(begun - asked) <= 1 else 100 * abs(begun - asked) / asked


def clean_seconds(result):
    """The whole seconds of the load whose edges no long poll covers, with their length."""
    rows, begin = [], 0.0
    for row in result["intervals"]:
        end, is_clean = row["t_s"], all(abs(edge - round(edge)) < EDGE_S for edge in (begin, row["t_s"]))
        if is_clean and end - begin > 0.9 and end < result["duration_s"] + EDGE_S:
            rows.append((row, end - begin))
        begin = end
    return rows


@figure(*(row for name in RATES
          for row in (Row(name, f"--rate {name}: over the run off by", "%", most=0.1),
                      Row(f"{name} second", "  in the worst second", "%", most=0.1))))
def asked_and_begun(build):
    """Connections begun against those asked for, from 1/s to 1 M/s, over loopback.

    One connection more or less is none: a second may begin or end with one. Seconds with an edge that a long poll
    covers are left out, since what belongs to one side of it is not known. Shortly before an edge one leaves starts
    that are made up for behind it: on a machine with other things to do such a second is off, and the run is not."""
    values = {}
    for name, rate in RATES.items():
        result = build.run("--duration", "8s", "--rate", name)
        totals, seconds = result["totals"], clean_seconds(result)
        values[name] = off(totals["attempted"], rate * result["duration_s"])
        values[f"{name} note"] = f"{totals['attempted']} begun, {totals['late_starts']} of them late"
        values[f"{name} second"] = max((off(row["attempted"], rate * length) for row, length in seconds),
                                       default=Missing("a long poll covers an edge of each second"))
        values[f"{name} second note"] = f"of {len(seconds)}; longest poll {longest_poll_us(seconds):.0f} us"
    return values


def longest_poll_us(seconds):
    return max((row["longest_poll_ns"] / 1000 for row, _ in seconds), default=0)


@figure(Row("once", "handshakes with a sample a second", "M/s"),
        Row("often", "  with a hundred", "M/s"),
        Row("share", "  as a share", "%"),
        Row("noise", "  the same of two runs with one a second", "%"))
def sampling(build):
    """What it costs to look a hundred times a second: the same run, in the order 1, 100, 100, 1."""
    first, often, again, last = (rate_with(build, sample) for sample in ("1s", "10ms", "10ms", "1s"))
    return {"once": (first + last) / 2e6, "often": (often + again) / 2e6,
            "share": 100 * (often + again) / (first + last), "noise": 100 * last / first}


def rate_with(build, sample):
    """By the totals after the first second, which rows of either length have alike."""
    rows = build.run("--duration", "6s", "--sample", sample)["intervals"]
    counted = [row for row in rows if 1.05 < row["t_s"] < 5.95]
    before = max(row["t_s"] for row in rows if row["t_s"] <= 1.05)
    return sum(row["established"] for row in counted) / (counted[-1]["t_s"] - before)
