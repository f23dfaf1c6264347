# SPDX-License-Identifier: BSD-3-Clause
"""What bad input gets: one sentence that names the option, the value and what is allowed; exit status 2
or 3; nothing on the wire."""

import os
import time

import lab
import peers
from cases import Shakedown, case, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6

URL4, URL6 = "tcp://198.18.0.1:80", "tcp://[2001:2::1]:80"
WIRE = ("--device", DEVICE)
RUN4 = ("run", URL4, *WIRE, "--local", LOCAL4)

USAGE, HOST = 2, 3

# Arguments, exit status, what the message must name.
MISUSES = [
    ((), USAGE, ["run"]),
    (("rum",), USAGE, ["rum", "run"]),
    ((*RUN4, "--raet", "5"), USAGE, ["--raet", "--rate"]),
    ((*RUN4, "--rate"), USAGE, ["--rate"]),
    ((*RUN4, "--rate", "12q"), USAGE, ["--rate", "12q"]),
    ((*RUN4, "--rate", "-5"), USAGE, ["--rate", "-5"]),
    ((*RUN4, "--rate", "1.2.3k"), USAGE, ["--rate", "1.2.3k"]),
    ((*RUN4, "--rate", "99999999999999999999"), USAGE, ["--rate", "99999999999999999999"]),
    ((*RUN4, "--connections", "0"), USAGE, ["--connections", "0"]),
    ((*RUN4, "--connections", "many"), USAGE, ["--connections", "many"]),
    ((*RUN4, "--duration", "5x"), USAGE, ["--duration", "5x"]),
    ((*RUN4, "--duration", "10k"), USAGE, ["--duration", "10k", "s"]),
    ((*RUN4, "--hold", "soon"), USAGE, ["--hold", "soon"]),
    ((*RUN4, "--close", "maybe"), USAGE, ["--close", "maybe", "fin", "rst", "peer"]),
    ((*RUN4, "--lcores", "0"), USAGE, ["--lcores", "0"]),
    ((*RUN4, "--lcores", "5000"), USAGE, ["--lcores", "5000"]),
    ((*RUN4, "--vlan", "5000"), USAGE, ["--vlan", "5000", "4094"]),
    ((*RUN4, "--vlan", "0"), USAGE, ["--vlan", "0"]),
    ((*RUN4, "--vlan", "4095"), USAGE, ["--vlan", "4095", "4094"]),
    ((*RUN4, "--gateway", "here"), USAGE, ["--gateway", "here"]),
    ((*RUN4, "--set", "load.rate"), USAGE, ["--set", "load.rate"]),
    ((*RUN4, "--set", "load.raet=5"), USAGE, ["load.raet", "load.rate"]),
    ((*RUN4, "--set", "load.rate=12q"), USAGE, ["load.rate", "12q"]),
    ((*RUN4, "--set", "timeout.connect=never"), USAGE, ["timeout.connect", "never"]),
    ((*RUN4, "--json", "/nonexistent/result.json"), None, ["--json", "/nonexistent/result.json"]),
    (("run", URL4, *WIRE, "--local", "198.18.0.20-198.18.0.10/15"), USAGE,
     ["--local", "198.18.0.20-198.18.0.10/15"]),
    (("run", URL4, *WIRE, "--local", "198.18.0.300/15"), USAGE, ["--local", "198.18.0.300"]),
    (("run", URL4, *WIRE, "--local", "198.18.0.10/33"), USAGE, ["--local", "/33"]),
    (("run", URL4, *WIRE, "--local", "198.18.0.10-2001:2::1/48"), USAGE, ["--local"]),
    (("run", URL4, *WIRE, "--local", LOCAL4, "--local", LOCAL4), USAGE, ["198.18.0.10"]),
    (("run", URL6, *WIRE, "--local", LOCAL4), USAGE, ["2001:2::1", "IPv6"]),
    (("run", URL4, *WIRE, "--local", LOCAL6), USAGE, ["198.18.0.1", "IPv4"]),
    (("run", URL4, *WIRE), USAGE, ["--local"]),
    (("run", *WIRE, "--local", LOCAL4), USAGE, ["URL"]),
    (("run", "tcp://198.18.0.10:80", *WIRE, "--local", LOCAL4), USAGE, ["198.18.0.10"]),
    (("run", "tcp://10.1.2.3:80", *WIRE, "--local", LOCAL4), USAGE, ["10.1.2.3", "--gateway"]),
    (("run", "tcp://8.8.8.8:53", *WIRE, "--local", LOCAL4), USAGE, ["8.8.8.8", "--allow-public"]),
    (("run", "tcp://[2606:4700::1]:80", *WIRE, "--local", LOCAL6), USAGE,
     ["2606:4700::1", "--allow-public"]),
    (("run", "ftp://198.18.0.1:21", *WIRE, "--local", LOCAL4), USAGE, ["ftp://198.18.0.1:21", "tcp://"]),
    (("run", "tcp://198.18.0.1", *WIRE, "--local", LOCAL4), USAGE, ["tcp://198.18.0.1", "port"]),
    (("run", "tcp://198.18.0.1:99999", *WIRE, "--local", LOCAL4), USAGE, ["tcp://198.18.0.1:99999"]),
    (("run", "tcp://198.18.0.1:80/x", *WIRE, "--local", LOCAL4), USAGE, ["tcp://198.18.0.1:80/x"]),
    # 1 address x 10 ports x 1 target < 100 connections.
    (("run", URL4, *WIRE, "--local", "198.18.0.10/15", "--ports", "1000-1009", "--connections", "100"),
     USAGE, ["10", "100"]),
    (("run", URL4, *WIRE, "--local", LOCAL4, "--ports", "9-5"), USAGE, ["--ports", "9-5"]),
    (("run", URL4, "--local", LOCAL4, "--device", "net_af_packet0,iface=nonesuch"), HOST, ["nonesuch"]),
    (("run", URL4, "--local", LOCAL4, "--device", "0000:ff:1f.7"), HOST, ["0000:ff:1f.7"]),
    (("run", URL4, "--local", LOCAL4, "--device", "gen0"), None, ["device", "gen0"]),
    (("run", URL4, "--local", LOCAL4, "--device", "net_nonesuch0"), None, ["net_nonesuch0"]),
    ((*RUN4, "--eal", "--nonesuch"), None, ["--eal", "--nonesuch"]),
    (("serve", *WIRE), USAGE, ["--local"]),
    (("serve", *WIRE, "--local", LOCAL4, "--vlan", "5000"), USAGE, ["--vlan", "5000", "4094"]),
    (("check", URL4, *WIRE, "--local", LOCAL4, "--rate", "12q"), USAGE, ["--rate", "12q"]),
    # Payload and TCP.
    ((*RUN4, "--send", "lots"), USAGE, ["--send", "lots", "KiB"]),
    ((*RUN4, "--send", "64kB"), USAGE, ["--send", "64kB", "KiB"]),
    ((*RUN4, "--receive", "2TiB"), USAGE, ["--receive", "2TiB", "1TiB"]),
    ((*RUN4, "--data-timeout", "10k"), USAGE, ["--data-timeout", "10k", "s"]),
    ((*RUN4, "--congestion", "bbr"), USAGE, ["--congestion", "bbr", "cubic", "newreno", "fixed"]),
    ((*RUN4, "--fixed-window", "64KiB"), USAGE, ["--fixed-window", "64KiB", "--congestion fixed"]),
    ((*RUN4, "--window", "100KiB"), USAGE, ["--window", "100KiB", "64KiB", "128KiB"]),
    ((*RUN4, "--window", "8MiB"), USAGE, ["--window", "8MiB", "4KiB", "4MiB"]),
    ((*RUN4, "--mss", "63"), USAGE, ["--mss", "63", "64", "9216"]),
    ((*RUN4, "--mss", "1461"), USAGE, ["--mss", "1461", "1500", "1460", "--mtu"]),
    ((*RUN4, "--mtu", "9217"), USAGE, ["--mtu", "9217", "576", "9216"]),
    ((*RUN4, "--mtu", "9000"), HOST, ["--mtu", "1500", "9000", "ip link set gen0 mtu 9000"]),
    ((*RUN4, "--delayed-ack", "1s"), USAGE, ["--delayed-ack", "1s", "500ms"]),
    ((*RUN4, "--nagle", "maybe"), USAGE, ["--nagle", "maybe", "yes", "no"]),
    ((*RUN4, "--retries", "31"), USAGE, ["--retries", "31", "30"]),
    ((*RUN4, "--offload", "maybe"), USAGE, ["--offload", "maybe", "yes", "no"]),
    ((*RUN4, "--set", "tcp.window=5KiB"), USAGE, ["tcp.window", "5KiB", "4KiB", "8KiB"]),
    ((*RUN4, "--bytes", "1k"), USAGE, ["--bytes", "serve"]),
    ((*RUN4, "--echo"), USAGE, ["--echo", "serve"]),
    (("serve", *WIRE, "--local", LOCAL4, "--send", "1k"), USAGE, ["--send", "run"]),
    (("serve", *WIRE, "--local", LOCAL4, "--echo", "--bytes", "1k"), USAGE, ["--echo", "--bytes"]),
    (("serve", *WIRE, "--local", LOCAL4, "--after", "10"), USAGE, ["--after", "10", "--bytes"]),
]


