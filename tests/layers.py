#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads every #include of lib/ and app/ against the picture of the layers: a module includes lower layers
only, siblings never each other, and only io/ speaks to EAL and ethdev."""

import os
import re
import sys

LAYERS = [
    ["base"],
    ["wire", "time", "stat"],
    ["neigh", "flow", "tcp", "tls", "proto", "load"],
    ["sess"],
    ["io", "conf"],
    ["report"],  # the fourth layer, too; but a result carries its scenario, so it stands above conf/
    ["app"],
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}

# Header-only packet definitions and hashing: the field's own terms, and no dependency at run time.
PURE_DPDK = re.compile(r"rte_(ether|ip|tcp|udp|arp|icmp|thash|byteorder)\.h$")
GENERATED = ("version.h",)  # by meson, in app/
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def wrong(module, quoted, system, path_exists):
    """@return what is wrong with the include, None when nothing is."""
    if system is not None:
        if system.startswith("rte_") and module not in ("io", "app") and not PURE_DPDK.match(system):
            return f"only io/ calls DPDK; {module}/ may use its packet definitions"
        return None
    target, _, rest = quoted.partition("/")
    if not rest:
        return None if quoted in GENERATED else 'is not written "module/file.h"'
    if target not in LEVEL:
        return f"{target}/ is no module of the picture"
    if not path_exists(quoted):
        return "does not exist"
    if target != module and LEVEL[target] == LEVEL[module]:
        return f"{module}/ and {target}/ are siblings"
    if LEVEL[target] > LEVEL[module]:
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


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    files = problems = 0
    for path, module in sources(root):
        files += 1
        name = os.path.relpath(path, root)
        if module not in LEVEL:
            print(f"{name}: {module}/ is no module of the picture")
            problems += 1
            continue
        for number, quoted, system in includes(path):
            why = wrong(module, quoted, system, lambda p: is_there(root, p))
            if why:
                print(f"{name}:{number}: {quoted or system}: {why}")
                problems += 1
    if files == 0:
        sys.exit(f"no sources under {root}")
    print(f"{files} files, {problems} includes against the layers")
    sys.exit(1 if problems else 0)


main()
