# SPDX-License-Identifier: BSD-3-Clause
"""Against nginx on Linux: what shakedown counts as established is what the server's kernel counts as
passive opens, with no checksum error on either side."""

import lab
import peers
from cases import case, check_all_closed, check_offered, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

LOAD = ("--device", DEVICE, "--rate", "2k", "--duration", "2s")
CONNECTIONS = 4000
URL4, URL6 = f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"


def check_both_ends(check, run, before, connections=CONNECTIONS):
    """All @connections at both ends, none lost, none corrupt."""
    check_all_closed(check, run)
    check_offered(check, run, connections)
    server = lab.kernel_delta(before)
    check.equal("TcpPassiveOpens at the server", server["TcpPassiveOpens"], run.total("established"))
    for name in ("TcpInErrs", "TcpInCsumErrors", "TcpExtListenOverflows", "TcpExtTCPReqQFullDrop"):
        check.equal(f"{name} at the server", server.get(name, 0), 0)
    check.equal("segments without a connection", run.total("no_connection"), 0)


def run_against_nginx(place, check, url, listen, *options, vlan=None):
    place.pair(vlan=vlan)
    place.record()
    peers.start_nginx(place, listen)
    before = lab.kernel_counters()
    run = shakedown("run", url, *LOAD, *options)
    check_both_ends(check, run, before)


@case
def ipv4(place, check):
    run_against_nginx(place, check, URL4, f"{SERVER4}:80", "--local", LOCAL4)


@case
def ipv6(place, check):
    run_against_nginx(place, check, URL6, f"[{SERVER6}]:80", "--local", LOCAL6)


@case
def vlan(place, check):
    run_against_nginx(place, check, URL4, f"{SERVER4}:80", "--local", LOCAL4, "--vlan", "7", vlan=7)


@case
def vlan_ipv6(place, check):
    run_against_nginx(place, check, URL6, f"[{SERVER6}]:80", "--local", LOCAL6, "--vlan", "7", vlan=7)


@case
def both_families(place, check):
    place.pair()
    place.record()
    peers.start_nginx(place, f"{SERVER4}:80", f"[{SERVER6}]:80")
    before = lab.kernel_counters()
    run = shakedown("run", URL4, URL6, *LOAD, "--local", LOCAL4, "--local", LOCAL6)
    check_both_ends(check, run, before)


@case
def closed_with_reset(place, check):
    place.pair()
    place.record()
    peers.start_nginx(place, f"{SERVER4}:80")
    before = lab.kernel_counters()
    run = shakedown("run", URL4, *LOAD, "--local", LOCAL4, "--close", "rst")
    check_both_ends(check, run, before)
    server = lab.kernel_delta(before)
    check.equal("TcpEstabResets at the server", server["TcpEstabResets"], run.total("established"))


@case
def held_open(place, check):
    """1000 connections open at once for half a second each: both ends agree in the middle, too."""
    place.pair()
    place.record()
    peers.start_nginx(place, f"{SERVER4}:80")
    before = lab.kernel_counters()
    seen = []
    timer = lab.after(3, lambda: seen.append(lab.kernel_counters()["TcpCurrEstab"]))
    run = shakedown("run", URL4, "--device", DEVICE, "--local", LOCAL4, "--rate", "2k", "--hold",
                    "500ms", "--duration", "5s")
    timer.join()
    check_both_ends(check, run, before, 10000)
    check.that(seen and 600 <= seen[0] <= 1400, f"open at the server in mid-run: {seen}, want 1000")


def back_to_back(place, check, mode, close):
    """Three runs from the same addresses and few ports, each within the TIME_WAIT of the one before. A
    SYN that met TIME_WAIT and was not understood would be sent again, and fail in the end."""
    place.pair()
    place.record()
    peers.start_server(place, f"{SERVER4}:80", close=mode)
    for _ in range(3):
        before = lab.kernel_counters()
        run = shakedown("run", URL4, *LOAD, "--local", "198.18.0.10/15", "--ports", "20000-39999",
                        "--close", close, "--connections", "2k", "--reuse", "1s")
        check_both_ends(check, run, before)
        check.equal("retransmits", run.total("retransmits"), 0)


@case
def back_to_back_time_wait_here(place, check):
    back_to_back(place, check, "last", "fin")


@case
def back_to_back_time_wait_there(place, check):
    back_to_back(place, check, "first", "peer")


@case
def same_tuples_back_to_back(place, check):
    """Every tuple of the range is used in every run, so each SYN of the later runs meets a TIME_WAIT."""
    place.pair()
    place.record()
    peers.start_server(place, f"{SERVER4}:80", close="first")
    for _ in range(3):
        before = lab.kernel_counters()
        run = shakedown("run", URL4, "--device", DEVICE, "--local", "198.18.0.10/15", "--ports",
                        "20000-23999", "--rate", "2k", "--duration", "2s", "--close", "peer",
                        "--connections", "500", "--reuse", "1s")
        check_both_ends(check, run, before, 4000)
        check.equal("retransmits", run.total("retransmits"), 0)


lab.enter()
main()
