# SPDX-License-Identifier: BSD-3-Clause
"""Whatever ends a run, or takes standard output away from it, its result is not lost; and nothing that
hangs at the start can keep a user from leaving."""

import fcntl
import glob
import json
import os
import signal
import socket
import subprocess
import tempfile
import time

import lab
from cases import OPTIONS, Shakedown, case, check_all_closed, check_result, check_schema, main, shakedown

USAGE, HOST = 2, 3
RUN = ("run", "--rate", "200", "--duration", "1s")


def send(program, signum):
    program.child.process.send_signal(signum)


def waits_to_write(pid):
    """Whether a thread of @pid or of its children sleeps where it opens or writes a file (x86-64's numbers)."""
    calls = glob.glob(f"/proc/{pid}/task/*/syscall")
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path, encoding="ascii") as file:
                calls += [call for child in file.read().split() for call in glob.glob(f"/proc/{child}/task/*/syscall")]
        except OSError:
            pass
    words = []
    for path in calls:
        try:
            with open(path, encoding="ascii") as file:
                words.append(file.read().split()[0])
        except (OSError, IndexError):
            pass
    return "1" in words or "257" in words


def until_it_waits_to_write(pid):
    """For half a second: what waits for a reader, and not for a disk."""
    end = time.monotonic() + 60
    since = None
    while time.monotonic() < end:
        since = (since or time.monotonic()) if waits_to_write(pid) else None
        if since and time.monotonic() - since > 0.5:
            return True
        time.sleep(0.05)
    return False


@case
def a_hangup_is_an_interruption(_, check):
    program = Shakedown("run", "--connections", "100", "--hold", "60s", "--duration", "60s")
    program.wait_for_row()
    send(program, signal.SIGHUP)
    run = program.finish(30)
    if check_result(check, run, status=130):
        check.that(run.result["interrupted"], "the result does not say that it was interrupted")
        check.that(run.total("established") > 0, "nothing was established")


@case
def a_pause_of_the_generators_is_told_apart(_, check):
    """Stopped for a second: a long poll that was off the CPU, and no work."""
    program = Shakedown("run", "--rate", "200", "--duration", "4s")
    program.wait_for_row()
    send(program, signal.SIGSTOP)
    time.sleep(1)
    send(program, signal.SIGCONT)
    run = program.finish(30)
    if not check_result(check, run):
        return
    second = 1_000_000_000
    for core in run.result["cores"]:
        name = f"the {core['role']}'s"
        check.that(core["long_polls"] > 0, f"{name} long polls: {core['long_polls']}")
        check.that(core["longest_poll_ns"] >= 0.9 * second, f"{name} longest: {core['longest_poll_ns']} ns")
        check.that(core["off_cpu_ns"] >= 0.9 * second, f"{name} time off the CPU: {core['off_cpu_ns']} ns")
        check.that(core["off_cpu_ns"] <= core["long_polls_ns"], f"{name} long polls: {core['long_polls_ns']} ns")
    longest = [i["longest_poll_ns"] for i in run.result["intervals"]]
    check.equal("the longest of the intervals'", max(longest), run.total("longest_poll_ns"))
    hints = [hint["name"] for hint in run.result["hints"]]
    check.that("own_cpu_was_taken" in hints, f"the advice does not say whose pause it was: {hints}")


@case
def a_hangup_that_is_ignored_stays_so(_, check):
    """nohup."""
    program = Shakedown("run", "--rate", "200", "--duration", "3s", prefix=("nohup",))
    program.wait_for_row()
    send(program, signal.SIGHUP)
    check_result(check, program.finish(30))


