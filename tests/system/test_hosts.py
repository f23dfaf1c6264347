# SPDX-License-Identifier: BSD-3-Clause
"""A run that several machines make together (--hosts). They are processes of this one, started by mpirun over the
loopback interface of a namespace."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import lab
from cases import OPTIONS, case, check_schema, main

DEAD_MAN_S = 2
ROOM_S = 6  # beyond the second that it takes, on a busy machine

# Keeps what comes until the other side closes.
ACCEPT = """
import socket, threading
def serve(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(4096):
                pass
listener = socket.create_server(("198.18.0.1", 80), backlog=4096)
for _ in range(16):
    threading.Thread(target=serve, args=(listener,)).start()
"""


def require_hosts(*programs):
    lab.require(*programs)
    done = subprocess.run([OPTIONS.binary, "run", "--hosts", "a", "--repeat", "2"], capture_output=True, text=True,
                          timeout=60, check=False)
    if "built without" in done.stderr:
        raise lab.Skip(done.stderr.strip())


class Together:
    """A run of --hosts that writes to @folder."""

    def __init__(self, folder, hosts, *args):
        self.folder, self.path = folder, os.path.join(folder, "r.json")
        self.child = lab.Child([OPTIONS.binary, "run", "--hosts", hosts, *map(str, args), "--json", self.path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process = self.child.process

    def wait_for_rows(self, n=1):
        while n > 0 and (line := self.process.stdout.readline()):
            n -= " s " in line and "/s" in line

    def rank(self, number):
        """The process of that rank, as soon as it has begun to open its device; None: the run has ended."""
        while self.process.poll() is None:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/environ", "rb") as file:
                        is_rank = f"OMPI_COMM_WORLD_RANK={number}".encode() in file.read().split(b"\0")
                    if is_rank and os.readlink(f"/proc/{pid}/exe") == OPTIONS.binary and has_device(pid):
                        return int(pid)
                except OSError:
                    pass
            time.sleep(0.01)
        return None

    def finish(self, timeout_s=90):
        try:
            out, err = self.process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            out, err = self.process.communicate()
            err += "\n(ended by the test)"
        return self.process.returncode, out, err

    def result(self, rank=None):
        path = self.path if rank is None else os.path.join(self.folder, f"r.{rank}.json")
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return None


def has_device(pid):
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as file:
            if "intr" in file.read():  # DPDK's thread
                return True
    return False


def distribution(results, latency):
    buckets = {}
    for result in results:
        for pair in result["latency"][latency]["distribution"].split():
            low, count = map(int, pair.split(":"))
            buckets[low] = buckets.get(low, 0) + count
    return " ".join(f"{low}:{count}" for low, count in sorted(buckets.items()))


def check_sums(check, together, n):
    """The result is that of the ranks' files, in every figure, and so is what merge makes of them."""
    whole, parts = together.result(), [together.result(rank) for rank in range(n)]
    if whole is None or None in parts:
        check.that(False, f"results of ranks: {[part is not None for part in parts]}, and of all: {whole is not None}")
        return None
    for result in (whole, *parts):
        check_schema(check, result)
    for name in ("attempted", "established", "closed", "failed", "rx_packets", "tx_packets", "late_starts"):
        check.equal(name, whole["totals"][name], sum(part["totals"][name] for part in parts))
    for name in ("connect", "lateness"):
        check.equal(f"{name}: samples", whole["latency"][name]["distribution"], distribution(parts, name))
    check.equal("rows", sum(row["attempted"] for row in whole["intervals"]), whole["totals"]["attempted"])
    check.equal("ranks", [rank["rank"] for rank in whole["ranks"]], list(range(n)))
    check.equal("lost", whole["lost"], None)
    check.that({core["rank"] for core in whole["cores"]} == set(range(n)), "a rank has no core")
    merged = os.path.join(together.folder, "m.json")
    done = subprocess.run([OPTIONS.binary, "merge", *(os.path.join(together.folder, f"r.{i}.json") for i in range(n)),
                           "--json", merged], capture_output=True, text=True, timeout=60, check=False)
    check.equal("merge", (done.returncode, done.stderr), (0, ""))
    with open(merged, encoding="utf-8") as file:
        again = json.load(file)
    for name in set(whole) - {"scenario"}:
        check.equal(f"merged: {name}", again[name], whole[name])
    return whole


def check_loopback(check, n):
    require_hosts("mpirun")
    with tempfile.TemporaryDirectory() as folder:
        together = Together(folder, f"localhost:{n}", "--rate", 400, "--duration", "3s", "--dead-man", "60s")
        status, out, err = together.finish()
        check.equal("status", status, 0)
        check.that("shakedown: mpirun --np" in err, f"the command is not shown: {err}")
        check.that(" s " in out, f"no rows: {out}")
        whole = check_sums(check, together, n)
        if whole is None:
            check.that(False, err)
            return
        check.equal("attempted, or dropped as late", whole["totals"]["attempted"] + whole["totals"]["starts_dropped"],
                    1200)
        check.equal("rate", whole["scenario"]["load"]["rate"], 400)
        for rank in whole["ranks"][1:]:
            clock = rank["clock"]  # the truth is that they are the same
            check.that(abs(clock["offset_us"]) <= clock["uncertainty_us"] + 20, f"the clock of rank {rank}")


@case
def two_ranks_are_one_run(_, check):
    check_loopback(check, 2)


@case
def four_ranks_are_one_run(_, check):
    check_loopback(check, 4)


@case
def eight_ranks_are_one_run(_, check):
    check_loopback(check, 8)


@case
def two_devices_load_one_target(place, check):
    require_hosts("mpirun")
    if not lab.is_inside():
        raise lab.Skip("it needs a network namespace")
    for ns in ("switch", "server"):
        place.namespace(ns)
    try:
        lab.quiet(["ip", "link", "add", "br0", "type", "bridge"], "switch")
    except RuntimeError as error:
        raise lab.Skip(str(error)) from error
    lab.quiet(["ip", "link", "set", "br0", "up"], "switch")
    place.cable(lab.GEN, "sw0", ns_b="switch")
    place.cable("gen1", "sw1", ns_b="switch")
    place.cable(lab.SRV, "sw2", "server", "switch")
    lab.sysctl("net.ipv6.conf.gen1.disable_ipv6", 1)
    for port in ("sw0", "sw1", "sw2"):
        lab.quiet(["ip", "link", "set", port, "master", "br0"], "switch")
    lab.honest_checksums(lab.SRV, "server")
    lab.address(lab.SRV, [f"{lab.SERVER4}/15"], "server")
    place.spawn([sys.executable, "-c", ACCEPT], ns="server")
    lab.wait_until(lambda: ":0050 " in lab.quiet(["cat", "/proc/net/tcp"], "server"), 10)
    before = lab.kernel_counters()
    device = f"localhost,device={lab.DEVICE},local="
    second = device.replace("net_af_packet0", "net_af_packet1").replace(lab.GEN, "gen1")
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.chmod(folder, 0o777)
        together = Together(folder, f"{device}198.18.0.10-198.18.0.19/15,{second}198.18.0.20-198.18.0.29/15",
                            "tcp://198.18.0.1:80", "--rate", 200, "--duration", "3s", "--dead-man", "30s")
        status, _, err = together.finish()
        check.equal("status", status, 0)
        whole = check_sums(check, together, 2)
        if whole is None:
            check.that(False, err)
            return
        check.equal("opened, by the server's kernel", lab.kernel_delta(before)["TcpPassiveOpens"],
                    whole["totals"]["established"])
        check.equal("failed", whole["totals"]["failed"], 0)
        check.equal("addresses", whole["scenario"]["local"]["addresses"],
                    ["198.18.0.10-198.18.0.19/15", "198.18.0.20-198.18.0.29/15"])


def kill_one(check, phase, victim, n=2, signum=signal.SIGKILL):
    args = ("--hold", "20s", "--duration", "1s") if phase == "draining" else ("--duration", "30s")
    with tempfile.TemporaryDirectory() as folder:
        together = Together(folder, f"localhost:{n}", "--rate", 100, "--dead-man", f"{DEAD_MAN_S}s", *args)
        pid = together.rank(victim)
        if phase != "set-up":
            together.wait_for_rows(1)
        if phase == "draining":
            time.sleep(1)
        if pid is None or together.process.poll() is not None:
            check.that(False, f"{phase}: it ended too early: {together.finish()}")
            return
        os.kill(pid, signum)
        began = time.monotonic()
        status, _, err = together.finish()
        seconds = time.monotonic() - began
        what = f"rank {victim} killed {phase}"
        print(f"{what}: over in {seconds:.2f} s")
        check.equal(f"{what}: status", status, 3)
        check.that(seconds <= DEAD_MAN_S + 1 + ROOM_S, f"{what}: it took {seconds:.1f} s")
        check.that(f"host localhost (rank {victim}) has not been heard of" in err, f"{what}: {err}")
        if phase == "set-up":
            return
        whole, parts = together.result(), [together.result(rank) for rank in range(n) if rank != victim]
        if whole is None or None in parts:
            check.that(False, f"{what}: results are missing")
            return
        check_schema(check, whole)
        check.equal(f"{what}: lost", whole["lost"]["rank"], victim)
        check.equal(f"{what}: attempted", whole["totals"]["attempted"],
                    sum(part["totals"]["attempted"] for part in parts))


@case
def a_rank_that_is_killed_is_named_and_the_others_stop(_, check):
    require_hosts("mpirun")
    for phase, victim in (("set-up", 1), ("running", 1), ("draining", 1), ("running", 0)):
        kill_one(check, phase, victim)


@case
def a_rank_that_hangs_is_ended(_, check):
    require_hosts("mpirun")
    kill_one(check, "running", 1, signum=signal.SIGSTOP)


@case
def ranks_are_killed_twenty_times(_, check):
    require_hosts("mpirun")
    seed = int(os.environ.get("SHAKEDOWN_SEED", random.randrange(1 << 32)))
    print(f"SHAKEDOWN_SEED={seed}")
    rng = random.Random(seed)
    for _turn in range(20):
        kill_one(check, rng.choice(("set-up", "running", "draining")), rng.randrange(3), 3)


@case
def an_interruption_drains_all_of_them(_, check):
    require_hosts("mpirun")
    with tempfile.TemporaryDirectory() as folder:
        together = Together(folder, "localhost:2", "--rate", 100, "--duration", "60s", "--dead-man", "30s")
        together.wait_for_rows(2)
        together.process.send_signal(signal.SIGINT)
        status, _, err = together.finish()
        check.equal("status", status, 130)
        whole = check_sums(check, together, 2)
        if whole is None:
            check.that(False, err)
            return
        check.that(whole["interrupted"], "it is not marked as interrupted")
        check.equal("closed", whole["totals"]["closed"], whole["totals"]["attempted"])


@case
def the_rate_changes_on_all_of_them(_, check):
    require_hosts("mpirun")
    with tempfile.TemporaryDirectory() as folder:
        socket = os.path.join(folder, "run.sock")
        together = Together(folder, "localhost:2", "--rate", 100, "--duration", "6s", "--control", socket,
                            "--dead-man", "30s")
        together.wait_for_rows(1)
        changed = subprocess.run([OPTIONS.binary, "ctl", socket, "rate", "500"], capture_output=True, text=True,
                                 timeout=20, check=False)
        check.that(changed.returncode == 0 and "rate 500/s, before 100/s" in changed.stdout, f"{changed}")
        status, _, err = together.finish()
        check.equal("status", status, 0)
        whole = check_sums(check, together, 2)
        if whole is None:
            check.that(False, err)
            return
        check.equal("changes", [change["rate"] for change in whole["rate_changes"]], [500])
        changed_s = whole["rate_changes"][0]["t_s"]
        due = 100 * changed_s + 500 * (whole["duration_s"] - changed_s)
        check.near("attempted and dropped", whole["totals"]["attempted"] + whole["totals"]["starts_dropped"], due,
                   4 / due)


@case
def what_cannot_be_done_together_is_refused(_, check):
    require_hosts("mpirun")
    for args, status, words in (
            (("--hosts", "a:0"), 2, "the number of ranks"),
            (("--hosts", "a,rate=5"), 2, "nothing that a host can be given"),
            (("--hosts", "a,b,a"), 2, "side by side"),
            (("--hosts", "a,b", "--search", "quick", "--rate", "1k"), 2, "--search"),
            (("--hosts", "a,b", "--csv", "x.csv"), 2, "--csv"),
            (("--hosts", "a,b", "--criteria", "failed = 0 abort"), 2, "abort"),
            (("--hosts", "a,lcores=x"), 2, "lcores of host a"),
            (("--hosts", "a:3", "--local", "198.18.0.1/15"), 2, "cannot be cut"),
            (("--hosts", "a,b", "tcp://198.18.1.1:80", "--device", "net_tap0", "--local", "198.18.0.10-198.18.0.19/15",
              "--server-device", "net_tap1", "--server-local", "198.18.1.1/15"), 2, "--server-device: with --hosts"),
            (("--join", "r.json"), 2, "--hosts"),
            (("--hosts", "no-such-host.invalid"), 3, "mpirun could not start"),
            (("--hosts", "localhost:2", "--device", "net_af_packet0,iface=nosuch0", "tcp://198.18.0.1:80", "--local",
              "198.18.0.10-198.18.0.19/15"), None, "nosuch0")):
        done = subprocess.run([OPTIONS.binary, "run", *args], capture_output=True, text=True, timeout=60, check=False)
        check.that(done.returncode == status or (status is None and done.returncode in (2, 3)),
                   f"{args}: status {done.returncode}")
        check.that(words in done.stderr, f"{args}: {done.stderr}")


@case
def without_mpirun_it_says_what_to_install(_, check):
    require_hosts()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([OPTIONS.binary, "run", "--hosts", "localhost:2", "--duration", "1s"], capture_output=True,
                              text=True, timeout=60, check=False, env={**os.environ, "PATH": folder, "TMPDIR": folder})
        check.equal("status", done.returncode, 3)
        check.that("apt install openmpi-bin" in done.stderr, done.stderr)
        check.equal("left behind", os.listdir(folder), [])


@case
def nobody_reads_its_output_and_the_result_is_whole(_, check):
    require_hosts("mpirun")
    with tempfile.TemporaryDirectory() as folder:
        together = Together(folder, "localhost:2", "--rate", 100, "--duration", "1s", "--dead-man", "30s")
        together.process.stdout.close()
        together.process.stdout = None
        status, _, err = together.finish()
        check.equal("status", status, 3)
        check.that("could not be written" in err, err)
        check_sums(check, together, 2)


lab.enter()
main()
