#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks docs/RFC9411.md against the source tree, as rfc9293.py does with its page.

    tests/docs/rfc9411.py ROOT            complain about each entry that is missing or not true
    tests/docs/rfc9411.py ROOT --self     see that complaints are made

RFC 9411 does not number what it requires: an entry has its section and a letter. Each section with requirements for the
tester has one at least. Tests are also cases of tests/system, as `test_<file>::<case>`."""

import os
import re
import sys

from rfc9293 import check_itself, entries, read, tests_of, untrue

NUMBER = r"(?:RFC 3511 )?\d[\d.]* [a-z]"
SECTIONS = ["4.2.1", "4.3.1.1", "4.3.1.2", "4.3.1.3", "4.3.1.4", "4.3.2", "4.3.3", "4.3.4", "5", "6.1", "6.2", "6.3",
            "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.8", "7.9", "RFC 3511 5.2", "RFC 3511 5.3", "RFC 3511 5.4"]


def cases_of(root):
    """@return test_file::case of every case of the system tests."""
    folder = os.path.join(root, "tests", "system")
    return {f"{name[:-3]}::{case}" for name in os.listdir(folder) if name.startswith("test_")
            for case in re.findall(r"^@case\ndef (\w+)", read(folder, name), re.M)}


def complaints(root, page):
    found = entries(page, NUMBER)
    numbers = [number for number, _ in found]
    for number in sorted(set(numbers)):
        if numbers.count(number) != 1:
            yield f"{number} has {numbers.count(number)} entries"
    for section in SECTIONS:
        if not any(number.rsplit(" ", 1)[0] == section for number in numbers):
            yield f"{section} has no entry"
    yield from untrue(root, page, found, tests_of(root) | cases_of(root))


# What is done to the page, and the beginning of the complaint that must follow.
FAULTS = [
    (r"\* \*\*5 a\*\*.*?(?=\n\n)", "", "5 has no entry"),
    (r"\*\*7\.1 b\*\*", "**7.1 a**", "7.1 a has 2 entries"),
    (r"`lib/suite/course\.c:suite_next`", "`lib/suite/course.c:no_such`", "7.1 c: lib/suite/course.c does not define"),
    (r"`suite_judge::", "`suite_judge::not_", "4.3.1.4 c: there is no test"),
    (r"Not done: a rule", "A rule", "7.1 f says neither"),
]


def main():
    root = sys.argv[1]
    page = read(root, "docs/RFC9411.md")
    is_self = sys.argv[2:] == ["--self"]
    lines = list(check_itself(root, page, FAULTS, complaints) if is_self else complaints(root, page))
    print("\n".join(lines))
    sys.exit(1 if lines else 0)


main()
