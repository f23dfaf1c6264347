#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks for gt() in the unit tests: Criterion 2.4.1 takes it for "at least", so gt(uint, n, 0) cannot fail. The same
is said right by lt() with its operands exchanged."""

import os
import re
import sys

WORD = re.compile(r"(?<![A-Za-z0-9_])gt\(")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    files = problems = 0
    for folder, _, names in os.walk(os.path.join(root, "tests")):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(folder, name)
            files += 1
            with open(path, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if WORD.search(line):
                        print(f"{os.path.relpath(path, root)}:{number}: gt() is \"at least\"; write lt(T, b, a)")
                        problems += 1
    if files == 0:
        sys.exit(f"no tests under {root}")
    print(f"{files} files, {problems} uses")
    sys.exit(1 if problems else 0)


main()
