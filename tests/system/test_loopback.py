# SPDX-License-Identifier: BSD-3-Clause
"""`shakedown run` on the loopback device: both sides in one process, no NIC, no privilege."""

import csv
import json
import os
import re
import shutil
import signal
import tempfile
import time

import lab
from cases import (OPTIONS, Shakedown, case, check_all_closed, check_offered, check_result, jsonschema, main,
                   shakedown)

TARGET4, TARGET6 = "tcp://198.18.0.1:80", "tcp://[2001:2::1]:80"
PLACES = ("/tmp", "/run", "/var/run", "/dev/shm", "/dev/hugepages", "/var/tmp")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")


def files_left():
    """What DPDK or shakedown might leave behind, wherever it could. Other programs use /tmp meanwhile,
    so there only names that can be ours count."""
    found = set()
    for place in PLACES:
        for folder, folders, files in os.walk(place):
            if folder == "/tmp":
                folders[:] = [f for f in folders if f.startswith(("dpdk", "rte"))]
            private = lab.is_inside() and folder.startswith(("/run", "/var/run", "/dev/shm"))
            for name in folders + files:
                if private or any(word in name for word in ("dpdk", "rte", "map_", "shakedown")):
                    found.add(os.path.join(folder, name))
    return found


def check_nothing_left(check, before):
    """Another shakedown on this host may have files for a moment; ours would stay."""
    lab.wait_until(lambda: not files_left() - before, 2)
    check.equal("files left behind", files_left() - before, set())


def check_both_sides(check, run):
    """On loopback the responder is ours too: it must have seen what the client says. What is sent again after a pause
    of the machine's may find that the other side has ended, and lie there unread."""
    sums = {"client": {}, "server": {}}
    for core in run.result["cores"]:
        for name in ("established", "closed", "failed", "open", "rx_packets", "tx_packets", "retransmits"):
            side = sums[core["role"]]
            side[name] = side.get(name, 0) + core[name]
    client, server = sums["client"], sums["server"]
    check.equal("established by both sides", server["established"], client["established"])
    is_paused = client["retransmits"] + server["retransmits"] > 0
    for name, got, sent in (("frames to the server", server["rx_packets"], client["tx_packets"]),
                            ("frames to the client", client["rx_packets"], server["tx_packets"])):
        if is_paused:
            check.that(got <= sent, f"{name}: {got} received, {sent} sent")
        else:
            check.equal(name, got, sent)
    return client, server


def check_clean(check, run):
    check_all_closed(check, run)
    if run.result:
        check_both_sides(check, run)


@case
def embedded_default(_, check):
    before = files_left()
    run = shakedown("run", "--duration", "2s")
    check_clean(check, run)
    check_nothing_left(check, before)
    check.that("established" in run.out, "the summary names established")


@case
def unprivileged(_, check):
    prefix = NOBODY if os.geteuid() == 0 else ()
    before = files_left()
    folder = tempfile.mkdtemp(dir="/run" if lab.is_inside() else None)
    try:
        os.chmod(folder, 0o755)
        binary = shutil.copy(OPTIONS.binary, folder)
        run = shakedown("run", "--duration", "2s", prefix=prefix, binary=binary)
    finally:
        shutil.rmtree(folder)
    check_clean(check, run)
    check_nothing_left(check, before)


@case
def result_has_a_schema(_, check):
    if jsonschema is None:
        raise lab.Skip("python3-jsonschema is not installed")
    run = shakedown("run", "--duration", "1s", "--rate", "1k")
    check_clean(check, run)  # validates
    if run.result:
        check.equal("schema", run.result["schema"], "shakedown.result/1")


@case
def ipv6(_, check):
    check_clean(check, shakedown("run", TARGET6, "--local", "2001:2::10-2001:2::ff/48",
                                 "--rate", "20k", "--duration", "1s"))


@case
def vlan(_, check):
    check_clean(check, shakedown("run", TARGET4, TARGET6, "--vlan", "7", "--rate", "20k",
                                 "--duration", "1s", *local_both()))


