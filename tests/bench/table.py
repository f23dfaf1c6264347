# SPDX-License-Identifier: BSD-3-Clause
"""The rows of the table that tests/bench/run prints, and of its JSON."""

import statistics


class Row:
    """What one row is about: @key finds its value in what a figure measured. @least or @most is what must
    be reached, in @unit."""

    def __init__(self, key, name, unit="", least=None, most=None, note=""):
        self.key, self.name, self.unit, self.note = key, name, unit, note
        self.least, self.most = least, most

    def goal(self):
        bound, sign = (self.least, ">=") if self.least is not None else (self.most, "<=")
        return "" if bound is None else f"{sign} {number(bound)} {self.unit}".rstrip()

    def is_reached(self, value):
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Missing(str):
    """In place of a value: why there is none."""


class Samples:
    """The values of one row, a turn each; with a second build, that build's from the same turns."""

    def __init__(self, row):
        self.row = row
        self.turns = []  # (ours, theirs or None)
        self.note, self.missing = row.note, ""

    def add(self, ours, theirs=None):
        """What both builds measured in a turn, dictionaries."""
        value = ours.get(self.row.key, Missing("not measured"))
        if isinstance(value, Missing):
            self.missing = self.missing or str(value)
            return
        self.note = ours.get(f"{self.row.key} note", self.note)
        other = None if theirs is None else theirs.get(self.row.key)
        self.turns.append((value, None if isinstance(other, Missing) else other))

    def values(self):
        return [ours for ours, _ in self.turns]

    def ratios(self):
        return [ours / theirs for ours, theirs in self.turns if theirs]

    def is_reached(self):
        return bool(self.turns) and self.row.is_reached(statistics.median(self.values()))

    def text(self, compares):
        row = self.row
        if not self.turns:
            return f"{row.name:<50} {row.goal():>14}   not measured: {self.missing or 'nothing'}"
        values = self.values()
        line = (f"{row.name:<50} {row.goal():>14} {number(statistics.median(values)):>10} "
                f"{spread(values):>20} {row.unit:<7}")
        if compares:
            line += f" {ratio_text(self.ratios()):>26}"
        if not self.is_reached():
            line += " below" if row.least is not None else " above"
        return f"{line}  ({self.note})" if self.note else line.rstrip()

    def json(self):
        values, ratios = self.values(), self.ratios()
        out = {"name": self.row.name.strip(), "key": self.row.key, "unit": self.row.unit,
               "goal": self.row.goal(), "note": self.note}
        if not values:
            return out | {"missing": self.missing}
        out |= {"median": statistics.median(values), "min": min(values), "max": max(values),
                "values": values, "reached": self.is_reached()}
        if ratios:
            out["ratio"] = {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios),
                            "values": ratios}
        return out


def header(compares):
    line = f"{'figure':<50} {'must reach':>14} {'median':>10} {'min to max':>20} {'':<7}"
    return f"{line} {'ratio to the other build':>26}" if compares else line.rstrip()


def spread(values):
    return f"{number(min(values))} to {number(max(values))}"


def ratio_text(ratios):
    if not ratios:
        return "-"
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def number(value):
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value)}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
