#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks docs/RFC9293.md against the source tree.

    tests/docs/rfc9293.py ROOT [PAGE]     complain about each entry that is missing or not true
    tests/docs/rfc9293.py ROOT --self     see that complaints are made

Every number of appendix B has one entry. It names functions as `file:function` that are defined in
that file and tests as `suite::test` that exist, at least one of each; or it says in words why the
requirement is not done or not applicable."""

import os
import re
import sys

WANTED = ([f"MUST-{n}" for n in range(1, 70)] + [f"SHLD-{n}" for n in range(1, 32)] +
          [f"MAY-{n}" for n in range(1, 19)] + ["REC-1"])


def entries(page, numbers=r"[A-Z]+-\d+"):
    """@return (number, text) of each entry, in order."""
    parts = re.split(rf"^\* \*\*({numbers})\*\* ", page, flags=re.M)
    return [(number, re.split(r"\n\n|\n#", text)[0]) for number, text in zip(parts[1::2], parts[2::2])]


def read(root, path):
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def tests_of(root):
    """@return suite::test of every Criterion test."""
    found = set()
    for folder, _, files in os.walk(os.path.join(root, "tests")):
        for name in files:
            if name.endswith(".c"):
                text = read(folder, name)
                found |= {f"{suite}::{test}" for suite, test in
                          re.findall(r"^(?:ParameterizedTest|Test)\((?:[^,()]*\*\w+,\s*)?(\w+),\s*(\w+)", text, re.M)}
    return found


def is_defined(text, function):
    """Whether @text defines @function: its name and parameters, then a body."""
    return re.search(rf"^[^\n;=]*\b{function}\([^;{{}}]*\)\s*(?:/\*[^*]*\*/\s*)?\{{", text, re.M) is not None


def complaints(root, page):
    found = entries(page)
    numbers = [number for number, _ in found]
    for number in WANTED:
        if numbers.count(number) != 1:
            yield f"{number} has {numbers.count(number)} entries"
    for number, text in found:
        if number not in WANTED:
            yield f"{number} is no requirement of appendix B"
    yield from untrue(root, page, found, tests_of(root))


def untrue(root, page, found, tests):
    """What entries name that does not exist, or do not say."""
    for number, text in found:
        functions = re.findall(r"`([\w/.]+\.[ch]):(\w+)`", text)
        named = re.findall(r"`(\w+::\w+)`", text)
        if not functions and not named and re.search(r"\bNot (done|applicable)\b", text) is None:
            yield f"{number} says neither what does it nor why not"
        if bool(functions) != bool(named):
            yield f"{number} needs a function and a test"
        for path, function in functions:
            source = read(root, path)
            if source is None:
                yield f"{number}: there is no {path}"
            elif not is_defined(source, function):
                yield f"{number}: {path} does not define {function}()"
        for test in named:
            if test not in tests:
                yield f"{number}: there is no test {test}"
    for number, line in enumerate(page.splitlines(), 1):
        if len(line) > 120:
            yield f"line {number} is longer than 120 characters"


# What is done to the page, and the beginning of the complaint that must follow.
FAULTS = [
    (r"\* \*\*MUST-34\*\*.*?(?=\n\* )", "", "MUST-34 has 0 entries"),
    (r"\*\*MUST-34\*\*", "**MUST-35**", "MUST-35 has 2 entries"),
    (r"\*\*MUST-69\*\*", "**MUST-70**", "MUST-70 is no requirement"),
    (r"`lib/tcp/sending\.h:window_room`", "`lib/tcp/sending.h:no_such`", "SHLD-15: lib/tcp/sending.h does not define no_such()"),
    (r"`lib/tcp/sending\.h:window_room`", "`lib/tcp/none.h:window_room`", "SHLD-15: there is no lib/tcp/none.h"),
    (r"`tcp_data::ten_segments_go_out_at_once`", "`tcp_data::none`", "SHLD-28: there is no test tcp_data::none"),
    (r"`tcp_data::ten_segments_go_out_at_once`", "", "SHLD-28 needs a function and a test"),
    (r"Not done: it is 64\.", "", "MUST-49 says neither"),
]


def check_itself(root, page, faults, complaints_of):
    """@faults: as FAULTS; @complaints_of: what finds them, of a root and a page."""
    for pattern, replacement, wanted in faults:
        faulty = re.sub(pattern, replacement, page, count=1, flags=re.S)
        if faulty == page:
            yield f"nothing to change: {pattern}"
        elif not any(line.startswith(wanted) for line in complaints_of(root, faulty)):
            yield f"no complaint: {wanted}"


def main():
    root = sys.argv[1]
    is_self = sys.argv[2:] == ["--self"]
    path = "docs/RFC9293.md" if is_self or len(sys.argv) < 3 else os.path.abspath(sys.argv[2])
    page = read(root, path)
    if page is None:
        sys.exit(f"{path}: cannot be read")
    lines = list(check_itself(root, page, FAULTS, complaints) if is_self else complaints(root, page))
    print("\n".join(lines))
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
