# SPDX-License-Identifier: BSD-3-Clause
"""A link that goes down in a run, or an interface that vanishes: said at once, timed, and not blamed on the
target."""

import lab
import peers
from cases import Shakedown, case, check_result, main
from lab import GEN, LOCAL4, SERVER4, SRV

DEVICES = [lab.DEVICE, f"net_af_xdp0,iface={GEN}"]


def begin(place, device, duration):
    """A run that has shown its first second."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = Shakedown("run", f"tcp://{SERVER4}:80", "--device", device, "--local", LOCAL4, "--rate", "100",
                    "--duration", duration, "--connect-timeout", "900ms")
    run.wait_for_row()
    return run


def check_told(check, run, *words):
    for text in words:
        check.that(text in run.err, f"{text!r} is not said: {run.err}")
    hints = [h["name"] for h in run.result["hints"]]
    check.that("link_down" in hints, f"the summary does not say it: {hints}")
    for wrong in ("some_syns_lost", "silence", "next_hop_silent"):
        check.that(wrong not in hints, f"the target is blamed: {hints}")
    check.equal("link_downs", run.total("link_downs"), 1)
    check.that(run.total("link_down_ns") > 0, "it took no time")


def vanishes(place, check, device):
    run = begin(place, device, "2s")
    lab.quiet(["ip", "link", "del", GEN])
    run = run.finish()
    if check_result(check, run):
        check_told(check, run, f"interface {GEN} has vanished after")
        check.that("its link is back" not in run.err, f"it came back: {run.err}")


@case
def a_link_that_goes_down_and_up(place, check):
    run = begin(place, DEVICES[0], "3s")
    lab.quiet(["ip", "link", "set", SRV, "down"], "server")
    run.wait_for_row()
    lab.quiet(["ip", "link", "set", SRV, "up"], "server")
    run = run.finish()
    if check_result(check, run):
        check_told(check, run, "its link is down after", "its link is back after")
        check.equal("open", run.total("open"), 0)


@case
def an_interface_that_vanishes(place, check):
    vanishes(place, check, DEVICES[0])


@case
def an_interface_that_vanishes_under_af_xdp(place, check):
    vanishes(place, check, DEVICES[1])


@case
def frames_that_the_port_never_takes_hold_up_nobody(place, check):
    """libpcap refuses what is longer than the MTU, for ever; handshakes go on all the same."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = Shakedown("run", f"tcp://{SERVER4}:80", "--device", f"net_pcap0,iface={GEN}", "--local", LOCAL4, "--rate",
                    "20", "--duration", "4s", "--send", "5000", "--drain", "500ms")
    run.wait_for_row()
    lab.quiet(["ip", "link", "set", GEN, "mtu", "1000"])
    run = run.finish()
    if not check_result(check, run):
        return
    check.that(run.total("tx_given_up") > 0, "nothing was given up")
    last = run.result["intervals"][3]
    check.that(last["established"] > 0, f"nothing was established in the end: {last}")
    check.that("port_refuses_frames" in [h["name"] for h in run.result["hints"]], "the summary does not say it")
    check.that(len(run.err) < 5000, f"{len(run.err)} bytes were written to the terminal")


lab.enter()
main()
