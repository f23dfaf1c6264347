# SPDX-License-Identifier: BSD-3-Clause
"""A device under test in the middle: one process has a client's port before it and a server's behind it."""

import json
import os
import tempfile

import lab
from cases import case, check_all_closed, main, shakedown

BEHIND = "srv0"  # the server's port; the clients' is GEN
IN, OUT = lab.TO_GEN, lab.TO_SRV
DEVICES = (f"net_af_packet0,iface={lab.GEN},framecnt=1024,blocksz=65536,framesz=2048",
           f"net_af_packet1,iface={BEHIND},framecnt=1024,blocksz=65536,framesz=2048")
CLIENTS4, CLIENTS6 = "198.18.0.10-198.18.0.29/24", "2001:2:0:1::10-2001:2:0:1::29/64"
SERVER4, SERVER6 = "198.19.0.10", "2001:2:0:2::10"


def wire(place):
    """A kernel ("router") between the two ports, which forwards."""
    place.namespace("router")
    for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        lab.sysctl(key, 1, "router")
    for ours, its, net4, net6 in ((lab.GEN, IN, "198.18.0", "2001:2:0:1:"), (BEHIND, OUT, "198.19.0", "2001:2:0:2:")):
        place.cable(ours, its, ns_b="router")
        lab.sysctl(f"net.ipv6.conf.{ours}.disable_ipv6", 1)
        lab.honest_checksums(its, "router")
        lab.address(its, [f"{net4}.254/24", f"{net6}:fe/64"], "router")


def ports(*more):
    return ("--device", DEVICES[0], "--local", CLIENTS4, "--local", CLIENTS6,
            "--gateway", "198.18.0.254", "--gateway", "2001:2:0:1::fe",
            "--server-device", DEVICES[1], "--server-local", SERVER4 + "/24", "--server-local", SERVER6 + "/64",
            "--server-gateway", "198.19.0.254", "--server-gateway", "2001:2:0:2::fe", *more)


def server_total(run, name):
    return sum(core[name] for core in run.result["cores"] if core["role"] == "server")


@case
def connections_go_through_a_router_to_the_servers_port(place, check):
    wire(place)
    for target in (f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"):
        run = shakedown("run", target, *ports("--rate", "500", "--duration", "2s"))
        check_all_closed(check, run)
        check.equal("accepted behind it", server_total(run, "established"), run.total("established"))


@case
def payload_and_tls_go_through(place, check):
    wire(place)
    for target in (f"tcp://{SERVER4}:80", f"https://{SERVER4}:443/"):
        more = ("--send", "3000", "--receive", "20000") if target.startswith("tcp") else ()
        run = shakedown("run", target, *ports("--rate", "50", "--duration", "1s", *more))
        check_all_closed(check, run)
        check.equal("accepted behind it", server_total(run, "established"), run.total("established"))


SCENARIO = """
ports:
  - {{role: client, device: '{0}', local: [{2}, "{3}"], gateway: 198.18.0.254}}
  - role: server
    device: '{1}'
    local: 198.19.0.10/24
    gateway: 198.19.0.254
urls: ['tcp://198.19.0.10:80']
load: {{rate: 200, duration: 1s}}
"""


def run_file(text, suffix):
    with tempfile.NamedTemporaryFile("w", suffix=suffix, delete=False) as file:
        file.write(text)
    run = shakedown("run", file.name)
    os.unlink(file.name)
    return run


@case
def a_scenario_lists_both_ports_and_a_result_runs_again(place, check):
    wire(place)
    text, suffix = SCENARIO.format(*DEVICES, CLIENTS4, CLIENTS6), ".yaml"
    for _ in range(2):
        run = run_file(text, suffix)
        check_all_closed(check, run)
        if run.result is None:
            return
        check.equal("the server's device", run.result["scenario"]["server"]["device"], DEVICES[1])
        text, suffix = json.dumps(run.result), ".json"


@case
def what_does_not_fit_is_refused(place, check):
    wire(place)
    good = {"--server-device": DEVICES[1], "--server-local": "198.19.0.10/24", "--mac": None}
    for option, value, words in (("--server-device", DEVICES[0], "both are device"),
                                 ("--server-device", "loopback", "both sides already"),
                                 ("--server-device", None, "there is no --server-device"),
                                 ("--server-local", "198.18.0.12/24", "is one of --local, too"),
                                 ("--server-local", None, "at least one address"),
                                 ("--mac", "02:00:00:00:00:09", "a MAC of its own")):
        given = [word for pair in {**good, option: value}.items() if pair[1] for word in pair]
        run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICES[0], "--local", CLIENTS4,
                        "--gateway", "198.18.0.254", *given, want_json=False)
        check.equal(f"{option} {value}: exit status", run.status, 2)
        check.that(words in run.err, f"{option} {value}: it says {run.err.strip()!r}")


lab.enter()
main()
