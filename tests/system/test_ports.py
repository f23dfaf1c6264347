# SPDX-License-Identifier: BSD-3-Clause
"""Targets that do not answer as hoped, and the way to them: closed and silent ports, a silent address,
ICMP unreachable, a gateway."""

import lab
import peers
from cases import FAILURES, case, check_all_closed, check_offered, check_result, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

URL4, URL6 = f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"
LOAD = ("--device", DEVICE, "--rate", "200", "--duration", "1s")
CONNECTIONS = 200

# Two wires with a router between them.
NEAR4, NEAR6 = "198.18.0.254", "2001:2::fe"
FAR4, FAR6 = "198.19.0.1", "2001:2:0:1::1"
ROUTED = ("--local", "198.18.0.10-198.18.0.29/24", "--gateway", NEAR4,
          "--local", "2001:2::10-2001:2::29/64", "--gateway", NEAR6)


def check_all_failed(check, run, cause, connections=CONNECTIONS):
    if not check_result(check, run):
        return
    check_offered(check, run, connections)
    check.equal("established", run.total("established"), 0)
    check.equal("failures", run.failures(), {cause: run.total("attempted")})
    check.that(cause in FAILURES and cause in run.out, f"the summary does not name {cause}")


def refused(place, check, url, local):
    place.pair()
    place.record()
    before = lab.kernel_counters()
    run = shakedown("run", url, *LOAD, "--local", local)
    check_all_failed(check, run, "refused")
    check.equal("RSTs the server sent", lab.kernel_delta(before)["TcpOutRsts"], run.total("attempted"))


@case
def closed_port(place, check):
    refused(place, check, URL4, LOCAL4)


@case
def closed_port_ipv6(place, check):
    refused(place, check, URL6, LOCAL6)


def silent(place, check, url, local):
    """SYN at 0 s, again at 1 s; given up at 2.5 s, before the one at 3 s."""
    place.pair()
    place.record()
    place.rules("""table inet silence {
  chain in {
    type filter hook input priority 0
    tcp dport 80 counter drop
  }
}
""", "server")
    run = shakedown("run", url, *LOAD, "--local", local, "--connect-timeout", "2500ms", "--drain", "5s")
    check_all_failed(check, run, "timeout")
    check.equal("SYNs sent again", run.total("retransmits"), run.total("attempted"))
    counted = lab.quiet(["nft", "list", "ruleset"], "server")
    check.that(f"packets {2 * CONNECTIONS} " in counted or run.total("attempted") != CONNECTIONS,
               f"the server's rule counted: {counted}")


@case
def silent_port(place, check):
    silent(place, check, URL4, LOCAL4)


@case
def silent_port_ipv6(place, check):
    silent(place, check, URL6, LOCAL6)


def nobody_there(place, check, address, local, addresses):
    """@addresses: how many @local has."""
    place.pair()
    before = lab.frames_received()
    url = f"tcp://[{address}]:80" if ":" in address else f"tcp://{address}:80"
    run = shakedown("run", url, *LOAD, "--local", local, want_json=False)
    check.equal("exit status", run.status, 3)
    check.that(address in run.err, f"the message does not say who was asked: {run.err!r}")
    check.that("gen0" in run.err, f"the message does not name the device: {run.err!r}")
    # Each address was probed, and announced.
    asked = lab.frames_received() - before - 2 * addresses
    check.that(2 <= asked <= 20, f"{asked} more frames were sent; only requests for the neighbour should be")


@case
def silent_address(place, check):
    nobody_there(place, check, "198.18.0.99", LOCAL4, 20)


@case
def silent_address_ipv6(place, check):
    nobody_there(place, check, "2001:2::99", LOCAL6, 0x29 - 0x10 + 1)


@case
def silent_gateway(place, check):
    place.pair()
    run = shakedown("run", "tcp://10.1.2.3:80", *LOAD, "--local", LOCAL4, "--gateway", "198.18.0.77",
                    want_json=False)
    check.equal("exit status", run.status, 3)
    check.that("198.18.0.77" in run.err, f"the message does not name the gateway: {run.err!r}")


def unreachable(place, check, url, local, kind):
    """The target's own firewall answers with ICMP."""
    place.pair()
    place.record()
    place.rules(f"""table inet refusal {{
  chain in {{
    type filter hook input priority 0
    tcp dport 80 reject with icmpx type {kind}
  }}
}}
""", "server")
    check_all_failed(check, shakedown("run", url, *LOAD, "--local", local), "unreachable")


@case
def port_unreachable(place, check):
    unreachable(place, check, URL4, LOCAL4, "port-unreachable")


@case
def prohibited(place, check):
    unreachable(place, check, URL4, LOCAL4, "admin-prohibited")


@case
def prohibited_ipv6(place, check):
    unreachable(place, check, URL6, LOCAL6, "admin-prohibited")


def routed_world(place):
    """gen0 -- near0 [router] far0 -- srv0 [server]"""
    place.namespace("router")
    place.namespace("server")
    place.cable(lab.GEN, "near0", ns_b="router")
    place.cable("far0", lab.SRV, "router", "server")
    for interface, ns in (("near0", "router"), ("far0", "router"), (lab.SRV, "server")):
        lab.honest_checksums(interface, ns)
        lab.steer_softirq(interface, ns)
    lab.address("near0", [f"{NEAR4}/24", f"{NEAR6}/64"], "router")
    lab.address("far0", ["198.19.0.254/24", "2001:2:0:1::fe/64"], "router")
    lab.address(lab.SRV, [f"{FAR4}/24", f"{FAR6}/64"], "server")
    lab.sysctl("net.ipv4.ip_forward", 1, "router")
    lab.sysctl("net.ipv6.conf.all.forwarding", 1, "router")
    lab.quiet(["ip", "route", "add", "default", "via", "198.19.0.254"], "server")
    lab.quiet(["ip", "route", "add", "default", "via", "2001:2:0:1::fe"], "server")


@case
def gateway(place, check):
    routed_world(place)
    place.record()
    peers.start_server(place, f"{FAR4}:80", f"[{FAR6}]:80")
    before = lab.kernel_counters()
    run = shakedown("run", f"tcp://{FAR4}:80", f"tcp://[{FAR6}]:80", *ROUTED, "--device", DEVICE,
                    "--rate", "2k", "--duration", "2s")
    check_all_closed(check, run)
    check.equal("TcpPassiveOpens at the server", lab.kernel_delta(before)["TcpPassiveOpens"],
                run.total("established"))


def refused_by_the_gateway(place, check, url):
    routed_world(place)
    place.record("near0", "router")
    # Not an unreachable route: the kernel allows each source five errors of those, then one a second.
    place.rules("""table inet refusal {
  chain through {
    type filter hook forward priority 0
    tcp dport 80 reject with icmpx type host-unreachable
  }
}
""", "router")
    check_all_failed(check, shakedown("run", url, *LOAD, *ROUTED), "unreachable")


@case
def host_unreachable(place, check):
    refused_by_the_gateway(place, check, f"tcp://{FAR4}:80")


@case
def host_unreachable_ipv6(place, check):
    refused_by_the_gateway(place, check, f"tcp://[{FAR6}]:80")


lab.enter()
main()
