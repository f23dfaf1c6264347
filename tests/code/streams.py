#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks for uses of standard error in lib/ and app/. While a device is open it belongs to DPDK, its drivers and
their libraries: what this program has to say goes to its console (lib/base/console.h)."""

import os
import re
import sys

# child.c: of a process that is to be, not of this one.
MAY = ("lib/base/console.c", "lib/io/eal_log.c", "app/streams.c", "app/child.c")
WORD = re.compile(r"\bstderr\b|\bSTDERR_FILENO\b|\bperror\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def uses(path):
    """@return the numbers of the lines, comments apart"""
    with open(path, encoding="utf-8") as file:
        text = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), file.read())
    return [number for number, line in enumerate(text.splitlines(), 1) if WORD.search(line)]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    files = problems = 0
    for top in ("lib", "app"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, root)
                if not name.endswith((".c", ".h")) or shown in MAY:
                    continue
                files += 1
                for number in uses(path):
                    print(f"{shown}:{number}: standard error is not ours; use console_stream()")
                    problems += 1
    if files == 0:
        sys.exit(f"no source under {root}")
    print(f"{files} files, {problems} uses")
    sys.exit(1 if problems else 0)


main()
