# SPDX-License-Identifier: BSD-3-Clause
"""`shakedown serve` and clients that wear it out: half-open, silent, deaf (their window stays closed) and
stalled in TLS, thousands of each. Those that mean well get what they came for, all of them."""

import os
import ssl
import subprocess
import threading
import time

import lab
import peers
import tls_transfers
from cases import OPTIONS, Shakedown, case, check_result, main
from lab import DEVICE, SRV

ADDRESS = "198.18.1.1"
KINDS = ("half", "silent", "deaf", "stalled")
BOUND = 8000  # of --connections; so many of the hostile ones are there at once


def client_hello(path):
    """What a TLS client says first."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(into, out, server_hostname="example.test")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    with open(path, "wb") as file:
        file.write(out.read())


class Hostile:
    """The raw-socket clients, at rates a second by kind."""

    def __init__(self, place, port, **rates):
        hello = f"/run/{place.name}.hello"
        client_hello(hello)
        mac = lab.quiet(["ip", "neigh", "show", ADDRESS, "dev", SRV], "server").split("lladdr ")[1].split()[0]
        self.child = place.spawn(
            [os.path.join(OPTIONS.tools, "hostile"), SRV, mac, ADDRESS, str(port), hello,
             *(str(rates.get(kind, 0)) for kind in KINDS)], "server", stdout=subprocess.PIPE, text=True)
        self.counts = {}
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.process.stdout:
            n = [int(word) for word in line.split()]
            self.counts = {kind: dict(zip(("syns", "shaken", "resets"), n[3 * i:])) for i, kind in enumerate(KINDS)}

    def shaken(self):
        return sum(c["shaken"] for c in self.counts.values())

    def stop(self):
        self.child.stop()
        self.reader.join()


def plain_clients(check):
    """@return how many came: each gets 20,000 bytes and the end."""
    n = 100
    seen = peers.connect(f"{ADDRESS}:80", count=n, concurrency=10, closes="last", timeout_s=120)
    for name, want in (("connected", n), ("eof", n), ("bytes_received", 20000 * n)):
        check.equal(f"of those that mean well, {name}", seen[name], want)
    return n


def tls_clients(check):
    """@return how many came: each sends 3,000 bytes and gets them back."""
    n = 20
    for t in tls_transfers.fetch(f"{ADDRESS}:443", count=n, send=3000, timeout_s=120, timeout=100):
        check.equal("sent, received and version of one that means well",
                    (t["sent"], t["received"], t["version"]), (3000, 3000, "TLSv1.3"))
    return n


def wear_out(place, check, port, good, seconds, options, rates):
    """Have hostile clients come until twice as many were there as may be, and for @seconds at least."""
    place.pair()
    program = Shakedown("serve", "--device", DEVICE, "--local", f"{ADDRESS}/15", "--connections", str(BOUND), *options)
    if not lab.wait_until(lambda: peers.answers(ADDRESS, timeout_s=1), 30):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    hostile = Hostile(place, port, **rates)
    began, n = time.monotonic(), 0
    while (hostile.shaken() < 2 * BOUND or time.monotonic() - began < seconds) and not check.wrong:
        n += good(check)
        if time.monotonic() - began > 240:
            check.that(False, f"only {hostile.counts} came")
    hostile.stop()
    program.interrupt()
    run = program.finish(60)
    if not check_result(check, run, status=130):
        return
    failures = run.failures()
    check.that(failures.get("crowded_out", 0) > 0, f"nobody made way: {failures}, {hostile.counts}")
    check.that(run.total("closed") >= n, f"{run.total('closed')} closed, {n} meant well")
    check.equal("SYNs for which no record was left", run.total("records_exhausted"), 0)
    check.that("had been idle longest were reset" in " ".join(run.out.split()), "the advice is missing")


# Whoever has been idle longest makes way: 3 s and 7 s old at these rates. One that means well is not that slow,
# whatever else the machine has to do.
PLAIN = (80, plain_clients), ("--bytes", "20k", "--close", "fin"), {"half": 500, "silent": 1500, "deaf": 500}
TLS = (443, tls_clients), ("--tls", "--echo"), {"half": 200, "silent": 500, "deaf": 200, "stalled": 200}


def wear(place, check, what, seconds):
    (port, good), options, rates = what
    wear_out(place, check, port, good, seconds, options, rates)


@case
def clients_that_mean_well_are_served_beside_hostile_ones(place, check):
    wear(place, check, PLAIN, 0)


@case
def clients_that_mean_well_are_served_over_tls_beside_hostile_ones(place, check):
    wear(place, check, TLS, 0)


@case
def the_same_for_a_minute(place, check):
    wear(place, check, PLAIN, 60)


@case
def the_same_over_tls_for_a_minute(place, check):
    wear(place, check, TLS, 60)


lab.enter()
main()