def check_refused(check, run, status, words):
    what = " ".join(run.command[1:])
    wanted = [USAGE, HOST] if status is None else [status]
    check.that(run.status in wanted, f"{what}: exit status {run.status}, want {wanted}: {run.err}")
    missing = [word for word in words if word not in run.err]
    check.that(not missing, f"{what}: stderr does not name {missing}: {run.err!r}")
    lines = run.err.strip().splitlines()
    check.that(len(lines) <= 3, f"{what}: {len(lines)} lines instead of a sentence: {run.err!r}")
    check.that(not any(line.startswith("EAL:") for line in lines), f"{what}: EAL's own words reach the user: {run.err!r}")


@case
def misuses(place, check):
    place.pair()
    place.record()
    for arguments, status, words in MISUSES:
        run = shakedown(*arguments, want_json=False, timeout_s=30)
        check_refused(check, run, status, words)
    check.equal("frames on the wire", lab.frames_received(), 0)
    Shakedown.history.clear()  # each message was reported above


@case
def too_little_memory(_, check):
    """A host that says it has 1 GB left, asked for 100 M connections."""
    fake = "/run/meminfo"
    with open(fake, "w", encoding="ascii") as file:
        file.write("".join(f"{name + ':':16}{kb:8} kB\n" for name, kb in (
            ("MemTotal", 2000000), ("MemFree", 1000000), ("MemAvailable", 1000000), ("Buffers", 0),
            ("Cached", 0), ("SwapTotal", 0), ("SwapFree", 0), ("HugePages_Total", 0))))
    lab.quiet(["mount", "--bind", fake, "/proc/meminfo"])
    try:
        run = shakedown("run", "--connections", "100M", "--duration", "1s", want_json=False,
                        timeout_s=30)
    finally:
        lab.quiet(["umount", "/proc/meminfo"])
    check_refused(check, run, HOST, ["--connections", "100000000", "memory"])


