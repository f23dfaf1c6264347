# SPDX-License-Identifier: BSD-3-Clause
"""Root is for opening a device: what each device needs of it, and that it is left before the first packet."""

import os
import subprocess

import lab
import peers
from cases import OPTIONS, Shakedown, case, check_result, main, shakedown
from lab import DEVICE

ADDRESS = "198.18.1.1"
LOCAL = ("--local", f"{ADDRESS}/15")
NOBODY = 65534
SUDO = ("env", f"SUDO_UID={NOBODY}", f"SUDO_GID={NOBODY}")
NOT_SUDO = ("env", "-u", "SUDO_UID", "-u", "SUDO_GID")


def need_root():
    if lab.is_ordinary_user():
        raise lab.Skip("only root can become another user")
    lab.require("setpriv", "prlimit")
    if subprocess.run([*with_capabilities(), OPTIONS.binary, "--version"], capture_output=True, check=False).returncode:
        raise lab.Skip("the program lies where another user cannot read it")


def pid_of(program):
    """Of shakedown itself, which env has become."""
    return program.child.process.pid


def start(place, *options, prefix=()):
    place.pair()
    program = Shakedown("serve", "--device", DEVICE, *LOCAL, "--bytes", "100", "--close", "fin", *options,
                        prefix=prefix)
    if not lab.wait_until(lambda: peers.answers(ADDRESS, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    return program


def check_is_left(check, program):
    """No thread is root's, and it goes on, to a result in a file of that user's."""
    nobody = str(NOBODY)
    for row in lab.threads_of(pid_of(program)):
        check.equal("users, groups and capabilities of a thread", row, (nobody,) * 9 + (0, 0, 0))
    client = peers.connect(f"{ADDRESS}:80", count=50, closes="last")
    check.equal("served", client["eof"], 50)
    check.equal("owner of what is written", written_by(program), NOBODY)


def written_by(program):
    owner = []
    program.interrupt()
    program.child.process.wait(30)
    owner.append(os.stat(program.json_path).st_uid)
    return owner[0]


@case
def root_is_left_for_the_user_that_is_named(place, check):
    need_root()
    program = start(place, "--user", "nobody", prefix=NOT_SUDO)
    check_is_left(check, program)
    check_result(check, program.finish(10), status=130)


@case
def root_is_left_for_who_called_sudo(place, check):
    need_root()
    program = start(place, prefix=SUDO)
    check_is_left(check, program)
    check_result(check, program.finish(10), status=130)


@case
def root_stays_where_nobody_called_sudo(place, check):
    need_root()
    program = start(place, prefix=NOT_SUDO)
    check.equal("users of its threads", {row[0] for row in lab.threads_of(pid_of(program))}, {"0"})
    program.interrupt()
    check_result(check, program.finish(30), status=130)


@case
def a_result_that_the_user_could_not_write_stops_the_start(place, check):
    """Or, where only sudo was called, keeps root."""
    need_root()
    folder = f"/run/{place.name}"
    os.mkdir(folder, 0o755)
    at = ("--duration", "200ms", "--json", f"{folder}/result.json")
    run = shakedown("run", *at, "--user", "nobody", want_json=False, prefix=NOT_SUDO)
    check.equal("exit status", run.status, 2)
    check.that("Permission denied, as user nobody" in run.err, run.err)
    check.equal("files", os.listdir(folder), [])
    run = shakedown("run", *at, want_json=False, prefix=SUDO)
    check.equal("exit status with sudo", run.status, 0)
    check.that("root is kept to the end" in run.err, run.err)
    check.equal("files with sudo", os.listdir(folder), ["result.json"])


@case
def a_socket_is_removed_by_the_user_who_made_it(place, check):
    need_root()
    for mode, status in ((0o777, 130), (0o755, 2)):
        folder = f"/run/{place.name}.{mode:o}"
        os.mkdir(folder)
        os.chmod(folder, mode)
        program = Shakedown("serve", "--device", f"memif:{folder}/s", *LOCAL, "--user", "nobody", "--duration", "20s",
                            want_json=False, prefix=NOT_SUDO)
        if status == 130:
            lab.wait_until(lambda f=folder: os.path.exists(f"{f}/s"), 20)
            lab.wait_until(lambda: {row[0] for row in lab.threads_of(pid_of(program))} == {str(NOBODY)}, 20)
            program.interrupt()
        run = program.finish(30)
        check.equal(f"{mode:o}: exit status", run.status, status)
        check.equal(f"{mode:o}: files", os.listdir(folder), [])


CAPABILITIES = {  # of each device: what it needs, as docs/DEVICES.md says
    DEVICE: {"net_raw", "net_admin", "ipc_lock"},
    "net_tap0,iface=tap7": {"net_admin"},
    "memif:/run/access/s": set(),
    "net_null0": set(),
}


def with_capabilities(*names):
    wanted = ",".join(f"+{name}" for name in names)
    given = (f"--inh-caps={wanted}", f"--ambient-caps={wanted}") if names else ()
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *given,
            "prlimit", f"--memlock={1 << 20}")


def try_with(device, *names):
    return shakedown("serve", "--device", device, *LOCAL, "--probe", "no", "--duration", "200ms", want_json=False,
                     prefix=with_capabilities(*names))


@case
def each_device_needs_just_the_capabilities_that_are_written_down(place, check):
    need_root()
    place.pair()
    os.mkdir("/run/access")
    os.chmod("/run/access", 0o777)
    for device, needed in CAPABILITIES.items():
        run = try_with(device, *sorted(needed))
        check.equal(f"{device} with {needed or 'none'}: exit status", run.status, 0)
        for missing in needed:
            run = try_with(device, *sorted(needed - {missing}))
            check.equal(f"{device} without {missing}: exit status", run.status, 3)
            check.that(f"CAP_{missing.upper()}" in run.err, f"{device} without {missing}: {run.err}")
    run = shakedown("run", "--duration", "200ms", want_json=False, prefix=with_capabilities())
    check.equal("loopback without any: exit status", run.status, 0)


@case
def keys_in_memory_are_not_shown_to_other_processes_of_the_user(place, check):
    """The kernel gives the files in /proc/PID of a process that may not be dumped, or traced, to root."""
    need_root()
    folder = f"/run/{place.name}"
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    for option, owner in ((("--keylog", f"{folder}/keys"), 0), ((), NOBODY)):
        program = Shakedown("run", "tls://198.19.0.1", "--rate", "10", "--duration", "20s", *option, want_json=False,
                            prefix=with_capabilities())
        program.wait_for_row()
        program.wait_for_row()
        seen = os.stat(f"/proc/{pid_of(program)}/environ").st_uid
        check.equal(f"with {option}: owner of /proc/PID/environ", seen, owner)
        program.interrupt()
        program.finish(30)


@case
def a_user_that_is_not_there_is_told(place, check):
    run = shakedown("run", "--duration", "200ms", "--user", "no-such-user", want_json=False)
    check.equal("exit status", run.status, 2)
    check.that("there is no user 'no-such-user'" in run.err, run.err)


lab.enter()
main()
