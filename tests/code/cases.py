#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks for cases of system tests that no entry of tests/system/meson.build runs: a test file there names its
cases, or an empty list for all of them."""

import os
import re
import sys

CASE = re.compile(r"^@case\ndef (\w+)\(", re.MULTILINE)
ENTRY = re.compile(r"\['(test_\w+\.py)', \[(.*?)\]", re.DOTALL)


def main():
    folder = os.path.join(sys.argv[1] if len(sys.argv) > 1 else ".", "tests/system")
    with open(os.path.join(folder, "meson.build"), encoding="utf-8") as file:
        entries = [(name, re.findall(r"'(\w+)'", cases)) for name, cases in ENTRY.findall(file.read())]
    count = problems = 0
    for name in sorted(n for n in os.listdir(folder) if n.startswith("test_") and n.endswith(".py")):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            cases = CASE.findall(file.read())
        lists = [listed for file_name, listed in entries if file_name == name]
        count += len(cases)
        for case in cases:
            if not any(case in listed or not listed for listed in lists):
                print(f"tests/system/{name}: no entry of meson.build runs {case}")
                problems += 1
    if count == 0:
        sys.exit(f"no cases in {folder}")
    print(f"{count} cases, {problems} that nothing runs")
    sys.exit(1 if problems else 0)


main()
