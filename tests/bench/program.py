# SPDX-License-Identifier: BSD-3-Clause
"""A build of shakedown, run and watched: what the figures are made of."""

import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import threading

import lab

MILLION = 1_000_000
HUGE_PAGES = "/proc/sys/vm/nr_hugepages"

# Long beyond any run's duration; a run that takes longer hangs.
PATIENCE_S = 180


class Refused(RuntimeError):
    """The program ended without a result: what it said."""


class Build:
    def __init__(self, path):
        self.path = os.path.abspath(path)

    def tool(self, name):
        """tests/bench/@name of the same build; None when it is not built."""
        path = os.path.join(os.path.dirname(os.path.dirname(self.path)), "tests/bench", name)
        return path if os.path.exists(path) else None

    def run(self, *args, prefix=(), patience_s=PATIENCE_S):
        """Run to the end; the result, with "vm_hwm_bytes" added: the most memory it had."""
        return Started(*prefix, self.path, "run", *args).finish(patience_s)

    def rate(self, *args, skip=1):
        """Connections established in a second, the median of the whole ones, in millions."""
        return steady_rate(self.run(*args), skip) / MILLION


class Started:
    """shakedown, started with --json."""

    def __init__(self, *command):
        self.folder = tempfile.TemporaryDirectory(dir="/run" if lab.is_inside() else None)
        self.json_path = os.path.join(self.folder.name, "result.json")
        self.command = [*command, "--json", self.json_path]
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        self.peak_bytes = 0
        self.watcher = threading.Thread(target=self.watch_memory, daemon=True)
        self.watcher.start()

    def interrupt(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def finish(self, patience_s=PATIENCE_S):
        try:
            _, err = self.process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, err = self.process.communicate()
        self.watcher.join()
        try:
            with open(self.json_path, encoding="utf-8") as file:
                result = json.load(file)
        except (OSError, ValueError):
            raise Refused(f"exit status {self.process.returncode}: {err.strip()}") from None
        finally:
            self.folder.cleanup()
        result["vm_hwm_bytes"] = self.peak_bytes
        return result

    def watch_memory(self):
        while self.process.poll() is None:
            try:
                with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
                    for line in file:
                        if line.startswith("VmHWM:"):
                            self.peak_bytes = int(line.split()[1]) * 1024
            except OSError:
                return
            try:
                self.process.wait(0.25)
            except subprocess.TimeoutExpired:
                pass


class MemifPair:
    """A responder on a memif, for one generator after the other; unless @serves says otherwise, a byte for a byte."""

    ADDRESS = "198.18.0.1"

    def __init__(self, build, serves=("--bytes", "1", "--after", "1")):
        self.build = build
        self.folder = tempfile.TemporaryDirectory(dir="/run" if lab.is_inside() else None)
        path = os.path.join(self.folder.name, "sock")
        self.device = ("--device", f"memif:{path}")
        self.server = Started(build.path, "serve", *self.device, "--local", f"{self.ADDRESS}/15", *serves)
        lab.wait_until(lambda: os.path.exists(path) or self.server.process.poll() is not None, 20)
        if not os.path.exists(path):
            self.__exit__()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.interrupt()
        try:
            self.server.finish()
        finally:
            self.folder.cleanup()

    def run(self, *args):
        return self.build.run(f"tcp://{self.ADDRESS}:80", *self.device, "--local", "198.18.1.0-198.18.16.255/15",
                              "--send", "1", "--receive", "1", *args)


class MemoryLimit:
    """A control group with a limit of memory of its own: what does not fit ends in there, and nothing else on the
    machine has to. `prefix` starts a program in it. The control groups are mounted here: in a mount namespace of
    a test's own, /sys has none."""

    # What to mount, the file of the limit. A group of version 2 has only what its parent hands down.
    VERSIONS = ((("-t", "cgroup", "-o", "memory"), "memory.limit_in_bytes"), (("-t", "cgroup2"), "memory.max"))

    def __init__(self, megabytes):
        self.bytes = megabytes << 20
        self.mount, self.folder, self.prefix = None, None, ()

    def __enter__(self):
        if memory_info("MemAvailable") << 10 < self.bytes:
            raise Refused(f"this machine has not {self.bytes >> 30} GiB of memory available")
        self.mount = tempfile.mkdtemp(prefix="shakedown-bench-")
        for options, file in self.VERSIONS:
            if subprocess.run(["mount", *options, "cgroup", self.mount], capture_output=True, check=False).returncode:
                continue
            if self._make_group(file):
                return self
            subprocess.run(["umount", self.mount], check=False)
        os.rmdir(self.mount)
        raise Refused("no control group with a limit of memory can be made here: root can")

    def _make_group(self, file):
        folder = os.path.join(self.mount, f"shakedown-bench-{os.getpid()}")
        try:
            write_number(os.path.join(self.mount, "cgroup.subtree_control"), "+memory")
        except OSError:
            pass  # version 1, or it is there
        try:
            os.mkdir(folder)
            write_number(os.path.join(folder, file), self.bytes)
        except OSError:
            if os.path.isdir(folder):
                os.rmdir(folder)
            return False
        self.folder = folder
        self.prefix = ("sh", "-c", f'echo $$ >{folder}/cgroup.procs && exec "$@"', "sh")
        return True

    def __exit__(self, *_):
        procs = os.path.join(self.folder, "cgroup.procs")
        lab.wait_until(lambda: not open(procs, encoding="ascii").read(), 30)
        os.rmdir(self.folder)
        subprocess.run(["umount", self.mount], check=False)
        os.rmdir(self.mount)


class HugePages:
    """At least @megabytes of free huge pages for as long as the block lasts, when we may reserve them; what
    was there before is there again afterwards."""

    def __init__(self, megabytes):
        self.pages = megabytes // 2
        self.before = None

    def __enter__(self):
        try:
            free = memory_info("HugePages_Free")
            if free < self.pages and memory_info("Hugepagesize") == 2048:
                before = read_number(HUGE_PAGES)
                write_number(HUGE_PAGES, before + self.pages - free)
                self.before = before
        except OSError:
            pass  # not root: it goes without
        return self

    def __exit__(self, *_):
        if self.before is not None:
            write_number(HUGE_PAGES, self.before)


def memory_info(name):
    with open("/proc/meminfo", encoding="ascii") as file:
        return int(re.search(rf"^{name}:\s+(\d+)", file.read(), re.MULTILINE).group(1))


def read_number(path):
    with open(path, encoding="ascii") as file:
        return int(file.read())


def write_number(path, value):
    with open(path, "r+", encoding="ascii") as file:
        file.write(str(value))


# -- results ----------------------------------------------------------------------------------------


def whole_seconds(result, skip=1):
    """Intervals after the first @skip, with their length; the last one, cut short, left out."""
    rows, begin = [], 0.0
    for index, interval in enumerate(result["intervals"]):
        length = interval["t_s"] - begin
        begin = interval["t_s"]
        if index >= skip and length > 0.9 and interval["t_s"] <= result["duration_s"] + 0.1:
            rows.append((interval, length))
    return rows


def steady_rate(result, skip=1):
    rates = [interval["established"] / length for interval, length in whole_seconds(result, skip)]
    return statistics.median(rates) if rates else result["rates"]["cps"]


def sent_again(result):
    """Of a hundred frames."""
    return 100 * result["totals"]["retransmits"] / max(1, result["totals"]["tx_packets"])


def goodput(result):
    """Payload both ways in Gbit/s, the median of the whole seconds."""
    return statistics.median(8e-9 * (i["tx_payload_bytes"] + i["rx_payload_bytes"]) / length
                             for i, length in whole_seconds(result))
