# SPDX-License-Identifier: BSD-3-Clause
"""Several workers on one port that spreads packets by a hash of its own: the kernel's, on af_packet; and on
memif the number of the peer's queue. Whatever comes to the wrong worker is handed over."""

import os
import shutil
import tempfile

import lab
import peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

URL4, URL6 = f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"
LOCALS = ("--local", LOCAL4, "--local", LOCAL6)
LCORES = ("--lcores", "3")


def check_shared(check, run):
    """Every worker had something to do, and some of it came to another one first."""
    if not run or not run.result:
        return
    for core in run.result["cores"]:
        check.that(core["established"] > 0, f"lcore {core['lcore']} established nothing")
        check.equal(f"attempted on lcore {core['lcore']}", core["attempted"],
                    core["closed"] + core["failed"] + core["open"])
    check.that(run.total("handoffs") > 0, "nothing was handed over")
    check.equal("steering mode", run.result["steering"]["mode"], "handoff")


@case
def a_linux_server(place, check):
    """Each worker learns the next hops' MACs, although the answers come to one queue."""
    place.pair()
    place.record()
    peers.start_server(place, f"{SERVER4}:80", f"[{SERVER6}]:80")
    before = lab.kernel_counters()
    run = shakedown("run", URL4, URL6, *LOCALS, "--device", DEVICE, *LCORES, "--rate", "3k",
                    "--duration", "2s")
    check_all_closed(check, run)
    check_shared(check, run)
    server = lab.kernel_delta(before)
    check.equal("TcpPassiveOpens at the server", server["TcpPassiveOpens"], run.total("established"))
    check.equal("RSTs the server got", run.total("resets_sent"), 0)
    check.equal("segments without a connection", run.total("no_connection"), 0)


@case
def a_linux_client(place, check):
    place.pair()
    place.record()
    program = Shakedown("serve", "--device", DEVICE, "--local", "198.18.1.1-198.18.1.32/15", "--local",
                        "2001:2::1:1-2001:2::1:20/48", *LCORES)
    hosts = [f"198.18.1.{i}" for i in range(1, 33)], [f"2001:2::1:{i:x}" for i in range(1, 33)]
    if not lab.wait_until(lambda: peers.answers(hosts[0][0], timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    targets = [f"{a}:80" for a in hosts[0]] + [f"[{a}]:80" for a in hosts[1]]
    client = peers.connect(*targets, count=3000, sent=500)
    program.interrupt()
    run = program.finish(30)
    check.equal("connected at the client", client["connected"], 3000)
    check.equal("ended in order at the client", client["eof"], 3000)
    if check_result(check, run, status=130):
        check.equal("closed here", run.total("closed"), 3000)
        check.equal("received here", run.total("rx_payload_bytes"), 3000 * 500)
        check_shared(check, run)


@case
def icmp_errors(place, check):
    """They come to one queue and concern connections of all workers."""
    place.pair()
    place.record()
    place.rules("""table inet refusal {
  chain in {
    type filter hook input priority 0
    tcp dport 80 reject with icmpx type admin-prohibited
  }
}
""", "server")
    run = shakedown("run", URL4, URL6, *LOCALS, "--device", DEVICE, *LCORES, "--rate", "200",
                    "--duration", "1s")
    if check_result(check, run):
        check.equal("failures", run.failures(), {"unreachable": run.total("attempted")})
        check.that(all(c["failed"] > 0 for c in run.result["cores"]), "a worker began nothing")


@case
def both_sides_are_ours(_, check):
    """memif's queues are wired one to one, so a connection's packets come to the queue that the peer's
    worker sends on, which is not its own."""
    folder = tempfile.mkdtemp()
    device = f"net_memif0,socket={folder}/socket,socket-abstract=no,rsize=12"
    try:
        serve = Shakedown("serve", "--device", device + ",role=server", "--local", "198.18.0.1/15",
                          "--listen", "80", *LCORES)
        lab.wait_until(lambda: os.path.exists(f"{folder}/socket"), 20)
        run = shakedown("run", "tcp://198.18.0.1:80", "--device", device + ",role=client", "--local",
                        "198.18.0.10-198.18.0.40/15", *LCORES, "--rate", "5k", "--duration", "2s")
        serve.interrupt()
        server = serve.finish(30)
    finally:
        shutil.rmtree(folder)
    check_all_closed(check, run)
    check_shared(check, run)
    if server.result:  # memif's driver may crash when the peer leaves while its queues are polled
        check_shared(check, server)
        check.equal("closed at the server", server.total("closed"), run.total("closed"))


lab.enter()
main()
