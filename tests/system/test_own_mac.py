# SPDX-License-Identifier: BSD-3-Clause
"""This side's MAC address: the same from run to run where the device has none of its own, and told to the link
before the first SYN, so that nobody who remembers another one costs a connection."""

import os
import signal
import subprocess

import lab
import peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, GEN, LOCAL4, LOCAL6, SERVER4, SERVER6, SRV
from raw_peer import BALANCER, Behind, without_kernel

OLD = "02:00:00:00:be:ef"
ADDRESSES4 = [f"198.18.0.{n}" for n in range(10, 30)]
ADDRESSES6 = [f"2001:2::{n:x}" for n in range(0x10, 0x2a)]


def frames(path, wanted, *fields):
    """What tshark makes of the frames in @path that are @wanted: a list of @fields for each."""
    done = subprocess.run(["tshark", "-r", path, "-Y", wanted, "-T", "fields", *[a for f in fields for a in ("-e", f)]],
                          capture_output=True, text=True, timeout=60, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def recorded(place, wanted, *fields):
    place.recorder.stop(signal.SIGINT)
    return [row for path in lab.recordings(place.recording) for row in frames(path, wanted, *fields)]


def mac_of(interface):
    with open(f"/sys/class/net/{interface}/address", encoding="ascii") as file:
        return file.read().strip()


@case
def every_address_is_announced_before_the_first_syn(place, check):
    lab.require("dumpcap", "tshark")
    place.pair()
    place.record(snap=0)
    peers.start_server(place, f"{SERVER4}:80", f"[{SERVER6}]:80")
    run = shakedown("run", f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80", "--device", DEVICE, "--local", LOCAL4,
                    "--local", LOCAL6, "--rate", "1k", "--duration", "1s")
    check_all_closed(check, run)
    rows = recorded(place, "arp or icmpv6.type == 136 or tcp.flags.syn == 1", "frame.number", "eth.src", "eth.dst",
                    "arp.isgratuitous", "arp.src.proto_ipv4", "arp.dst.proto_ipv4", "icmpv6.nd.na.target_address",
                    "icmpv6.nd.na.flag.s", "tcp.flags.syn")
    first_syn = next(i for i, row in enumerate(rows) if row[8] in ("1", "True"))
    arps = [row for row in rows[:first_syn] if row[4] != "" and row[4] == row[5]]
    adverts = [row for row in rows[:first_syn] if row[6] != "" and row[7] in ("0", "False")]
    check.equal("ARP announcements", sorted(r[4] for r in arps), sorted(ADDRESSES4))
    check.equal("unsolicited advertisements", sorted(r[6] for r in adverts), sorted(ADDRESSES6))
    check.equal("their source", {r[1] for r in arps + adverts}, {mac_of(GEN)})
    check.equal("where they went", {r[2] for r in arps + adverts}, {"ff:ff:ff:ff:ff:ff", "33:33:00:00:00:01"})


@case
def a_peer_that_remembers_an_old_mac_costs_no_connection(place, check):
    place.pair()
    peers.start_server(place, f"{SERVER4}:80", f"[{SERVER6}]:80")
    for a in ADDRESSES4 + ADDRESSES6:
        lab.quiet(["ip", "neigh", "replace", a, "lladdr", OLD, "dev", SRV, "nud", "stale"], "server")
    run = shakedown("run", f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80", "--device", DEVICE, "--local", LOCAL4,
                    "--local", LOCAL6, "--rate", "500", "--duration", "2s")
    check_all_closed(check, run)
    check.equal("retransmits", run.total("retransmits"), 0)


@case
def a_link_that_returns_is_told_again(place, check):
    without_kernel(place)
    behind = Behind(SRV)
    behind.start()
    run = Shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration",
                    "6s", "--connect-timeout", "6s")
    lab.wait_until(lambda: behind.to[BALANCER] > 100, 30)
    lab.quiet(["ip", "link", "set", "dev", SRV, "down"])
    lab.wait_until(lambda: False, 1)
    lab.quiet(["ip", "link", "set", "dev", SRV, "up"])
    run = run.finish(60)
    behind.stop()
    check_result(check, run)
    check.equal("announcements of each address", behind.announced, dict.fromkeys(ADDRESSES4, 2))


@case
def the_mac_that_is_asked_for_is_used(place, check):
    """Also where the interface has another one: it is left as it is."""
    lab.require("dumpcap", "tshark")
    place.pair()
    place.record(snap=0)
    peers.start_server(place, f"{SERVER4}:80")
    before = mac_of(GEN)
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--mac", "02:00:00:00:12:34",
                    "--rate", "500", "--duration", "1s")
    check_all_closed(check, run)
    rows = recorded(place, f"ip.dst == {SERVER4} or arp.src.proto_ipv4 == 198.18.0.10", "eth.src")
    check.equal("MACs of what was sent", {row[0] for row in rows}, {"02:00:00:00:12:34"})
    check.equal("the interface's own", mac_of(GEN), before)


def mac_in_file(place, name, *options):
    """The MAC from which a run over a recording speaks; nobody answers there."""
    path = f"/run/{name}.pcap" if lab.is_inside() else f"/tmp/{name}-{os.getpid()}.pcap"
    empty = path + ".in"
    with open(empty, "wb") as file:  # a recording without a frame: pcap, version 2.4, Ethernet
        file.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", f"net_pcap0,rx_pcap={empty},tx_pcap={path}", "--local",
                    LOCAL4, *options, want_json=False)
    macs = {row[0] for row in frames(path, "arp", "eth.src")}
    os.unlink(path)
    os.unlink(empty)
    return run, macs


@case
def a_device_without_a_mac_has_the_same_from_run_to_run(place, check):
    lab.require("tshark")
    (first, macs), (_, again) = mac_in_file(place, "a"), mac_in_file(place, "a")
    check.equal("one that nobody answers: exit status", first.status, 3)
    check.equal("MACs of one run", len(macs), 1)
    check.equal("MACs of the next run", again, macs)
    check.equal("locally administered, of one station", {int(mac[:2], 16) & 3 for mac in macs}, {2})
    _, asked = mac_in_file(place, "a", "--mac", "02:00:00:00:12:34")
    check.equal("the one asked for", asked, {"02:00:00:00:12:34"})


lab.enter()
main()