def json_beside(arguments, shell):
    """Run shakedown by @shell, in which $RUN is the command. @return status, standard error, the result."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        command = " ".join([OPTIONS.binary, *arguments, "--json", path])
        done = subprocess.run(["bash", "-c", shell.replace("$RUN", command)], capture_output=True, text=True,
                              timeout=60, check=False)
        try:
            with open(path, encoding="utf-8") as file:
                return done.returncode, done.stderr, json.load(file)
        except (OSError, ValueError):
            return done.returncode, done.stderr, None


@case
def standard_output_that_takes_nothing_costs_no_result(_, check):
    ways = [("nobody reads on", "$RUN | head -1 >/dev/null; exit ${PIPESTATUS[0]}", "Broken pipe"),
            ("a full disk", "$RUN >/dev/full", "No space left"),
            ("closed", "$RUN >&-", "could not be written"),
            ("all three closed", "$RUN <&- >&- 2>&-", "")]
    for name, shell, words in ways:
        # Rows come while nobody listens any more.
        status, err, result = json_beside(("run", "--rate", "200", "--duration", "3s"), shell)
        check.equal(f"{name}: exit status", status, HOST)
        check.that(words in err, f"{name}: {words!r} is not in {err!r}")
        if result is None:
            check.that(False, f"{name}: the result is lost")
            continue
        check_schema(check, result)
        check.that(result["totals"]["attempted"] > 0, f"{name}: nothing ran")


@case
def a_result_for_a_full_standard_output_is_an_error(_, check):
    done = subprocess.run([OPTIONS.binary, *RUN, "--json", "-"], stdout=open("/dev/full", "wb"),
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    check.equal("exit status", done.returncode, HOST)
    check.that("--json" in done.stderr and "No space left" in done.stderr, done.stderr)


@case
def help_and_check_say_that_they_were_not_read(_, check):
    for arguments in (("--help",), ("--version",), ("check",)):
        done = subprocess.run([OPTIONS.binary, *arguments], stdout=open("/dev/full", "wb"),
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        check.equal(f"{arguments}: exit status", done.returncode, HOST)
        check.that("standard output" in done.stderr, f"{arguments}: {done.stderr!r}")


@case
def check_writes_what_it_found(_, check):
    run = shakedown("check", "--rate", "20k")
    check.equal("exit status", run.status, 0)
    check.that("nothing was sent" in run.out, f"no words for people: {run.out!r}")
    if run.result is None:
        check.that(False, "no JSON was written")
        return
    check.equal("schema", run.result["schema"], "shakedown.check/1")
    check.equal("the rate asked for", run.result["scenario"]["load"]["rate"], 20000)
    check.equal("workers", run.result["workers"], 2)
    memory, tuples = run.result["memory"], run.result["tuples"]
    check.that(0 < memory["client_bytes"] < memory["for_connections_bytes"] < memory["available_bytes"],
               f"memory: {memory}")
    check.that(0 < tuples["needed"] <= tuples["available"], f"tuples: {tuples}")
    load = run.result["load"][0]
    check.equal("connections a second", load["cps"], 20000)
    check.equal("packets a second", (load["sent"]["pps"], load["received"]["pps"]), (60000, 40000))
    run = shakedown("check", "--json", "-", want_json=False)
    try:
        check.equal("schema", json.loads(run.out)["schema"], "shakedown.check/1")
    except ValueError as error:
        check.that(False, f"standard output is not one JSON object: {error}")


@case
def what_check_foretells_comes(_, check):
    """Packets and bytes of a connection: exact but for ARP where they are not estimated, else near."""
    for near, args in (0.02, ()), (0.02, ("--hold", "50ms")), (0.02, ("--close", "rst")), \
                      (0.3, ("http://198.19.0.1/4k",)), (0.3, ("https://198.19.0.1/1k",)):
        args = (*args, "--rate", "200", "--duration", "300ms")
        foretold = shakedown("check", *args).result["load"][0]
        run = shakedown("run", *args)
        if not check_result(check, run) or run.total("retransmits"):
            continue
        for way, name in ("sent", "tx"), ("received", "rx"):
            for what in "packets", "bytes":
                check.near(f"{args[0]}: {name}_{what}", run.total(f"{name}_{what}") / run.total("established"),
                           foretold[way][what], near)


def leaves(check, name, program, signum, words):
    """It hangs; @signum ends it."""
    time.sleep(1)
    check.that(program.child.process.poll() is None, f"{name}: it did not hang")
    send(program, signum)
    run = program.finish(30)
    check.equal(f"{name}: exit status", run.status, 130)
    check.that(words in run.err, f"{name}: {words!r} is not in {run.err!r}")


@case
def a_driver_that_waits_for_its_peer_can_be_left(_, check):
    folder = tempfile.mkdtemp(dir="/run" if lab.is_inside() else None)
    path = os.path.join(folder, "sock")
    before = set(glob.glob("/tmp/shakedown-??????"))
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        program = Shakedown("run", "tcp://198.18.0.1:80", "--local", lab.LOCAL4, "--duration", "1s", "--device",
                            f"net_virtio_user0,path={path},server=1", want_json=False)
        lab.wait_until(lambda: os.path.exists(path), 15)
        check.that(os.path.exists(path), "the driver made no socket")
        leaves(check, signum.name, program, signum, "net_virtio_user0")
        check.that(not os.path.exists(path), f"{signum.name}: the socket is left behind")
        left = set(glob.glob("/tmp/shakedown-??????")) - before
        lab.wait_until(lambda: not {f for f in left if os.path.exists(f)}, 5)  # others' come and go
        check.equal(f"{signum.name}: left behind", {f for f in left if os.path.exists(f)}, set())
    os.rmdir(folder)


@case
def a_name_that_nobody_resolves_can_be_left(_, check):
    if not lab.is_inside():
        raise lab.Skip("needs a network namespace")
    with tempfile.NamedTemporaryFile("w", dir="/run") as file, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 53))
        file.write("nameserver 127.0.0.1\noptions timeout:20 attempts:3\n")
        file.flush()
        lab.quiet(["mount", "--bind", file.name, os.path.realpath("/etc/resolv.conf")])
        try:
            program = Shakedown("run", "tcp://nobody.example:80", want_json=False)
            leaves(check, "SIGINT", program, signal.SIGINT, "resolved")
        finally:
            lab.quiet(["umount", os.path.realpath("/etc/resolv.conf")])


@case
def what_blocks_before_the_run_or_after_it_can_be_left(_, check):
    """A FIFO that nobody writes to, or reads: one signal is enough."""
    load = ("tls://198.19.0.1", "--duration", "1s", "--rate", "100")
    with tempfile.TemporaryDirectory() as folder:
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        for option in ("--cert", "--ca"):
            program = Shakedown("run", *load, option, fifo, want_json=False)
            leaves(check, f"{option} a FIFO", program, signal.SIGTERM, "files read")
        run = shakedown("run", *load, "--keylog", fifo, want_json=False)
        check.equal("--keylog a FIFO: exit status", run.status, USAGE)
        check.that("FIFO" in run.err, run.err)
        program = Shakedown("run", *load, "--json", fifo, want_json=False)
        check.that(until_it_waits_to_write(program.child.process.pid), "--json a FIFO: it did not wait for a reader")
        send(program, signal.SIGTERM)
        run = program.finish(60)
        check.equal("--json a FIFO: exit status", run.status, 130)
        check.that("read what it wrote" in run.err, run.err)


@case
def output_that_nobody_reads_does_not_hold_a_run(_, check):
    """Rows fill a pipe whose reader sleeps. What takes the signal may be the run, or who watches it."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 1024)
    except BlockingIOError:
        os.set_blocking(writer, True)
    program = subprocess.Popen([OPTIONS.binary, "run", "--duration", "2s", "--rate", "100"], stdout=writer,
                               stderr=subprocess.PIPE, text=True)
    check.that(until_it_waits_to_write(program.pid), "the pipe took all")
    program.send_signal(signal.SIGTERM)
    try:
        _, err = program.communicate(timeout=60)
        check.equal("exit status", program.returncode, 130)
        check.that("read what it wrote" in err, err)
    except subprocess.TimeoutExpired:
        program.kill()
        check.that(False, "SIGTERM does not end it")
    os.close(reader)
    os.close(writer)


