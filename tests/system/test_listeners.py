# SPDX-License-Identifier: BSD-3-Clause
"""Listening sockets that do not take a connection although its handshake is over, as Linux has them: what the
client sees of it is counted, and named for what it is."""

import subprocess
import sys

import lab
import peers
from cases import case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

URL = f"tcp://{SERVER4}:80"
LOAD = ("--device", DEVICE, "--local", LOCAL4, "--piggyback", "no", "--close-timeout", "500ms")


def check_not_accepted(check, run, least):
    """At least so many SYN-ACKs came again, which the hints explain, and not as a lost SYN."""
    check.equal("established", run.total("established"), run.total("attempted"))
    check.that(run.total("synack_repeated") >= least, f"{run.total('synack_repeated')} SYN-ACKs came again")
    hints = [h["name"] for h in run.result["hints"]]
    check.that("not_accepted" in hints, f"the summary does not say it: {hints}")
    check.that("some_syns_lost" not in hints, f"it says something else: {hints}")


FILL = f"""import socket, time
held = [socket.create_connection(("{SERVER4}", 80)) for _ in range(4)]
print("full", flush=True)
time.sleep(60)
"""


@case
def an_accept_queue_that_is_full_but_for_one(place, check):
    """Four handshakes at once; one fits the queue, and the last ACKs of the others are dropped."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80", backlog=4)
    clients = place.spawn([sys.executable, "-c", FILL], "server", stdout=subprocess.PIPE, text=True)
    clients.process.stdout.readline()
    before = lab.kernel_counters()
    run = shakedown("run", URL, *LOAD, "--connections", "4", "--hold", "1500ms", "--duration", "1s")
    if check_result(check, run):
        check.equal("attempted", run.total("attempted"), 4)
        check_not_accepted(check, run, 3)
    check.that(lab.kernel_delta(before)["TcpExtListenOverflows"] > 0, "the queue did not overflow")


@case
def an_accept_queue_for_one(place, check):
    """Ten handshakes at once; Linux answers with SYN cookies, and of what does not fit it knows nothing."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80", backlog=1)
    run = shakedown("run", URL, *LOAD, "--connections", "10", "--hold", "500ms", "--duration", "400ms")
    if check_result(check, run):
        check.equal("established", run.total("established"), 10)
        check.equal("failures", run.failures(), {"close_timeout": 8, "peer_not_closed": 2})
        hints = [h["name"] for h in run.result["hints"]]
        check.that("fin_not_acknowledged" in hints, f"the summary does not say it: {hints}")
        check.that("some_syns_lost" not in hints, f"it says something else: {hints}")


@case
def a_server_that_waits_for_data(place, check):
    """TCP_DEFER_ACCEPT: without a byte the handshake's last ACK is dropped; the FIN, or data, is taken."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80", defer=1)
    before = lab.kernel_counters()
    run = shakedown("run", URL, *LOAD, "--rate", "10", "--hold", "1500ms", "--duration", "1s")
    check_all_closed(check, run)
    if run.result:
        check_not_accepted(check, run, run.total("attempted"))
    check.that(lab.kernel_delta(before)["TcpExtTCPDeferAcceptDrop"] > 0, "the kernel dropped no ACK")
    run = shakedown("run", URL, *LOAD, "--rate", "10", "--hold", "1500ms", "--duration", "1s", "--send", "1")
    check_all_closed(check, run)
    check.equal("SYN-ACKs that came again", run.total("synack_repeated"), 0)


@case
def a_connection_every_other_second(place, check):
    """--rate 0.5: at 0 and 2 s."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = shakedown("run", URL, *LOAD, "--rate", "0.5", "--duration", "3s")
    check_all_closed(check, run)
    check.equal("attempted", run.total("attempted"), 2)
    if run.result:
        check.equal("most begun in a second", max(row["attempted"] for row in run.result["intervals"]), 1)
        check.equal("the rate in the scenario", run.result["scenario"]["load"]["rate"], "0.5")
    check.that("0.5/s" in run.out, "the summary has another rate")


@case
def what_its_program_had_is_confirmed(place, check):
    """A handshake is complete with SYN cookies whether or not there is room; a close, or payload, proves it."""
    place.pair()
    peers.start_server(place, f"{SERVER4}:80")
    run = shakedown("run", URL, *LOAD, "--rate", "50", "--duration", "400ms", "--confirm", "close")
    check_all_closed(check, run)
    if run.result:
        check.equal("confirmed", run.result["confirmed"]["established_confirmed"], run.total("established"))
    peers.start_server(place, f"{SERVER4}:81", backlog=1)
    run = shakedown("run", f"tcp://{SERVER4}:81", *LOAD, "--connections", "10", "--hold", "300ms", "--duration",
                    "300ms", "--confirm", "close", "--criteria", "established_confirmed > 0")
    if check_result(check, run, status=1):
        check.equal("established", run.total("established"), 10)
        check.equal("confirmed", run.result["confirmed"]["established_confirmed"], 0)
        check.equal("limited by", run.result["verdict"]["limited_by"], "target")


lab.enter()
main()
