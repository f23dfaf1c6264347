#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads every #include of lib/ and app/ against the picture of the layers, the list in lib/meson.build: a module
includes lower layers only, siblings never each other, and only io/ speaks to EAL and ethdev. No header includes
itself by way of others."""

import os
import re
import sys

from graph import components

# Header-only packet definitions and hashing: the field's own terms, and no dependency at run time.
PURE_DPDK = re.compile(r"rte_(ether|ip|tcp|udp|arp|icmp|thash|byteorder)\.h$")
GENERATED = ("version.h",)  # by meson, in app/
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def picture(root):
    """The level of each module, by the lines of the list in lib/meson.build."""
    with open(os.path.join(root, "lib", "meson.build"), encoding="utf-8") as file:
        listed = re.search(r"foreach module : \[\n(.*?)\n *\]", file.read(), re.DOTALL).group(1)
    lines = [re.findall(r"'(\w+)'", line) for line in listed.splitlines()]
    return {module: level for level, modules in enumerate(lines + [["app"]]) for module in modules}


def wrong(level, module, quoted, system, path_exists):
    """@return what is wrong with the include, None when nothing is."""
    if system is not None:
        if system.startswith("rte_") and module not in ("io", "app") and not PURE_DPDK.match(system):
            return f"only io/ calls DPDK; {module}/ may use its packet definitions"
        return None
    target, _, rest = quoted.partition("/")
    if not rest:
        return None if quoted in GENERATED else 'is not written "module/file.h"'
    if target not in level:
        return f"{target}/ is no module of the picture"
    if not path_exists(quoted):
        return "does not exist"
    if target != module and level[target] == level[module]:
        return f"{module}/ and {target}/ are siblings"
    if level[target] > level[module]:
        return f"{target}/ lies above {module}/"
    return None


def includes(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1), found.group(2)


def sources(root):
    """Every C file of lib/ and app/ with its module."""
    for top in ("lib", "app"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            inner = os.path.relpath(folder, os.path.join(root, top)).split(os.sep)[0]
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name), inner if top == "lib" else "app"


def is_there(root, path):
    return any(os.path.exists(os.path.join(root, top, path)) for top in ("lib", ""))


def circles(root):
    """Files of lib/ and app/ that include each other."""
    edges = {}
    for path, _ in sources(root):
        name = os.path.relpath(path, root)
        edges[name.removeprefix("lib" + os.sep)] = {quoted for _, quoted, _ in includes(path) if quoted}
    return components(edges)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    level = picture(root)
    files = problems = 0
    for path, module in sources(root):
        files += 1
        name = os.path.relpath(path, root)
        if module not in level:
            print(f"{name}: {module}/ is no module of the picture")
            problems += 1
            continue
        for number, quoted, system in includes(path):
            why = wrong(level, module, quoted, system, lambda p: is_there(root, p))
            if why:
                print(f"{name}:{number}: {quoted or system}: {why}")
                problems += 1
    for circle in circles(root):
        print("a circle of includes: " + " ".join(circle))
        problems += 1
    if files == 0:
        sys.exit(f"no sources under {root}")
    print(f"{files} files, {problems} includes against the layers")
    sys.exit(1 if problems else 0)


main()