def local_both():
    return ("--local", "198.18.0.10-198.18.0.29/15", "--local", "2001:2::10-2001:2::29/48")


@case
def several_urls(_, check):
    run = shakedown("run", TARGET4, "tcp://198.18.0.2:8080", TARGET6, "--rate", "30k", "--duration",
                    "1s", *local_both())
    check_clean(check, run)


@case
def hold(_, check):
    """A connection that is held for 500 ms has at most five successors in 2 s: without the hold, thousands."""
    run = shakedown("run", "--connections", "1000", "--hold", "500ms", "--duration", "2s")
    check_clean(check, run)
    if run.result:
        gauges = [i["open"] for i in run.result["intervals"]]
        check.that(any(gauges) and max(gauges) <= 1000, f"open at the seconds: {gauges}, at most 1000 are allowed")
        check.that(1000 <= run.total("attempted") <= 5000, f"attempted {run.total('attempted')}")


@case
def close_rst(_, check):
    run = shakedown("run", "--close", "rst", "--rate", "20k", "--duration", "1s")
    check_all_closed(check, run)
    if run.result:
        check_both_sides(check, run)
        check.that(run.total("resets_sent") >= run.total("closed"),
                   f"resets sent {run.total('resets_sent')}, connections {run.total('closed')}")


@case
def close_peer(_, check):
    check_clean(check, shakedown("run", "--close", "peer", "--rate", "20k", "--duration", "1s"))


@case
def closed_loop(_, check):
    """Without a rate, --connections bounds what is open at once."""
    run = shakedown("run", "--connections", "500", "--hold", "10ms", "--duration", "2s")
    check_clean(check, run)
    if run.result:
        check.that(all(i["open"] <= 500 for i in run.result["intervals"]), "more than 500 were open")
        # Each of the 500 took 10 ms at least.
        check.that(500 < run.total("attempted") <= 500 * 201, f"attempted {run.total('attempted')}")


@case
def rate(_, check):
    run = shakedown("run", "--rate", "20k", "--duration", "2s")
    check_clean(check, run)
    if run.result:
        check_offered(check, run, 40000)
        lateness = run.result["latency"]["lateness"]
        check.equal("lateness samples", lateness["count"], run.total("attempted"))


@case
def shapes(_, check):
    """What begins is what the shape says, to the connection: 1,000 and 3,000; up from 1,000 to 5,000 in 2 s; a whole
    period. By chance it is as many as the seed says, which is the same again."""
    for shape, due in (("steps:1k,3k/1s", 4000), ("ramp:1k..5k/2s", 6000), ("sine:1k..3k/1s", 4000)):
        run = shakedown("run", "--shape", shape, "--duration", "2s")
        check_clean(check, run)
        if run.result:
            check.equal(f"due by {shape}", run.total("attempted") + run.total("starts_dropped"), due)
            check.equal("in the result", run.result["scenario"]["load"]["shape"], shape)
    due = [shakedown("run", "--shape", "poisson", "--rate", "5k", "--duration", "2s", "--seed", seed)
           for seed in ("1", "1", "2")]
    if all(run.result for run in due):
        due = [run.total("attempted") + run.total("starts_dropped") for run in due]
        check.equal("the same seed, the same starts", due[0], due[1])
        check.that(due[0] != due[2], f"{due[0]} starts by two seeds")
        check.that(all(abs(n - 10000) < 6 * 100 for n in due), f"{due} starts of 10,000 on average")


@case
def a_server_takes_so_many_a_second(_, check):
    """All its workers together, to the connection but for the one that it had saved up; what is more is refused, or
    gets no answer, and both ends count the same. While nobody comes places lapse, and one who looks late at the start
    and at the end has a little more time."""
    for mode, cause in (("rst", "refused"), ("drop", "timeout")):
        run = shakedown("run", "--rate", "3k", "--duration", "1s", "--lcores", "2", "--limit-cps", "1000",
                        "--limit-mode", mode, "--connect-timeout", "500ms")
        if not check_result(check, run, status=0):
            continue
        taken, limited = run.total("established"), sum(core["limited"] for core in run.result["cores"])
        away_ms = sum(core["long_polls_ns"] for core in run.result["cores"] if core["role"] == "client") / 1e6
        late_ms = 2 * max(core["longest_poll_ns"] for core in run.result["cores"]) / 1e6
        check.that(999 - away_ms <= taken <= 1002 + late_ms, f"{taken} were taken, {away_ms=}, {late_ms=}")
        check.equal(f"failed with --limit-mode {mode}", run.failures(), {cause: run.total("attempted") - taken})
        check.equal(f"refused by the server with --limit-mode {mode}", limited, run.total("attempted") - taken)
        check.that("--limit-cps" in run.out, run.out)


