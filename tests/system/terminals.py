# SPDX-License-Identifier: BSD-3-Clause
"""Terminals for programs that draw on them: tmux, whose screen can be read, and a bare pseudo-terminal, whose bytes
and modes can be."""

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

import lab

PATIENCE_S = 60  # for a machine that is busy
LOOK_S = 0.1


class Screen:
    """A command in tmux, on a server of its own that ends with the object."""

    def __init__(self, *command, cols=80, rows=24, environment=()):
        if shutil.which("tmux") is None:
            raise lab.Skip("tmux is not installed")
        self.dir = tempfile.mkdtemp(prefix="test-tmux-", dir="/run" if lab.is_inside() else None)
        config = os.path.join(self.dir, "conf")
        with open(config, "w", encoding="ascii") as file:
            # What is left on the screen, and how the command ended, can still be read.
            file.write("set -g remain-on-exit on\nset -g status off\nset -g default-terminal screen-256color\n"
                       "set -g remain-on-exit-format ''\nset -sg escape-time 0\n")
        self.base = ["tmux", "-S", os.path.join(self.dir, "socket"), "-u", "-f", config]
        # tmux may miss the end of a command; the shell tells it.
        self.status = os.path.join(self.dir, "status")
        words = ["env", "LC_ALL=C.UTF-8", *environment, "sh", "-c", 'trap : INT; "$@"; echo $? >"$0"', self.status,
                 *command]
        self.tmux("new-session", "-d", "-x", str(cols), "-y", str(rows), *words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.base, "kill-server"], capture_output=True, timeout=PATIENCE_S, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def tmux(self, *words):
        done = subprocess.run([*self.base, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return done.stdout

    def text(self, with_history=False):
        return self.tmux("capture-pane", "-p", *(["-S", "-"] if with_history else []))

    def press(self, *keys):
        """Keys as tmux names them: a character, Enter, Tab, C-z."""
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, cols, rows):
        self.tmux("resize-window", "-x", str(cols), "-y", str(rows))

    def wait_until(self, is_so, with_history=False):
        """Until @is_so of the screen. @return the screen then, or at the end of patience"""
        until = time.monotonic() + PATIENCE_S
        while True:
            text = self.text(with_history)
            if is_so(text) or time.monotonic() > until:
                return text
            time.sleep(LOOK_S)

    def wait_for(self, words, is_there=True, with_history=False):
        """Until @words can be read, or can no more. @return as wait_until()"""
        return self.wait_until(lambda text: (words in text) == is_there, with_history)

    def wait_for_rest(self, words):
        """Until two looks after each other show the same, and @words. @return as wait_until()"""
        looks = [None]
        return self.wait_until(lambda text: looks.append(text) or (words in text and looks[-2] == text))

    def wait_for_row(self, row, beginning):
        """Until that row begins so: what another view shows as well is not taken for it. @return as wait_until()"""
        return self.wait_until(lambda text: text.splitlines()[row:row + 1] and
                               text.splitlines()[row].startswith(beginning))

    def finish(self):
        """@return exit status, and all that stands on the ordinary screen; "": it goes on"""
        until = time.monotonic() + PATIENCE_S
        status = ""
        while not status and time.monotonic() < until:
            time.sleep(LOOK_S)
            if os.path.exists(self.status):
                with open(self.status, encoding="ascii") as file:
                    status = file.read().strip()
        return status, self.text(with_history=True)


class Terminal:
    """A command whose terminal is a pseudo-terminal, in a session of its own."""

    def __init__(self, *command, cols=80, rows=24, environment=()):
        values = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        values.pop("NO_COLOR", None)
        values.update(environment)
        self.main, self.side = pty.openpty()
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.modes = termios.tcgetattr(self.side)
        self.out = b""
        self.pid = os.fork()
        if self.pid == 0:
            for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):  # as a login leaves them
                signal.signal(signum, signal.SIG_DFL)
            os.login_tty(self.side) if hasattr(os, "login_tty") else login_tty(self.side)
            os.execvpe(command[0], command, values)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid > 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.main)
        os.close(self.side)

    def read(self, seconds):
        """What comes within that time."""
        if select.select([self.main], [], [], seconds)[0]:
            self.out += os.read(self.main, 65536)

    def wait_for(self, words):
        """Until those bytes have come. @return whether they have"""
        until = time.monotonic() + PATIENCE_S
        while words not in self.out and time.monotonic() < until:
            self.read(LOOK_S)
        return words in self.out

    def finish(self):
        """@return the exit status; negative: the signal that ended it; None: it goes on"""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.read(LOOK_S)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                self.pid = -1
                while select.select([self.main], [], [], 0)[0]:
                    self.read(0)
                return os.waitstatus_to_exitcode(status)
        return None

    def is_as_before(self):
        return termios.tcgetattr(self.side) == self.modes


def login_tty(side):
    """As login_tty(3), which Python has from 3.11 on."""
    os.setsid()
    fcntl.ioctl(side, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(side, descriptor)
