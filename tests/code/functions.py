#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks for functions of lib/ and app/ that do not fit a screen. As clang-format writes them, a function begins
with its name at the beginning of a line, and ends with a brace there."""

import os
import re
import sys

LINES_MAX = 60
NAME = re.compile(r"^(\w+)\(")


def functions(path):
    """@return name and length, from the line of its name to that of its last brace, of each function"""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    name, first, has_body = None, 0, False
    for number, line in enumerate(lines):
        begins = NAME.match(line)
        if begins:
            name, first, has_body = begins.group(1), number, False
        elif line == "{":
            has_body = True
        elif line == "}" and name and has_body:
            yield name, number - first + 1
            name = None


def sources(root):
    for top in ("lib", "app", "packaging"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    count = problems = longest = 0
    for path in sources(root):
        for name, length in functions(path):
            count += 1
            longest = max(longest, length)
            if length > LINES_MAX:
                print(f"{os.path.relpath(path, root)}: {name}() has {length} lines")
                problems += 1
    if count == 0:
        sys.exit(f"no functions under {root}")
    print(f"{count} functions, the longest of {longest} lines, {problems} of more than {LINES_MAX}")
    sys.exit(1 if problems else 0)


main()