@case
def lines_of_the_key_log_that_are_lost_are_told(_, check):
    run = shakedown("run", "tls://198.19.0.1", "--duration", "1s", "--rate", "100", "--keylog", "/dev/full")
    if check_result(check, run):
        check.that(run.total("keylog_lost") >= 4 * run.total("tls_handshakes") > 0, f"{run.total('keylog_lost')} lines")
        check.that("No space left" in run.err and "/dev/full" in run.err, run.err)


@case
def a_key_log_that_others_may_read_is_told(_, check):
    with tempfile.NamedTemporaryFile() as file:
        for mode, is_told in ((0o600, False), (0o644, True)):
            os.chmod(file.name, mode)
            run = shakedown("check", "tls://198.19.0.1", "--keylog", file.name)
            check.equal(f"mode {mode:o}: exit status", run.status, 0)
            check.equal(f"mode {mode:o}: warned", "chmod 600" in run.err, is_told)


@case
def a_vhost_peer_that_vanishes_is_a_dead_wire(_, check):
    """Each side of a virtio_user and vhost pair, killed: what is left of the other's run is told."""
    folder = tempfile.mkdtemp(dir="/run" if lab.is_inside() else None)
    path = os.path.join(folder, "sock")
    load = ("tcp://198.18.0.1:80", "--local", lab.LOCAL4, "--rate", "200", "--duration", "4s", "--drain", "1s")
    server = Shakedown("serve", "--device", f"net_vhost0,iface={path}", "--local", "198.18.0.1/15")
    lab.wait_until(lambda: os.path.exists(path), 15)
    client = Shakedown("run", *load, "--device", f"net_virtio_user0,path={path}")
    client.wait_for_row()
    server.child.process.kill()
    server.finish(30)
    run = client.finish(60)
    if check_result(check, run, status=run.status):
        check.that(run.status in (0, 1), f"exit status {run.status}")
        check.that(run.total("established") > 0, "nothing was established before")
    if os.path.exists(path):
        os.unlink(path)

    server = Shakedown("serve", "--device", f"net_vhost0,iface={path}", "--local", "198.18.0.1/15")
    lab.wait_until(lambda: os.path.exists(path), 15)
    client = Shakedown("run", *load, "--device", f"net_virtio_user0,path={path}")
    client.wait_for_row()
    client.child.process.kill()
    client.finish(30)
    time.sleep(0.5)
    server.interrupt()
    run = server.finish(60)
    if check_result(check, run, status=130):
        check.that(run.total("established") > 0, "nothing was established before")
    check.that(not os.path.exists(path), "the socket is left behind")
    os.rmdir(folder)


