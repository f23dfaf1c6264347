# SPDX-License-Identifier: BSD-3-Clause
"""What DPDK, its drivers and the libraries under them write does not reach the user's terminal, unless it was asked
for or something went wrong; and nothing of theirs stays in the file system, whenever the process is killed."""

import glob
import os
import re
import signal
import subprocess
import time

import lab
from cases import Shakedown, case, check_result, main, shakedown
from lab import GEN, LOCAL4, SERVER4


def files():
    """What a process of ours or of DPDK's could have left."""
    return set(glob.glob("/tmp/shakedown-??????") + glob.glob("/run/shakedown*/*") + glob.glob("/run/dpdk/*") +
               glob.glob("/dev/shm/*") + glob.glob("/dev/hugepages/*"))


@case
def libraries_of_af_xdp_are_not_heard(place, check):
    """libxdp and libbpf write to standard error by themselves."""
    place.pair()
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", f"net_af_xdp0,iface={GEN}", "--local", LOCAL4,
                    "--rate", "100", "--duration", "1s")
    if run.result is None and run.status == 3:
        raise lab.Skip(f"af_xdp does not start here: {run.err.strip()}")
    check_result(check, run)
    for word in ("libbpf", "libxdp", "AF_XDP", "EAL:"):
        check.that(word not in run.err, f"standard error has {word}: {run.err!r}")


@case
def lines_that_were_asked_for_are_passed_on(_, check):
    run = shakedown("run", "--duration", "1s", "--rate", "100", "--eal", "--log-level=lib.eal:debug")
    check_result(check, run)
    check.that("EAL:" in run.err, f"none of EAL's lines is there: {run.err!r}")
    check.that(run.result is None or run.result["host"]["driver_lines"] > 0, "none was counted")


@case
def a_quiet_run_counts_no_lines(_, check):
    run = shakedown("run", "--duration", "1s", "--rate", "100")
    if check_result(check, run):
        check.equal("lines of the driver", run.result["host"]["driver_lines"], 0)
        check.equal("the first", run.result["host"]["driver_said"], None)


@case
def telemetry_answers_while_it_runs(_, check):
    if not lab.is_inside():
        raise lab.Skip("needs a /run of its own")
    program = Shakedown("run", "--duration", "30s", "--rate", "100", "--eal", "--telemetry --file-prefix=told")
    program.wait_for_row()
    path = "/run/dpdk/told/dpdk_telemetry.v2"
    try:
        check.equal("ports", len(lab.ask_telemetry(path, "/ethdev/list")), 2)
    except OSError as error:
        check.that(False, f"{path}: {error}")
    program.interrupt()
    check_result(check, program.finish(30), status=130)
    check.equal("left of it", glob.glob("/run/dpdk/told/*"), [])


@case
def killed_at_any_time_it_leaves_nothing(_, check):
    before = files()
    for delay_ms in (10, 30, 60, 100, 150, 200, 300, 500):
        program = Shakedown("run", "--duration", "30s", "--rate", "100", want_json=False)
        time.sleep(delay_ms / 1000)
        program.child.process.send_signal(signal.SIGKILL)
        program.child.process.wait()
        Shakedown.alive.remove(program.child)
        left = files() - before
        if left:  # another process's may go yet
            lab.wait_until(lambda: not {f for f in left if os.path.exists(f)}, 3)
            check.equal(f"left when killed after {delay_ms} ms", {f for f in left if os.path.exists(f)}, set())


def huge_free_mib():
    with open("/proc/meminfo", encoding="ascii") as file:
        rows = dict(line.split(":") for line in file)
    return int(rows.get("HugePages_Free", "0")) * int(rows.get("Hugepagesize", "0 kB").split()[0]) // 1024


HUGE_MIB = 256  # what a run on loopback needs, and then some


@case
def where_nothing_can_be_shared_one_sentence_says_why(_, check):
    if huge_free_mib() > 0:
        raise lab.Skip("there are huge pages")
    run = shakedown("run", "--duration", "1s", "--eal-shared")
    check.equal("exit status", run.status, 3)
    check.that("--eal-shared: other processes can share memory on huge pages only" in run.err, run.err)
    check.equal("lines", len(run.err.splitlines()), 1)


@case
def dpdks_own_tools_attach_to_a_shared_run(place, check):
    lab.require("dpdk-proc-info", "dpdk-pdump", "capinfos")
    if not lab.is_inside():
        raise lab.Skip("needs a /run of its own")
    if huge_free_mib() < HUGE_MIB:
        raise lab.Skip(f"{huge_free_mib()} MiB of huge pages are free, {HUGE_MIB} are needed")
    huge = f"/run/{place.name}.huge"
    os.makedirs(huge)
    lab.quiet(["mount", "-t", "hugetlbfs", "hugetlbfs", huge])
    program = Shakedown("run", "--duration", "60s", "--rate", "100", "--eal-shared")
    program.wait_for_row()
    attach = (f"--file-prefix=shakedown-{program.child.process.pid}", "--no-pci", "--no-telemetry", "--")
    done = subprocess.run(["dpdk-proc-info", *attach, "--stats"], capture_output=True, text=True, timeout=60,
                          check=False)
    check.that(re.search(r"RX-packets: *[1-9]", done.stdout), f"dpdk-proc-info: {done.stdout} {done.stderr}")
    taken = f"/run/{place.name}.pcap"
    done = subprocess.run(["timeout", "-s", "INT", "-k", "10", "5", "dpdk-pdump", *attach, "--pdump",
                           f"port=0,queue=*,tx-dev={taken}"], capture_output=True, text=True, timeout=60, check=False)
    seen = subprocess.run(["capinfos", "-cMT", taken], capture_output=True, text=True, timeout=60, check=False)
    check.that(re.search(r"[1-9]", seen.stdout.replace(taken, "")), f"dpdk-pdump: {done.stdout} {done.stderr} {seen}")
    program.interrupt()
    check_result(check, program.finish(30), status=130)
    check.equal("left of it", glob.glob("/run/dpdk/*") + os.listdir(huge), [])
    lab.quiet(["umount", huge])


lab.enter()
main()
