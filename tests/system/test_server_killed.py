# SPDX-License-Identifier: BSD-3-Clause
"""The server dies in the middle of a run, or its host does: the run goes on to its end, and what failed
is named."""

import lab
import peers
from cases import case, check_offered, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

RUN = ("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4)


@case
def process_killed(place, check):
    place.pair()
    place.record()
    server = peers.start_nginx(place, f"{SERVER4}:80")
    before = lab.kernel_counters()
    killer = lab.when(lambda: lab.kernel_delta(before)["TcpPassiveOpens"] > 2000, server.process.kill)
    run = shakedown(*RUN, "--rate", "2k", "--duration", "5s", "--hold", "100ms")
    killer.join()
    if not check_result(check, run):
        return
    check_offered(check, run, 10000)
    check.near("duration", run.result["duration_s"], 5, 0.05)
    failures = run.failures()
    opens = lab.kernel_delta(before)["TcpPassiveOpens"]
    # A handshake whose last ACK found the listener gone was never one for the server: it was reset.
    missed = run.total("established") - opens
    check.that(0 <= missed <= failures.get("reset", 0),
               f"TcpPassiveOpens at the server: {opens}, established here: {run.total('established')}")
    check.that(run.total("established") > 2000, "it was killed before it served")
    check.that(failures.get("refused", 0) > 100, f"failures: {failures}, want thousands refused")
    check.equal("causes", set(failures) - {"refused", "reset", "hold_cut_short"}, set())


@case
def link_cut(place, check):
    """Everything after the cut is silence. A run that cannot send goes on all the same."""
    place.pair()
    place.record()
    peers.start_server(place, f"{SERVER4}:80")

    def cut():
        place.rules("""table netdev cut {
  chain in {
    type filter hook ingress device "srv0" priority 0
    drop
  }
}
""", "server")

    before = lab.kernel_counters()
    cutter = lab.when(lambda: lab.kernel_delta(before)["TcpPassiveOpens"] > 1000, cut)
    run = shakedown(*RUN, "--rate", "1k", "--duration", "4s", "--connect-timeout", "1500ms",
                    "--close-timeout", "1500ms", "--drain", "3s")
    cutter.join()
    if not check_result(check, run):
        return
    check_offered(check, run, 4000)
    failures = run.failures()
    check.that(failures.get("timeout", 0) > 100, f"failures: {failures}, want timeouts")
    check.equal("causes", set(failures) - {"timeout", "close_timeout", "peer_not_closed"}, set())
    check.that(run.total("closed") > 500, "it was cut before anything was done")


lab.enter()
main()
