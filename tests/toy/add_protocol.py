#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""add_protocol.py SOURCE: a new application protocol costs one file and one line.

Copies the program's sources, adds daytime.c to lib/proto/ and its name to the registry, builds, and has the
program speak the protocol: URLs, default ports, --help, statistics, JSON and summary follow from the table."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*words, cwd=None, timeout=600):
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def add_protocol(tree):
    """@return what was touched."""
    shutil.copy(os.path.join(HERE, "daytime.c"), os.path.join(tree, "lib/proto/daytime.c"))
    registry = os.path.join(tree, "lib/proto/registry.c")
    with open(registry, encoding="utf-8") as file:
        text = file.read()
    changed, n = re.subn(r"(#define PROTOCOLS\(X\) *\\\n)", r"\1    X(daytime) \\\n", text)
    if n != 1:
        sys.exit("registry.c has no list of protocols")
    with open(registry, "w", encoding="utf-8") as file:
        file.write(changed)
    return len(changed.splitlines()) - len(text.splitlines())


def expect(what, is_so, found=""):
    if not is_so:
        sys.exit(f"{what}: it is not so {found}")
    print(f"{what}: yes")


def speak(program, url):
    """@return the result of a run on the loopback device, and what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        printed = run(program, "run", url, "--duration", "1s", "--rate", "50", "--drain", "20s", "--json", path,
                      timeout=120)
        with open(path, encoding="utf-8") as file:
            return json.load(file), printed


def main():
    source = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="shakedown-toy-") as tree:
        for name in ("lib", "app", "packaging"):
            shutil.copytree(os.path.join(source, name), os.path.join(tree, name))
        for name in ("meson.build", "meson_options.txt"):
            shutil.copy(os.path.join(source, name), tree)
        os.mkdir(os.path.join(tree, "tests"))
        with open(os.path.join(tree, "tests/meson.build"), "w", encoding="utf-8"):
            pass
        expect("one line is added to the registry", add_protocol(tree) == 1)
        run("meson", "setup", "build", "--buildtype=debug", "-Db_lto=false", "-Dwerror=true", cwd=tree)
        run("ninja", "-C", "build", "app/shakedown", cwd=tree)
        program = os.path.join(tree, "build/app/shakedown")

        text = run(program, "--help")
        expect("--help has the scheme", "daytime://ADDRESS" in text and "daytimes://ADDRESS" in text)
        for url in ("daytime://198.18.0.1", "daytimes://198.18.0.1"):
            result, printed = speak(program, url)
            totals = result["totals"]
            n = totals["attempted"]
            expect(f"{url}: connections are closed as asked for", n >= 10 and totals["closed"] == n)
            expect(f"{url}: its counter is in the result", totals["daytime_bytes"] == 40 * n,
                   (totals["daytime_bytes"], n))
            expect(f"{url}: its latency is in the result",
                   result["latency"]["daytime_first"]["count"] == n)
            expect(f"{url}: its rows are in the summary",
                   "daytime first" in printed and "daytime_bytes" in printed)


main()
