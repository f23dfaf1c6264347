# SPDX-License-Identifier: BSD-3-Clause
"""What the kernel lets a process have is looked at before anything starts: a limit that is too low is named with
what it allows and what is needed, in one sentence, with exit status 3."""

import os

import lab
from cases import case, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

HOST = 3


def limited(limit, *more):
    """A prefix under which `ulimit` @limit holds, hard and soft."""
    return ("sh", "-c", f'ulimit {limit}; exec "$@"', "sh", *more)


def check_refused(check, run, *words):
    check.equal("exit status", run.status, HOST)
    missing = [word for word in words if word not in run.err]
    check.that(not missing, f"stderr does not name {missing}: {run.err!r}")
    check.equal("lines of standard error", len(run.err.splitlines()), 1)


@case
def too_few_files_are_told(_, check):
    """At each of them: below some EAL panics, below others it ends without a word."""
    for files in (5, 8, 12, 15, 19):
        run = shakedown("run", "--duration", "1s", prefix=limited(f"-n {files}"), want_json=False)
        check_refused(check, run, "shakedown: ")
        check.that(files < 12 or "ulimit -n" in run.err, f"{files} files: {run.err!r}")


@case
def enough_files_are_enough(_, check):
    """What is told to be needed is; and a soft limit is raised to the hard one."""
    run = shakedown("check", "--lcores", "2", prefix=limited("-n 20"), want_json=False)
    words = run.err.split()
    check.that("need" in words, f"no number: {run.err!r}")
    if "need" in words:
        needed = words[words.index("need") + 1].rstrip(";")
        run = shakedown("check", "--lcores", "2", prefix=limited(f"-n {needed}"), want_json=False)
        check.equal(f"exit status with {needed}", run.status, 0)
    run = shakedown("check", "--lcores", "2", prefix=limited("-S -n 16"), want_json=False)
    check.equal("exit status under a soft limit", run.status, 0)


@case
def too_little_address_space_is_told(_, check):
    if shakedown("--version", prefix=limited("-v 1000000"), want_json=False).status != 0:
        raise lab.Skip("this build needs more than that to begin with: a sanitizer")
    run = shakedown("run", "tls://198.19.0.1", "--duration", "1s", prefix=limited("-v 1000000"), want_json=False)
    check_refused(check, run, "ulimit -v", "976 MiB", "--connections")


@case
def rings_that_may_not_be_locked_are_told(place, check):
    if os.geteuid() != 0 or lab.is_ordinary_user():
        raise lab.Skip("only root can give up a privilege")
    place.pair()
    unprivileged = ("setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock")
    run = shakedown("check", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4,
                    prefix=limited("-l 8192", *unprivileged), want_json=False)
    check_refused(check, run, "net_af_packet0", "rings", "ulimit -l allows 8 MiB", "CAP_IPC_LOCK")
    run = shakedown("check", f"tcp://{SERVER4}:80", "--device", DEVICE.replace("framecnt=4096", "framecnt=1024"),
                    "--local", LOCAL4, prefix=limited("-l 8192", *unprivileged), want_json=False)
    check.equal("exit status with enough", run.status, 0)


@case
def a_file_that_may_not_grow_is_told(_, check):
    run = shakedown("run", "--duration", "1s", "--rate", "100", "--json", "/run/result.json",
                    prefix=limited("-f 0"), want_json=False)
    check.equal("exit status", run.status, HOST)
    check.that("--json" in run.err and "File too large" in run.err, run.err)


lab.enter()
main()
