# SPDX-License-Identifier: BSD-3-Clause
"""The live screen, on terminals: what it shows, what keys do, and that the terminal is given back."""

import json
import os
import re
import signal
import tempfile

import lab
from cases import OPTIONS, case, main
from terminals import Screen, Terminal

COLOUR = re.compile(rb"\x1b\[(\d+;)*(3[0-9]|4[0-9]|9[0-7])(;\d+)*m")
SHOWS, SHOWS_NO_MORE = b"\x1b[?1049h", b"\x1b[?1049l"


def load(*more, rate="200"):
    return [OPTIONS.binary, "run", "--rate", rate, "--duration", "120s", *more]


def line_of(text, beginning):
    return next((line for line in text.splitlines() if line.startswith(beginning)), "")


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@case
def a_run_is_seen_and_steered_by_keys(place, check):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        with Screen(*load("--json", path)) as screen:
            text = screen.wait_for("Limit so far: ")
            text = screen.wait_for("too early", is_there=False)
            for words in ("shakedown run on loopback to tcp://198.19.0.1:80", "running  ", "s left", "Overview",
                          "asked 200/s", "p99.9", "Failed 0 of", "client [", "server [", "Limit so far: "):
                check.that(words in text, f"{words!r} is not in\n{text}")
            check.that(len(text.splitlines()) <= 24 and max(map(len, text.splitlines())) <= 80, text)
            screen.press("+")
            check.that("220/s from" in screen.wait_for("220/s from"), "+ did nothing")
            screen.type("500")
            check.that("New rate: 500_" in screen.wait_for("New rate: 500_"), "the number is not shown")
            screen.press("Enter")
            check.that("500/s from" in screen.wait_for("500/s from"), "the number did nothing")
            check.that("asked 500/s" in screen.wait_for("asked 500/s"), "the new rate is not shown")
            screen.type("1.2.3k")
            screen.press("Enter")
            check.that("rate: '1.2.3k'" in screen.wait_for("rate: '1.2.3k'"), screen.text())
            screen.press("q")
            status, text = screen.finish()
        check.equal("status", status, "130")
        check.that("attempted" in text and "Overview" not in text, f"not the summary:\n{text}")
        check.equal("changes of the rate", [c["rate"] for c in read_json(path)["rate_changes"]], [220, 500])


@case
def panes_help_and_a_pause_have_their_keys(place, check):
    with Screen(*load()) as screen:
        screen.wait_for("running  ")
        for title in ("Rate cps", "Latency conn", "Failed 0 of", "Core  side", "Limit so far", "Rate cps"):
            screen.press("Tab")
            text = screen.wait_for_row(3, title)
            check.that(text.splitlines()[3].startswith(title), f"no pane {title}:\n{text}")
        screen.press("?")
        check.that("Shift-Tab" in screen.wait_for("Shift-Tab"), "no help")
        screen.press("?")
        screen.wait_for("Shift-Tab", is_there=False)
        screen.press("p")
        first = screen.wait_for_rest("PAUSED at")
        check.that("PAUSED at" in first, "it is not paused")
        screen.press("x")  # has it drawn again
        check.equal("the view while it is paused", screen.wait_for("PAUSED at"), first)
        screen.press("p")
        check.that("PAUSED" not in screen.wait_for("PAUSED", is_there=False), "it stays paused")


@case
def it_follows_the_size_of_its_terminal(place, check):
    with Screen(*load()) as screen:
        screen.wait_for("s left")
        screen.resize(40, 10)
        text = screen.wait_for("This terminal has")
        check.that("This terminal has 40 columns and 10 rows" in " ".join(text.split()), text)
        screen.resize(200, 50)
        text = screen.wait_until(lambda text: line_of(text, "running ") and len(line_of(text, "running ")) == 200)
        check.equal("length of the line", len(line_of(text, "running ")), 200)


