#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks the pages of docs/, and README.md, that people write and read.

    tests/docs/pages.py ROOT              complain about each line that is too long, about words that are not
                                          those of the field, and about files and links that do not exist
    tests/docs/pages.py ROOT --self       see that complaints are made

A line may be longer than WIDTH in a table, in a block of code, or for a URL."""

import glob
import os
import re
import sys

WIDTH = 120

WORDS = ["rooms?", "lay in", "laid in", "tails?", "strays?", "turns?", "the books", "worth knowing", "generator side",
         "generating side", "generating worker", "responder", "responding", "time-outs?", "whom", "nought"]
WRONG = re.compile(r"\b(" + "|".join(WORDS) + r")\b", re.I)
# RFC 8985's, DPDK's.
ALLOWED = re.compile(r"tail.loss|data rooms?", re.I)

CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)]+)\)")
SOURCE = re.compile(r"[\w./-]+\.(?:[ch]|py|md|txt|json|build|in)$")
# Where a path in a page may begin.
TOPS = ["", "lib", "lib/sess", "tests", "docs"]


def lines(page):
    """Each line with its number, and whether it is prose: not in a block of code."""
    is_code, before = False, ""
    for number, line in enumerate(page.split("\n"), 1):
        is_fence = line.lstrip().startswith("```")
        is_code_line = is_code or is_fence or (line.startswith("    ") and not is_item(before))
        yield number, line, not is_code_line
        is_code ^= is_fence
        before = line if line.strip() else before


def is_item(line):
    """Whether what is indented below @line may still be its text."""
    return re.match(r"\s*(?:[*-]|\d+\.) ", line) is not None


def anchors(page):
    """What a link to one of the page's headings looks like."""
    for heading in re.findall(r"^#+ (.*)$", page, re.M):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def exists(root, path):
    return any(os.path.exists(os.path.join(root, top, path)) for top in TOPS)


def broken_link(root, name, link):
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    path = os.path.join(root, os.path.dirname(name), path) if path else os.path.join(root, name)
    if not os.path.exists(path):
        return True
    return anchor != "" and anchor not in anchors(read(path))


def complaints(root, name, page):
    for number, line, is_prose in lines(page):
        where = f"{name}:{number}"
        if is_prose and len(line) > WIDTH and not line.startswith("|") and "://" not in line:
            yield f"{where}: {len(line)} characters; at most {WIDTH}"
        for word in WRONG.findall(ALLOWED.sub("", line)):
            yield f'{where}: "{word}" is not a word of the field'
        for path in CODE.findall(line):
            if SOURCE.match(path) and "/" in path and not exists(root, path):
                yield f"{where}: {path} does not exist"
        for link in LINK.findall(line):
            if is_prose and broken_link(root, name, link):
                yield f"{where}: there is nothing at {link}"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check(root):
    pages = [os.path.join(root, "README.md")] + sorted(glob.glob(os.path.join(root, "docs", "*.md")))
    found = [text for path in pages for text in complaints(root, os.path.relpath(path, root), read(path))]
    print("\n".join(found))
    print(f"{len(pages)} pages, {len(found)} complaints")
    return not found


def check_self(root):
    good = "\n".join(["# A page", "", "* an item", "  goes on", "", "    " + "x" * 150, "", "|" + "x" * 150 + "|",
                      "see [here](docs/OPTIONS.md), [there](#limits), `lib/stat/counters.h`, `app/poll.c`", ""])
    bad = {"x" * (WIDTH + 1): "characters", "* an item\n    " + "x" * WIDTH: "characters",
           "By turns.": "word of the field", "`lib/stat/nothing.h`": "does not exist",
           "[here](docs/NOTHING.md)": "nothing at", "[here](#nothing)": "nothing at"}
    assert list(complaints(root, "README.md", good)) == [], list(complaints(root, "README.md", good))
    for text, words in bad.items():
        made = list(complaints(root, "README.md", good + text))
        assert len(made) == 1 and words in made[0], (text, made)
    return True


sys.exit(0 if (check_self if "--self" in sys.argv else check)(sys.argv[1]) else 1)
