#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Finds files of one library that call each other in a circle: reads with nm which object defines and which
uses each symbol. Arguments: a module's static library, and the files that may form one circle, if any."""

import collections
import os
import re
import subprocess
import sys

from graph import components

MEMBER = re.compile(r"^(\S+)\.c\.o:$")
SYMBOL = re.compile(r"^(?:[0-9a-f]+)?\s+([A-Za-z]) (\S+)$")


def read(library):
    """@return for each file the symbols it defines for others, and those it uses of others."""
    defined, used = collections.defaultdict(set), collections.defaultdict(set)
    listing = subprocess.run(["nm", library], check=True, capture_output=True, text=True).stdout
    name = None
    for line in listing.splitlines():
        member, symbol = MEMBER.match(line), SYMBOL.match(line)
        if member:
            name = os.path.basename(member.group(1))
        elif symbol and symbol.group(1) == "U":
            used[name].add(symbol.group(2))
        elif symbol and symbol.group(1) in "TDBRVW":
            defined[name].add(symbol.group(2))
    return defined, used


def main():
    library, allowed = sys.argv[1], set(sys.argv[2:])
    defined, used = read(library)
    owner = {symbol: name for name, symbols in defined.items() for symbol in symbols}
    if not owner:
        print(f"{library}: nm finds no symbols (link-time optimisation?)")
        sys.exit(77)
    why = collections.defaultdict(list)
    for name, symbols in used.items():
        for symbol in sorted(symbols):
            if owner.get(symbol, name) != name:
                why[name, owner[symbol]].append(symbol)
    edges = collections.defaultdict(set)
    for source, target in why:
        edges[source].add(target)
    wrong = [circle for circle in components(edges) if not allowed.issuperset(circle)]
    for circle in wrong:
        print("a circle of calls: " + " ".join(circle))
        for source, target in sorted(why):
            if source in circle and target in circle:
                print(f"  {source} -> {target}: {' '.join(why[source, target])}")
    print(f"{len(defined)} files, {len(wrong)} circles")
    sys.exit(1 if wrong else 0)


main()