@case
def ctrl_z_gives_the_terminal_back_until_it_goes_on(place, check):
    with Screen("bash", "--norc", "-i") as screen:
        screen.type(" ".join(load()))
        screen.press("Enter")
        screen.wait_for("s left")
        screen.press("C-z")
        text = screen.wait_for("Stopped")
        check.that("Stopped" in text and "Overview" not in text, text)
        screen.type("stty -a")
        screen.press("Enter")
        text = screen.wait_for(" echo ")
        check.that(" icanon " in text and " echo " in text, text)
        screen.type("fg")
        screen.press("Enter")
        check.that("Overview" in screen.wait_for("Overview"), "it does not come back")
        screen.press("C-c")
        text = screen.wait_for("attempted  ", with_history=True)
        check.that("attempted  " in text, f"it does not end:\n{text}")


@case
def a_search_shows_its_trials(place, check):
    with Screen(OPTIONS.binary, "run", "--search", "quick", "--search-min", "100", "--search-max", "1k",
                "--search-reset", "echo said before a trial") as screen:
        screen.wait_for("Messages")
        screen.press("BTab")
        check.that("said before a trial" in screen.wait_for("said before"), "what the reset says is not shown")
        for _ in range(6):
            screen.press("Tab")
        text = screen.wait_for("trial 3, ")
        for words in ("trial 3, ", "connections/s", "goal 1, loss 0 %: lower bound"):
            check.that(words in text, f"{words!r} is not in\n{text}")
        screen.press("+")
        check.that("rate: this run is a search" in screen.wait_for("rate: this run is a search"), screen.text())
        screen.press("s")
        status, text = screen.finish()
        check.that(status in ("130", "1"), f"status {status}")
        check.that(text.count("said before a trial") >= 3, f"what the resets said is lost:\n{text}")


@case
def a_server_is_seen(place, check):
    with tempfile.TemporaryDirectory() as folder:
        device = f"memif:{folder}/m.sock"
        with Screen(OPTIONS.binary, "serve", "--device", device, "--local", "198.19.0.1/15") as server:
            with Terminal(OPTIONS.binary, "run", "tcp://198.19.0.1:80", "--device", device, "--rate", "100",
                          "--local", "198.18.0.1-198.18.0.9/15", "--duration", "120s", "--ui", "line") as client:
                client.wait_for(b"1.0 s")
                text = server.wait_for("Rate cps 1")
                for words in (f"shakedown serve on {device}"[:60], "serving", "server [", "a server cannot tell"):
                    check.that(words in text, f"{words!r} is not in\n{text}")
                server.press("+")
                text = server.wait_for("rate: a server begins nothing")
                check.that("rate: a server begins nothing" in text, text)
                os.kill(client.pid, signal.SIGINT)
                client.finish()
            server.press("C-c")
            status, text = server.finish()
    check.equal("status", status, "130")


@case
def the_terminal_is_as_it_was_however_it_ends(place, check):
    for how, statuses in ((None, {0}), (signal.SIGINT, {130}), (signal.SIGTERM, {130}), (signal.SIGHUP, {130}),
                          (signal.SIGSEGV, {-signal.SIGSEGV, -signal.SIGABRT, 1}),  # a sanitizer aborts
                          (signal.SIGABRT, {-signal.SIGABRT, 1}), (signal.SIGQUIT, {-signal.SIGQUIT})):
        command = load() if how else [OPTIONS.binary, "run", "--rate", "100", "--duration", "1s"]
        with Terminal("prlimit", "--core=0", *command) as terminal:
            check.that(terminal.wait_for(SHOWS) and terminal.wait_for(b"Limit so far"), f"{how}: no screen")
            check.that(how is None or not terminal.is_as_before(), f"{how}: it reads no keys")
            if how is not None:
                os.kill(terminal.pid, how)
            status = terminal.finish()
            check.that(status in statuses, f"{how}: status {status}")
            check.that(terminal.is_as_before(), f"{how}: the terminal's modes are not as they were")
            check.that(terminal.out.rfind(SHOWS_NO_MORE) > terminal.out.rfind(SHOWS), f"{how}: the screen stays")
            if status in (0, 130):
                after = terminal.out[terminal.out.rfind(SHOWS_NO_MORE):]
                check.that(b"attempted" in after, f"{how}: no summary behind the screen")