@case
def busy_interface(place, check):
    """A second shakedown on the same interface would answer for the first one's packets."""
    place.pair()
    first = Shakedown("serve", *WIRE, "--local", LOCAL4, want_json=False)
    lab.wait_until(lambda: peers.answers("198.18.0.10"), 15)
    run = shakedown(*RUN4, "--rate", "10", "--duration", "1s", want_json=False, timeout_s=30)
    check_refused(check, run, HOST, ["gen0"])
    check.that(first.child.process.poll() is None, "the first one did not survive")
    first.interrupt()
    check.equal("exit status of the first", first.finish(30).status, 130)


@case
def check_sends_nothing(place, check):
    place.pair()
    run = shakedown("check", URL4, *WIRE, "--local", LOCAL4, "--rate", "1k", want_json=False)
    check.equal("exit status", run.status, 0)
    time.sleep(0.2)
    check.equal("frames on the wire", lab.frames_received(), 0)


@case
def help_and_version(_, check):
    run = shakedown("--help", want_json=False)
    check.equal("exit status of --help", run.status, 0)
    for word in ("run", "serve", "check", "--device", "--rate", "--connections", "--close", "--json", "--send",
                 "--receive", "--bytes", "--echo"):
        check.that(word in run.out, f"--help does not name {word}")
    run = shakedown("--version", want_json=False)
    check.equal("exit status of --version", run.status, 0)
    check.that("shakedown" in run.out and "0.1.0" in run.out, f"--version says {run.out!r}")


@case
def without_privilege(place, check):
    """An ordinary user on a raw socket device: exit 3, and the message says what is missing."""
    if os.geteuid() != 0:
        raise lab.Skip("only root can give up a privilege")
    place.pair()
    prefix = ("setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-net_raw,-net_admin")
    run = shakedown(*RUN4, "--duration", "1s", prefix=prefix, want_json=False, timeout_s=30)
    check.equal("exit status", run.status, HOST)
    check.that("gen0" in run.err, f"stderr does not name the device: {run.err!r}")


lab.enter()
main()