@case
def intervals_line_by_line(_, check):
    """Tenths of a second, twice: what they count adds up to what the run did, and people see a line a second. A
    disk that fills up meanwhile is told by name, costs that file alone, and leaves nothing of it."""
    with tempfile.TemporaryDirectory() as folder:
        rows, lines = os.path.join(folder, "rows.csv"), os.path.join(folder, "lines")
        run = shakedown("run", "--rate", "2k", "--duration", "2s", "--sample", "100ms", "--csv", rows,
                        "--json-lines", lines)
        check_clean(check, run)
        check.equal("files", sorted(os.listdir(folder)), ["lines", "rows.csv"])
        with open(rows, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with open(lines, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        for name in ("attempted", "closed", "rx_packets"):
            for of, n in (("CSV", sum(int(row[name]) for row in rows)),
                          ("JSON Lines", sum(line[name] for line in lines[:-1]))):
                check.equal(f"{name} in {of}", n, run.total(name))
        check.equal("the last line", lines[-1], run.result)
        check.equal("the other lines", lines[:-1], run.result["intervals"])
        check.that(run.total("long_polls") > 0 or 20 <= len(rows) <= 22, f"{len(rows)} rows in 2 s")
        check.that(len(re.findall(r"^ +\d+\.\d s ", run.out, re.M)) <= 3, f"more than a line a second: {run.out}")

        path = os.path.join(folder, "full.csv")
        run = shakedown("run", "--rate", "1k", "--duration", "1s", "--csv", path,
                        prefix=("sh", "-c", 'ulimit -f 4; exec "$@"', "sh"), want_json=False)
        check.equal("exit status", run.status, 3)
        check.that(f"--csv {path}: the file cannot be written: File too large" in run.err, run.err)
        check.that("established" in run.out, "the summary is there")
        check.equal("files", sorted(os.listdir(folder)), ["lines", "rows.csv"])


@case
def criteria(_, check):
    """All hold: status 0. One does not: status 1, and the summary and the result say which, and by what."""
    run = shakedown("run", "--rate", "1k", "--duration", "1s", "--criteria", "failed < 0.1%, connect.p99 < 1h",
                    "--criteria", "established >= 1")
    check_clean(check, run)
    if run.result:
        check.equal("criteria", [c["pass"] for c in run.result["verdict"]["criteria"]], [True] * 3)
    run = shakedown("run", "--rate", "1k", "--duration", "1s", "--criteria", "cps > 1G, failed < 0.1%")
    if check_result(check, run, status=1):
        check.equal("pass", run.result["verdict"]["pass"], False)
        check.equal("criteria", [c["pass"] for c in run.result["verdict"]["criteria"]], [False, True])
        check.near("value", run.result["verdict"]["criteria"][0]["value"], run.result["rates"]["cps"], 0.001)
    check.that("FAIL  cps > 1G" in run.out, "the summary does not say which")
    check.that("1 of 2 criteria does not hold" in run.err, f"said: {run.err}")


@case
def interrupted(_, check):
    """SIGINT: the summary and the JSON of what ran, status 130."""
    program = Shakedown("run", "--rate", "5k", "--duration", "60s")
    program.wait_for_row()
    program.interrupt()
    run = program.finish(30)
    if check_result(check, run, status=130):
        check.that(run.total("established") > 0, "nothing was established")
        check.equal("open after the drain", run.total("open"), 0)
        check.that(run.result["duration_s"] < 60, "it ran to its end")
    check.that("established" in run.out, "no summary was printed")


@case
def a_snapshot(_, check):
    """SIGUSR1: what the run has so far, in full; it goes on. SIGINT twice: it ends at once."""
    program = Shakedown("run", "--rate", "2k", "--hold", "30s", "--duration", "60s")
    program.wait_for_row()
    program.child.process.send_signal(signal.SIGUSR1)
    for _ in range(200):
        line = program.child.process.stdout.readline()
        if not line or "the run goes on" in line:
            break
        if "snapshot after" in line or "attempted" in line:
            check.that(re.search(r"after \d\.\d s|attempted +[\d,]{5,}", line), line)
    check.that("the run goes on" in line, "there was no snapshot")
    program.wait_for_row()
    for _ in range(2):
        program.interrupt()
        time.sleep(0.3)
    run = program.finish(10)
    if check_result(check, run, status=130):
        check.equal("attempted", run.total("attempted"), run.total("established"))
        check.equal("the duration", 1.5 < run.result["duration_s"] < 10, True)


@case
def interrupted_at_once(_, check):
    """SIGINT while memory is still being taken, and around the start: it ends, and its books are in order. Before the
    options are read the signal has its default action: a busy machine may take so long to load all libraries."""
    for delay_s in (0.1, 0.5, 0.7, 0.9):
        program = Shakedown("run", "--connections", "2M", "--hold", "10s", "--duration", "60s")
        time.sleep(delay_s)
        program.interrupt()
        run = program.finish(30)
        check.that(run.status in (130, -signal.SIGINT), f"exit status after {delay_s} s: {run.status}")
        check.that(run.result is None or 0 <= run.result["duration_s"] < 60, "the duration is no duration")


@case
def json_to_standard_output(_, check):
    run = shakedown("run", "--rate", "1k", "--duration", "1s", "--json", "-", want_json=False)
    check.equal("exit status", run.status, 0)
    try:
        check.equal("schema", json.loads(run.out)["schema"], "shakedown.result/1")
    except ValueError as error:
        check.that(False, f"standard output is not one JSON object: {error}")


def run_lcores(check, *args, lcores=2, device="loopback", clean=True):
    """Several workers a side, whatever the number of CPUs: those that share one take turns."""
    run = shakedown("run", *args, "--lcores", str(lcores), "--device", device)
    check_all_closed(check, run)
    if not run.result:
        return run
    client, server = check_both_sides(check, run)
    if clean:
        check.equal("closed by both sides", server["closed"], client["closed"])
    roles = sorted(core["role"] for core in run.result["cores"])
    check.equal("workers", roles, ["client"] * lcores + ["server"] * lcores)
    check.that(all(c["established"] > 0 for c in run.result["cores"]), "a worker had nothing to do")
    for core in run.result["cores"]:
        check.equal(f"attempted on lcore {core['lcore']}", core["attempted"],
                    core["closed"] + core["failed"] + core["open"])
    return run


def handed_over(run):
    return {core["lcore"]: core["handoffs"] for core in run.result["cores"]}


def check_steered(check, run):
    """Every packet came to the queue of the worker that has its connection."""
    if run.result:
        check.that(not any(handed_over(run).values()), f"handed over: {handed_over(run)}")
        check.equal("steering mode", run.result["steering"]["mode"], "rss")
        check.that(run.result["steering"]["verified"], "the test before the start proved nothing")
        check.that("answers to probes" in run.out, "the summary does not tell of the test")


def check_handed_over(check, run, why):
    """What came to the clients was spread by another hash than theirs."""
    if run.result:
        clients = [c for c in run.result["cores"] if c["role"] == "client"]
        share = sum(c["handoffs"] for c in clients) / max(sum(c["rx_packets"] for c in clients), 1)
        check.that(0.3 < share < 0.8, f"{share:.2f} of the packets were handed over")
        check.equal("steering mode", run.result["steering"]["mode"], "handoff")
        check.that(why in run.result["steering"]["why"] and why in run.out, f"{why!r} is not said")


@case
def several_lcores(_, check):
    check_steered(check, run_lcores(check, "--rate", "20k", "--duration", "1s"))
    check_steered(check, run_lcores(check, "--rate", "20k", "--duration", "1s", lcores=3))


@case
def several_lcores_ipv6(_, check):
    args = (TARGET6, "--local", "2001:2::10-2001:2::ff/48", "--rate", "20k", "--duration", "1s")
    check_steered(check, run_lcores(check, *args))
    check_steered(check, run_lcores(check, *args, lcores=3))


@case
def several_lcores_at_full_speed(_, check):
    run = run_lcores(check, TARGET4, TARGET6, "tcp://198.18.0.2:8080", *local_both(), "--vlan", "7",
                     "--duration", "1s", lcores=3)
    check_steered(check, run)


@case
def several_lcores_close_otherwise(_, check):
    for close in ("rst", "peer"):
        check_steered(check, run_lcores(check, "--close", close, "--rate", "20k", "--duration", "1s",
                                        clean=close != "rst"))


@case
def several_lcores_with_payload(_, check):
    """External segments of any worker of the other side; copies where the port takes one segment only."""
    for more in ((), ("--offload", "no")):
        run = run_lcores(check, "--send", "3000", "--receive", "40000", "--rate", "2k", "--duration",
                         "1s", *more, lcores=3)
        check_steered(check, run)
        if run.result:
            check.equal("received", run.total("rx_payload_bytes"), 40000 * run.total("closed"))
            check.equal("sent", run.total("tx_payload_bytes"), 3000 * run.total("closed"))


@case
def a_device_that_takes_checksums_over(_, check):
    """Handshakes and payload in both families; with --offload no they are summed all the same."""
    for args in ((), ("--send", "3000", "--receive", "40000"), ("--send", "1", "--receive", "1"),
                 (TARGET6, "--local", "2001:2::10-2001:2::ff/48"), ("--offload", "no")):
        run = run_lcores(check, *args, "--rate", "2k", "--duration", "1s", lcores=1,
                         device="loopback,csum=yes")
        if run.result:
            check.equal("bad checksums", run.total("bad_checksum"), 0)
            check.equal("closed", run.total("closed"), run.total("attempted"))


@case
def a_device_without_rss(_, check):
    for args in (("--rate", "20k"), (), ("--receive", "20000", "--rate", "2k"),
                 (TARGET6, "--local", "2001:2::10-2001:2::ff/48", "--rate", "20k")):
        run = run_lcores(check, *args, "--duration", "1s", device="loopback,rss=no")
        check_handed_over(check, run, "the device does not say")
        if run.result:
            check.that(sum(handed_over(run).values()) > 0, "nothing was handed over")


@case
def a_device_that_lies_about_rss(_, check):
    for args in (("--rate", "20k"), (), ("--send", "20000", "--rate", "2k")):
        run = run_lcores(check, *args, "--duration", "1s", lcores=3, device="loopback,rss=wrong")
        check_handed_over(check, run, "another queue than")


@case
def a_queue_that_does_not_work(_, check):
    """Some drivers claim queues that swallow what is sent or should be received there."""
    for more, says in ((",mute=1", "queue 1 of its 2, counted from 0, sends or receives nothing"),
                       (",mute=0", "queue 0 of its 2, counted from 0, sends nothing"),
                       (",deaf=1", "queue 1 of its 2, counted from 0, sends or receives nothing"),
                       (",rss=no,deaf=1", "queue 1 of its 2, counted from 0, receives nothing")):
        run = shakedown("run", "--lcores", "2", "--device", "loopback" + more, "--rate", "1k",
                        "--duration", "1s")
        check.equal(f"exit status with {more}", run.status, 3)
        check.that(says in run.err, f"{says!r} is not said: {run.err}")


@case
def too_few_ports_to_steer(_, check):
    """What fits the workers' equal shares of the ports need not fit those that lead to their queues."""
    run = run_lcores(check, TARGET4, "--local", "198.18.0.10/15", "--ports", "5000-5099", "--reuse",
                     "0s", "--connections", "100", "--rate", "500", "--duration", "1s")
    check_handed_over(check, run, "--ports")


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