@case
def a_signal_that_was_ignored_before_stays_ignored(place, check):
    """As a shell without job control has them for what it starts in the background."""
    with Terminal("sh", "-c", 'trap "" QUIT TSTP; exec "$@"', "sh", *load()) as terminal:
        check.that(terminal.wait_for(SHOWS) and terminal.wait_for(b"Limit so far"), "no screen")
        for signum in (signal.SIGQUIT, signal.SIGTSTP):
            os.kill(terminal.pid, signum)
            seen = len(terminal.out)
            for _ in range(20):
                terminal.read(0.1)
            check.that(len(terminal.out) > seen, f"{signum}: it shows nothing more")
        check.that(SHOWS_NO_MORE not in terminal.out, "its screen is gone")
        os.kill(terminal.pid, signal.SIGINT)
        check.equal("status", terminal.finish(), 130)


@case
def colours_are_where_they_may_be(place, check):
    for environment, has_colour in (({}, True), ({"NO_COLOR": "1"}, False)):
        with Terminal(OPTIONS.binary, "run", "--rate", "100", "--duration", "2s", environment=environment) as terminal:
            check.equal("status", terminal.finish(), 0)
            check.that(b"Overview" in terminal.out, f"{environment}: no screen")
            check.equal(f"{environment}: colours", COLOUR.search(terminal.out) is not None, has_colour)


@case
def lines_are_shown_where_a_screen_cannot_be(place, check):
    short = [OPTIONS.binary, "run", "--rate", "100", "--duration", "2s"]
    names = b"     time      cps        open    failed"
    for more, environment, note in (([], {"TERM": "dumb"}, None), (["--ui", "line"], {}, None),
                                    (["--ui", "tui"], {"TERM": "dumb"}, b"note: --ui tui: TERM=dumb has no screen")):
        with Terminal(*short, *more, environment=environment) as terminal:
            check.equal("status", terminal.finish(), 0)
            check.that(SHOWS not in terminal.out, f"{more} {environment}: a screen")
            check.that(names in terminal.out, f"{more} {environment}: no lines")
            check.equal("note", b"note: --ui" in terminal.out, note is not None)
            check.that(note is None or note in terminal.out, f"no {note}")
    with Terminal(*short, "--ui", "none") as terminal:
        check.equal("status", terminal.finish(), 0)
        check.that(names not in terminal.out and b"attempted" in terminal.out, "not the summary alone")
    with Terminal("sh", "-c", '"$@" | cat', "sh", *short) as terminal:
        check.equal("status", terminal.finish(), 0)
        check.that(names in terminal.out and b"\x1b" not in terminal.out, "a pipe has no lines, or escape sequences")


@case
def what_is_said_meanwhile_stands_on_the_ordinary_screen(place, check):
    with Screen(*load("--criteria", "attempted < 100 abort after 1s")) as screen:
        status, text = screen.finish()
    check.equal("status", status, "1")
    check.equal("the warning, how often", " ".join(text.split()).count("shakedown: warning: 'attempted < 100 abort"), 1)


@case
def a_drain_is_told_on_a_terminal_and_nowhere_else(place, check):
    held = [OPTIONS.binary, "run", "--rate", "100", "--duration", "1s", "--hold", "60s", "--drain", "4s", "--ui", "line"]
    with Terminal(*held) as terminal:
        terminal.finish()
        check.that(re.search(rb"\rdraining, \d+ open: \d+ %, \d s left", terminal.out), f"{terminal.out}")
    with Terminal("sh", "-c", '"$@" 2>&1 | cat', "sh", *held) as terminal:
        terminal.finish()
        check.that(b"draining, " not in terminal.out and b"attempted" in terminal.out, f"{terminal.out}")


lab.enter(optional=True)
main()
