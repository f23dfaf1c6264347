# SPDX-License-Identifier: BSD-3-Clause
"""Several local networks on one port: each has its VLAN, with one tag or two, its addresses and its gateway."""

import os
import tempfile

import lab
import peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown

VLANS = {"single": 7, "stacked": "100.7"}
SERVERS = {"single": ("198.18.0.1/24", "2001:2::1/64"), "stacked": ("198.18.1.1/24", "2001:2:0:1::1/64")}
FAR = "198.19.0.1"  # behind both: each network's server is its gateway, and has it, too

NETWORKS = """
networks:
  - addresses: [198.18.0.10-198.18.0.29/24, "2001:2::10-2001:2::1f/64"]
    vlan: 7
    gateway: 198.18.0.1
  - addresses: [198.18.1.10-198.18.1.29/24, "2001:2:0:1::10-2001:2:0:1::1f/64"]
    vlans: [100, 7]
    gateway: 198.18.1.1
"""


def set_up(place):
    place.networks(VLANS)
    for ns, addresses in SERVERS.items():
        lab.address(lab.SRV, addresses, ns)
        lab.quiet(["ip", "address", "add", f"{FAR}/32", "dev", "lo"], ns)


def scenario(text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        file.write(f"device: '{lab.DEVICE}'\nload: {{rate: 2k, duration: 1s}}\n{NETWORKS}{text}")
    return file.name


@case
def each_target_is_reached_by_its_own_tags(place, check):
    """Targets on either link in both families at once, and one that is behind both gateways, from both alike."""
    set_up(place)
    children = {}
    for ns, addresses in SERVERS.items():
        binds = [f"{addresses[0][:-3]}:80", f"[{addresses[1][:-3]}]:80", f"{FAR}:80"]
        children[ns] = peers.start_server(place, *binds, ns=ns)
    path = scenario("""
urls: ['tcp://198.18.0.1:80', 'tcp://198.18.1.1:80', 'tcp://[2001:2::1]:80', 'tcp://[2001:2:0:1::1]:80',
       'tcp://198.19.0.1:80']
""")
    run = shakedown("run", path)
    os.unlink(path)
    check_all_closed(check, run)
    seen = {ns: peers.stop_server(child)["accepted"] for ns, child in children.items()}
    check.equal("accepted by both", sum(seen.values()), run.total("established"))
    check.near("accepted by one", seen["single"], seen["stacked"], 0.01)


@case
def serve_answers_each_by_its_own_tags(place, check):
    set_up(place)
    path = scenario("")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("load: {rate: 2k, duration: 1s}\n", "")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    server = Shakedown("serve", path)
    for ns, near in ("single", "198.18.0.10"), ("stacked", "198.18.1.10"):
        check.that(peers.answers(near, ns=ns, timeout_s=30), f"{near} answers no echo in {ns}")
        seen = peers.connect(f"{near}:80", ns=ns, count=200)
        check.equal(f"{ns}: connected", seen["connected"], 200)
    lab.quiet(["ip", "route", "add", "198.18.0.0/24", "dev", lab.SRV], "stacked")
    check.that(not peers.answers("198.18.0.10", ns="stacked", timeout_s=0.5), "a network answers in another's VLAN")
    server.interrupt()
    run = server.finish()
    os.unlink(path)
    if check_result(check, run, 130):
        check.equal("established", run.total("established"), 400)


lab.enter()
main()
