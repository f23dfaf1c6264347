#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes files into a C source, as texts: embed.py OUT.c NAME=FILE ... A file that is not there is "".

A comment that names a map of the source is left out: a browser's debugger would look for it."""

import re
import sys

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "?": "\\?"}


def literal(text):
    """C strings, some characters each, that the compiler puts together."""
    for begin in range(0, len(text), 80):
        part = text[begin:begin + 80]
        yield '"' + "".join(ESCAPES.get(c, c if " " <= c <= "~" else octal(c)) for c in part) + '"'


def octal(c):
    return "".join(f"\\{byte:03o}" for byte in c.encode())


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return re.sub(r"(//|/\*)# sourceMappingURL=.*", "", file.read())
    except FileNotFoundError:
        return ""


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write('#include "report/page.h"\n')
        for pair in sys.argv[2:]:
            name, path = pair.split("=", 1)
            lines = "\n    ".join(literal(read(path))) or '""'
            out.write(f"\nconst char {name}[] =\n    {lines};\n")


main()
