# SPDX-License-Identifier: BSD-3-Clause
"""A tap device: its driver takes the checksum offloads, so they are made and verified by the port and
not by shakedown. The kernel behind the tap is the server."""

import os

import lab
import peers
from cases import Shakedown, case, check_all_closed, check_offered, main
from lab import LOCAL4, LOCAL6, SERVER4, SERVER6

TAP = "tap0"
SERVERS = (f"{SERVER4}:80", f"[{SERVER6}]:80")


def asks():
    return os.path.exists(f"/sys/class/net/{TAP}") and lab.frames_received(TAP, None) > 0


def run_over_tap(place, check, url, local):
    if not os.path.exists("/dev/net/tun"):
        raise lab.Skip("there is no /dev/net/tun")
    peers.start_server(place, "0.0.0.0:80", "[::]:80", ns=None)
    before = lab.kernel_counters(None)
    program = Shakedown("run", url, "--device", f"net_tap0,iface={TAP}", "--local", local,
                        "--rate", "1k", "--duration", "2s")
    # The driver makes the interface. Once shakedown asks for its neighbour over it, give it the
    # address; and a MAC of its own, because the driver gives both ends the same.
    if lab.wait_until(asks, 20):
        lab.quiet(["ip", "link", "set", "dev", TAP, "address", "02:00:5e:10:00:01"])
        lab.address(TAP, [f"{SERVER4}/15", f"{SERVER6}/48"])
    check_all_closed(check, program.finish())
    server = lab.kernel_delta(before, None)
    run = Shakedown.history[-1]
    check_offered(check, run, 2000)
    check.equal("TcpPassiveOpens at the server", server["TcpPassiveOpens"], run.total("established"))
    check.equal("TcpInCsumErrors at the server", server["TcpInCsumErrors"], 0)


@case
def ipv4(place, check):
    run_over_tap(place, check, f"tcp://{SERVER4}:80", LOCAL4)


@case
def ipv6(place, check):
    run_over_tap(place, check, f"tcp://[{SERVER6}]:80", LOCAL6)


lab.enter()
main()