@case
def a_virtio_user_waits_for_its_server(_, check):
    """As a memif does: whoever is started first."""
    folder = tempfile.mkdtemp(dir="/run" if lab.is_inside() else None)
    path = os.path.join(folder, "sock")
    client = Shakedown("run", "tcp://198.18.0.1:80", "--local", lab.LOCAL4, "--rate", "200", "--duration", "1s",
                       "--device", f"net_virtio_user0,path={path}")
    line = client.child.process.stderr.readline()
    while "note" in line:
        line = client.child.process.stderr.readline()
    check.that("no process serves" in line and f"net_vhost0,iface={path}" in line, f"it does not say: {line!r}")
    server = Shakedown("serve", "--device", f"net_vhost0,iface={path}", "--local", "198.18.0.1/15")
    check_all_closed(check, client.finish(60))
    server.interrupt()
    server.finish(60)
    os.rmdir(folder)


def mount_groups():
    """The lab's /sys is new, and has no control groups yet."""
    def mount(*arguments):
        return subprocess.run(["mount", "-t", *arguments], capture_output=True, check=False).returncode == 0

    root = "/sys/fs/cgroup"
    if lab.is_inside() and not os.listdir(root) and mount("tmpfs", "tmpfs", root):
        os.mkdir(f"{root}/memory")
        if not mount("cgroup", "-o", "memory", "cgroup", f"{root}/memory"):
            os.rmdir(f"{root}/memory")
            mount("cgroup2", "cgroup2", root)


def memory_group():
    """The folder of a control group of 1 GiB, for a child to enter."""
    mount_groups()
    for parent, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        folder = os.path.join(parent, f"shakedown-test-{os.getpid()}")
        try:
            os.mkdir(folder)
            with open(os.path.join(folder, limit), "w", encoding="ascii") as file:
                file.write(str(1 << 30))
        except OSError:
            if os.path.isdir(folder):
                os.rmdir(folder)
            continue
        return folder
    raise lab.Skip("cannot make a control group with a limit of memory here")


@case
def more_connections_than_a_control_group_has_memory_for_are_refused(_, check):
    """And what it says that fits does fit: the kernel ends no process."""
    folder = memory_group()
    inside = ("sh", "-c", f'echo $$ >{folder}/cgroup.procs && exec "$@"', "sh")
    try:
        run = shakedown("run", "--connections", "50M", "--duration", "1s", prefix=inside, want_json=False)
        check.equal("exit status", run.status, HOST)
        words = run.err.split()
        check.that("fit" in words and "50000000" in words, run.err)
        fitting = int(words[words.index("fit") - 1]) if "fit" in words else 1000
        check.that(fitting > 1000000, f"only {fitting} fit")
        # What the group has in use is a few pages more or less from one moment to the next.
        run = shakedown("run", "--connections", str(fitting * 99 // 100), "--duration", "1s", prefix=inside, timeout_s=120)
        check_result(check, run)
    finally:
        lab.wait_until(lambda: not open(os.path.join(folder, "cgroup.procs"), encoding="ascii").read(), 10)
        os.rmdir(folder)


if os.geteuid() == 0:  # an ordinary user stays one
    lab.enter(optional=True)
main()
