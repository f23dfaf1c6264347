#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_completion.py SHAKEDOWN BASH ZSH FISH: what the shells are given to complete. bash is asked; zsh and fish
read theirs, where they are installed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM, BASH, ZSH, FISH = map(os.path.abspath, sys.argv[1:5])
wrong = 0


def complete(*words):
    """What bash offers for the last of @words."""
    line = " ".join(f"'{word}'" for word in ("shakedown", *words))
    before = words[-2] if len(words) > 1 else "shakedown"
    script = (f". {BASH}; COMP_WORDS=({line}) COMP_CWORD={len(words)}; "
              f"_shakedown shakedown '{words[-1]}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "plan.yaml"), "w").close()
        out = subprocess.run(["bash", "-c", script], cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
    return out.split()


def check(sentence, got, want):
    global wrong
    if got == want:
        print(f"ok   {sentence}")
    else:
        wrong += 1
        print(f"FAIL {sentence}: got {got}, want {want}")


check("commands come first", complete("s"), ["serve"])
check("an option of the command", complete("run", "--request-r"), ["--request-rate"])
check("none of another command", complete("doctor", "--request-r"), [])
check("the words of a choice", complete("run", "--close", "f"), ["fin"])
check("the same behind =", complete("run", "--close", "=", "p"), ["peer"])
check("yes and no", complete("serve", "--probe", ""), ["yes", "no"])
check("a file where one is meant", complete("run", "--json", "pl"), ["plan.yaml"])
check("a scenario", complete("check", "pl"), ["plan.yaml"])
check("the beginning of a URL", complete("run", "h2"), ["h2c://", "h2://"])
check("a result to compare", complete("compare", "pl"), ["plan.yaml"])
check("an option of compare", complete("compare", "--allow"), ["--allow-different"])
check("a plan", complete("rfc9411", "pl"), ["plan.yaml"])
check("what ctl does", complete("ctl", "/run/socket", "s"), ["stop", "snapshot"])
help_text = subprocess.run([PROGRAM, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
check("all options are those of help",
      sorted({option for command in ("run", "serve", "doctor", "rfc9411") for option in complete(command, "--")}),
      sorted(re.findall(r"^  (--[a-z0-9-]+)", help_text, re.M)))
for shell, file in ("zsh", ZSH), ("fish", FISH):
    if shutil.which(shell) is None:
        print(f"     {shell} is not installed")
        continue
    check(f"{shell} can read it", subprocess.run([shell, "-n", file], check=False).returncode, 0)
sys.exit(wrong != 0)
