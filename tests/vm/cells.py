# SPDX-License-Identifier: BSD-3-Clause
"""What is tried of every card, a function each; its name and first words are the row of the table. No speed, no
time is asserted: an emulated CPU has neither. What both ends counted must agree."""

import contextlib

import lab
import peers
import tls_peers
import transfers
from cases import check_all_closed, check_handshakes, check_payload, check_result, check_transfers
from guest import (LOCAL4, LOCAL6, NOBODY, PEER4, PEER6, SHARE, VLAN, VLAN_LOCAL4, VLAN_LOCAL6, VLAN_PEER4,
                   VLAN_PEER6, Shakedown)

CELLS = []  # (title, function, needs an IOMMU)
RATE, SECONDS = 200, 2
BYTES, TRANSFERS = 100_000, 20
SERVED4, SERVED6 = "198.18.0.40", "2001:2:0:1::40"
BAD_COUNTERS = ("TcpInErrs", "TcpInCsumErrors", "TcpExtListenOverflows")


def cell(title, has_iommu=False):
    def add(function):
        CELLS.append((title, function, has_iommu))
        return function
    return add


def url(scheme, host, port):
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@contextlib.contextmanager
def server_at(host, port=80):
    """Accepts on @host, and tells in the end what it saw. Until it stops it is a child of nobody's lab."""
    with lab.Lab() as place:
        yield peers.start_server(place, url("", host, port)[3:])


def through(guest, local, *more):
    return ("--device", guest.nic.address, "--local", local, *more)


def check_kernel(check, before):
    after = lab.kernel_delta(before)
    for name in BAD_COUNTERS:
        check.equal(f"{name} at the other end", after.get(name, 0), 0)
    return after


def handshakes(guest, check, host, local, *more):
    """What was due began, or was counted as late; all that began was established and closed, at both ends."""
    before = lab.kernel_counters()
    with server_at(host) as server:
        run = guest.shakedown("run", url("tcp", host, 80), *through(guest, local), "--rate", str(RATE), "--duration",
                              f"{SECONDS}s", *more)
        seen = peers.stop_server(server)
    check_all_closed(check, run)
    if run.result is None:
        return run
    begun = run.total("attempted") + run.total("starts_dropped")
    check.equal("attempted, or dropped as late", begun, RATE * SECONDS)
    check.equal("accepted at the other end", seen["accepted"], run.total("established"))
    check_kernel(check, before)
    return run


def bulk(guest, check, host, local, *more, send=BYTES):
    """Payload both ways, the same bytes at both ends."""
    before = lab.kernel_counters()
    with lab.Lab() as place:
        server = transfers.Server(place, url("", host, 19)[3:], send=BYTES)
        run = guest.shakedown("run", url("tcp", host, 19), *through(guest, local), "--rate", "20", "--duration", "1s",
                              "--send", str(send), "--receive", str(BYTES), *more)
        seen = server.stop()
    if check_result(check, run):
        n = run.total("attempted")
        check.equal("attempted, or dropped as late", n + run.total("starts_dropped"), TRANSFERS)
        check_payload(check, run, n, send, BYTES)
        check_transfers(check, seen, n, BYTES, send)
        check.that(run.total("retransmits") <= n, f"retransmits: {run.total('retransmits')} in {n} transfers")
    check_kernel(check, before)
    return run


# ---- a card of UIO, with huge pages ------------------------------------------------------------------


@cell("check says ready")
def check_is_ready(guest, check):
    run = guest.shakedown("check", url("tcp", PEER4, 80), *through(guest, LOCAL4), "--rate", str(RATE))
    check.equal("exit status", run.status, 0)
    check.that("ready; nothing was sent" in run.out, "it does not say that it is ready")
    if run.result:
        check.equal("driver", run.result["host"]["driver"], guest.nic.driver)


@cell("handshakes")
def handshakes_ipv4(guest, check):
    handshakes(guest, check, PEER4, LOCAL4)


@cell("handshakes, offload no")
def handshakes_in_software(guest, check):
    handshakes(guest, check, PEER4, LOCAL4, "--offload", "no")


@cell("handshakes, IPv6")
def handshakes_ipv6(guest, check):
    handshakes(guest, check, PEER6, LOCAL6)


@cell("TLS")
def tls(guest, check):
    with lab.Lab() as place:
        nginx = tls_peers.Nginx(place, {f"{PEER4}:443": tls_peers.Authority().issue("server")})
        run = guest.shakedown("run", url("tls", PEER4, 443), *through(guest, LOCAL4), "--rate", "10", "--duration", "2s")
        n = run.total("attempted") or 0
        check_handshakes(check, run, n)
        check.equal("TLS sessions at the other end", len(nginx.sessions(n)), n)


@cell("bulk")
def bulk_ipv4(guest, check):
    bulk(guest, check, PEER4, LOCAL4)


@cell("bulk, offload no")
def bulk_in_software(guest, check):
    bulk(guest, check, PEER4, LOCAL4, "--offload", "no")


@cell("bulk, IPv6")
def bulk_ipv6(guest, check):
    bulk(guest, check, PEER6, LOCAL6)


@cell("jumbo frames")
def jumbo_frames(guest, check):
    """Both ends have an MTU of 9000; what comes was cut by the other end's kernel."""
    lab.quiet(["ip", "link", "set", lab.SRV, "mtu", "9000"], "server")
    try:
        run = bulk(guest, check, PEER4, LOCAL4, "--mtu", "9000")
    finally:
        lab.quiet(["ip", "link", "set", lab.SRV, "mtu", "1500"], "server")
    check.that(run.total("rx_bytes") > 2000 * run.total("rx_packets"), "frames are not longer than 1500 bytes")


@cell("VLAN")
def vlan(guest, check):
    handshakes(guest, check, VLAN_PEER4, VLAN_LOCAL4, "--vlan", str(VLAN))


@cell("VLAN, IPv6")
def vlan_ipv6(guest, check):
    handshakes(guest, check, VLAN_PEER6, VLAN_LOCAL6, "--vlan", str(VLAN))


@cell("VLAN, bulk")
def vlan_bulk(guest, check):
    bulk(guest, check, VLAN_PEER4, VLAN_LOCAL4, "--vlan", str(VLAN))


@cell("VLAN, bulk, IPv6")
def vlan_bulk_ipv6(guest, check):
    bulk(guest, check, VLAN_PEER6, VLAN_LOCAL6, "--vlan", str(VLAN))


def check_refused_queue(guest, check, run):
    """Where the second transmit queue swallows frames this is found before the start, and named."""
    check.equal("exit status", run.status, 3)
    check.that("queue 1 of its 2" in run.err and guest.nic.address in run.err and "--lcores 1" in run.err,
               f"the message does not name the queue, the device and --lcores 1: {run.err}")


def two_workers_or_refused(guest, check, load, host, local, *more):
    if guest.nic.second_queue_works:
        run = load(guest, check, host, local, "--lcores", "2", *more)
        for core in (run.result or {}).get("cores", []):
            check.that(core["attempted"] > 0, f"core {core['lcore']} began nothing")
        return
    run = guest.shakedown("run", url("tcp", host, 80), *through(guest, local), "--rate", str(RATE), "--duration", "1s",
                          "--lcores", "2")
    check_refused_queue(guest, check, run)


@cell("two workers")
def two_workers(guest, check):
    two_workers_or_refused(guest, check, handshakes, PEER4, LOCAL4)


@cell("two workers, IPv6")
def two_workers_ipv6(guest, check):
    two_workers_or_refused(guest, check, handshakes, PEER6, LOCAL6)


@cell("two workers, bulk")
def two_workers_bulk(guest, check):
    two_workers_or_refused(guest, check, bulk, PEER4, LOCAL4)


# ---- the link ----------------------------------------------------------------------------------------


@cell("the link goes and comes back")
def link_flap(guest, check):
    """The run goes on: what begins after the link is back is established. Where the driver tells, so do we."""
    with server_at(PEER4) as server:
        program = Shakedown(guest, "run", url("tcp", PEER4, 80), *through(guest, LOCAL4), "--rate", "50", "--duration",
                            "8s", "--dead-man", "30s")
        program.wait_for_row()
        guest.set_link(False)
        lab.wait_until(lambda: len(program.job.read("out").splitlines()) > 6 or program.job.is_over(), 30)
        before = lab.kernel_counters()
        guest.set_link(True)
        run = program.finish()
        seen = peers.stop_server(server)
    if not check_result(check, run):
        return
    check.that(lab.kernel_delta(before)["TcpPassiveOpens"] > 0, "nothing was established after the link was back")
    # What was open when the link went may have lost its last segments.
    check.that(set(run.failures()) <= {"timeout", "close_timeout"}, f"failures: {run.failures()}")
    check.that(seen["accepted"] >= run.total("closed"), "the other end accepted fewer than were closed")
    if guest.nic.tells_link:
        check.that("link" in run.err and "down" in run.err, f"no line says that the link was down: {run.err}")
        check.that("listen queue overflowed" not in " ".join(run.out.split()), "the advice blames the target")


@cell("no link at the start")
def no_link(guest, check):
    guest.set_link(False)
    try:
        run = guest.shakedown("run", url("tcp", PEER4, 80), *through(guest, LOCAL4), "--rate", "50", "--duration", "1s")
    finally:
        guest.set_link(True)
    check.equal("exit status", run.status, 3)
    if guest.nic.tells_link:
        check.that("no link" in run.err and "cable" in run.err, f"it does not speak of the link: {run.err}")


# ---- serve -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(guest, check, *more):
    program = Shakedown(guest, "serve", *through(guest, f"{SERVED4}/24"), "--local", f"{SERVED6}/64", "--listen",
                        "5000", *more)
    try:
        lab.wait_until(lambda: peers.answers(SERVED4, timeout_s=1) or program.job.is_over(), 60)
        if program.job.is_over():
            raise RuntimeError(f"serve does not answer: {program.finish().describe()}")
        yield program
    finally:
        if not program.job.is_over():
            program.interrupt()
            check_result(check, program.finish(), status=130)


def echoes(check, count=5):
    before = lab.kernel_counters()
    for host in (SERVED4, SERVED6):
        for t in transfers.fetch(url("", host, 5000)[3:], count=count, send=BYTES):
            check.equal(f"{host}: sent, and had back", (t["sent"], t["received"]), (BYTES, BYTES))
            check.equal(f"{host}: the end", t["ended"], "eof")
            check.that(t["sent_sha256"] == t["received_sha256"], f"{host}: other bytes came back")
    check_kernel(check, before)


@cell("serve, echo")
def serve_echo(guest, check):
    with serving(guest, check, "--echo"):
        check.equal("answers to echo requests", peers.answers(SERVED4, SERVED6, timeout_s=5), [SERVED4, SERVED6])
        echoes(check)


@cell("serve, two workers")
def serve_two_workers(guest, check):
    if not guest.nic.second_queue_works:
        run = guest.shakedown("serve", *through(guest, f"{SERVED4}/24"), "--lcores", "2", "--duration", "1s")
        check_refused_queue(guest, check, run)
        return
    with serving(guest, check, "--echo", "--lcores", "2"):
        echoes(check, count=10)


@cell("serve, TLS")
def serve_tls(guest, check):
    with serving(guest, check, "--tls", "--bytes", "1000", "--close", "fin"):
        for _ in range(3):
            client = tls_peers.Client("openssl", "s_client", "-connect", f"{SERVED4}:5000", "-quiet")
            check.that(client.status == 0 and len(client.text) >= 1000, client.describe())


@cell("serve, bulk")
def serve_bulk(guest, check):
    with serving(guest, check, "--bytes", str(BYTES), "--after", "1", "--close", "fin"):
        seen = transfers.fetch(f"{SERVED4}:5000", count=5, send=1, close="last")
        check_transfers(check, seen, 5, 1, BYTES)


# ---- what is said ------------------------------------------------------------------------------------


def says(guest, check, words, *args, status=3, **options):
    """`check` with these options ends with @status, and with a sentence that has the @words; EAL's text is not in it."""
    run = guest.shakedown("check", url("tcp", PEER4, 80), *args, "--rate", str(RATE), want_json=False, **options)
    check.equal(f"exit status of {' '.join(args[:2])}", run.status, status)
    text = " ".join(run.err.split())
    for word in words:
        check.that(word in text, f"{word!r} is not in: {run.err}")
    check.that("EAL:" not in text, f"EAL's own text: {run.err}")
    check.that("Traceback" not in text and len(text) < 600, f"more than a sentence: {run.err}")


@contextlib.contextmanager
def bound_to(guest, driver):
    usual = guest.run(f"basename $(readlink /sys/bus/pci/devices/{guest.nic.address}/driver)").strip()
    try:
        guest.bind(driver)
        yield
    finally:
        guest.bind(usual)


@cell("says: no driver")
def no_driver(guest, check):
    """Without an IOMMU vfio-pci would refuse the card, so it is not recommended."""
    with bound_to(guest, None):
        says(guest, check, (guest.nic.address, "no driver", "dpdk-devbind.py -b uio_pci_generic", "IOMMU"),
             *through(guest, LOCAL4))


@cell("says: the kernel has it")
def kernel_driver(guest, check):
    guest.load_kernel_driver()
    with bound_to(guest, guest.nic.kernel_driver):
        says(guest, check, (guest.nic.address, "dpdk-devbind.py -b uio_pci_generic"), *through(guest, LOCAL4))
        interface = guest.run(f"ls /sys/bus/pci/devices/{guest.nic.address}/net /sys/bus/pci/devices/{guest.nic.address}"
                              "/virtio*/net 2>/dev/null | grep -v :").strip()
        says(guest, check, ("kernel interface", f"iface={interface}"), "--device", interface, "--local", LOCAL4,
             status=2)


@cell("says: not this one")
def wrong_names(guest, check):
    says(guest, check, ("no PCI device 0000:00:1e.0", guest.nic.address), "--device", "0000:00:1e.0", "--local", LOCAL4)
    says(guest, check, ("0000:00:08.0", "not a network device"), "--device", "0000:00:08.0", "--local", LOCAL4)


@cell("says: not root")
def unprivileged(guest, check):
    says(guest, check, (guest.nic.address, "root"), *through(guest, LOCAL4), user=NOBODY)


@cell("says: no huge pages")
def no_huge_pages(guest, check):
    pages = "/proc/sys/vm/nr_hugepages"
    had = guest.run(f"cat {pages}").strip()
    for n in (0, 10):
        guest.run(f"echo {n} >{pages}")
        says(guest, check, ("huge pages", "nr_hugepages"), *through(guest, LOCAL4))
    guest.run(f"echo {had} >{pages}")


@cell("says: in use")
def in_use(guest, check):
    with serving(guest, check):
        says(guest, check, (guest.nic.address, "busy"), *through(guest, LOCAL4))


# ---- doctor ------------------------------------------------------------------------------------------


def doctor(guest, check, *more, status=0, **options):
    """What it sees of the card: rows by their names."""
    run = guest.shakedown("doctor", "--device", guest.nic.address, *more, **options)
    check.equal("exit status of doctor", run.status, status)
    if run.result is None:
        raise RuntimeError(f"no JSON of doctor: {run.describe()}")
    return {row["name"]: row for row in run.result["rows"]}


def check_rows(check, rows, **states):
    """@states: "ok", "warning" or "stop" of the rows, and a word of their text after a blank."""
    for name, want in states.items():
        state, _, word = want.partition(" ")
        row = rows.get(name, {"state": "not looked at", "text": ""})
        check.equal(f"{name}: {row['text']}: state", row["state"], state)
        check.that(word in row["text"], f"{name}: {word!r} is not in {row['text']!r}")


def same_words(guest, check, row, *more, **options):
    """`check` of a run with payload refuses, as the row of doctor says."""
    rows = doctor(guest, check, *more, status=3, **options)
    run = guest.shakedown("check", url("tcp", PEER4, 80), *through(guest, LOCAL4, *more), "--send", str(BYTES),
                          want_json=False, **options)
    check.equal("exit status of check", run.status, 3)
    check_rows(check, rows, **{row: "stop"})
    check.equal("check, and doctor", run.err.strip(), "shakedown: " + rows.get(row, {"text": ""})["text"])
    return rows


@cell("doctor")
def doctor_in_order(guest, check):
    rows = doctor(guest, check)
    check_rows(check, rows, device="ok uio_pci_generic", iommu="warning", userspace_drivers="ok uio_pci_generic",
               huge_pages="ok", privileges="ok", port=f"ok {guest.nic.driver}", link="ok up", queues="ok", rss="ok",
               mtu="ok 1500")
    rows = doctor(guest, check, "--offload", "no")
    check_rows(check, rows, offloads="ok --offload no")


@cell("doctor: two workers")
def doctor_two_workers(guest, check):
    rows = doctor(guest, check, "--lcores", "2")
    check_rows(check, rows, rss="ok key" if guest.nic.describes_rss else "warning hand packets off", queues="ok 2 of")


@cell("doctor: not given to DPDK")
def doctor_binding(guest, check):
    with bound_to(guest, None):
        same_words(guest, check, "device")
    guest.load_kernel_driver()
    with bound_to(guest, guest.nic.kernel_driver):
        same_words(guest, check, "device")


@cell("doctor: not root")
def doctor_not_root(guest, check):
    same_words(guest, check, "device", user=NOBODY)


@cell("doctor: huge pages")
def doctor_huge_pages(guest, check):
    """And its command is enough."""
    pages = "/proc/sys/vm/nr_hugepages"
    had = guest.run(f"cat {pages}").strip()
    guest.run(f"echo 0 >{pages}")
    rows = same_words(guest, check, "huge_pages")
    guest.run(rows["huge_pages"]["command"] or "false")
    check_rows(check, doctor(guest, check), huge_pages="ok", port="ok")
    guest.run(f"echo {had} >{pages}")


@cell("doctor: no link")
def doctor_no_link(guest, check):
    guest.set_link(False)
    try:
        check_rows(check, doctor(guest, check, status=3), link="stop no link")
    finally:
        guest.set_link(True)


@cell("doctor: in use")
def doctor_in_use(guest, check):
    with serving(guest, check):
        check_rows(check, doctor(guest, check, status=3), port="stop busy")


@cell("doctor: VFIO", has_iommu=True)
def doctor_vfio(guest, check):
    rows = doctor(guest, check)
    check_rows(check, rows, device="ok vfio-pci", iommu="ok group", userspace_drivers="ok vfio-pci", huge_pages="warning",
               port="ok", link="ok", limits="ok")


@cell("doctor: VFIO, not yours", has_iommu=True)
def doctor_vfio_not_yours(guest, check):
    same_words(guest, check, "device", user=NOBODY)


@cell("doctor: VFIO, locked memory", has_iommu=True)
def doctor_vfio_locked(guest, check):
    guest.run("chown 65534 /dev/vfio/[0-9]*")
    try:
        same_words(guest, check, "limits", user=NOBODY, limits="ulimit -l 8192")
        rows = doctor(guest, check, user=NOBODY, limits="ulimit -l unlimited")
        check_rows(check, rows, limits="ok", port="ok", privileges="ok none")
    finally:
        guest.run("chown 0 /dev/vfio/[0-9]*")


# ---- a card of VFIO, behind an IOMMU, without huge pages ------------------------------------------------


@cell("VFIO: handshakes", has_iommu=True)
def vfio_handshakes(guest, check):
    handshakes(guest, check, PEER4, LOCAL4)


@cell("VFIO: bulk", has_iommu=True)
def vfio_bulk(guest, check):
    """Most of it is received. QEMU's cards of Intel's and VMware's send no frame of which a part lies on two pages that
    do not follow each other in the guest's memory, and an IOMMU lets them: both ways is for huge pages, below."""
    bulk(guest, check, PEER4, LOCAL4, send=100)


@cell("VFIO: two workers", has_iommu=True)
def vfio_two_workers(guest, check):
    two_workers_or_refused(guest, check, handshakes, PEER4, LOCAL4)


@cell("VFIO: serve, echo", has_iommu=True)
def vfio_serve(guest, check):
    with serving(guest, check, "--echo"):
        echoes(check)


@cell("VFIO: huge pages", has_iommu=True)
def vfio_huge_pages(guest, check):
    guest.run("echo 300 >/proc/sys/vm/nr_hugepages")
    try:
        run = bulk(guest, check, PEER4, LOCAL4)
        if run.result:
            check.equal("huge pages in use", run.result["host"]["hugepages"], True)
    finally:
        guest.run("echo 0 >/proc/sys/vm/nr_hugepages")


@cell("VFIO says: no driver", has_iommu=True)
def vfio_no_driver(guest, check):
    with bound_to(guest, None):
        says(guest, check, (guest.nic.address, "no driver", "dpdk-devbind.py -b vfio-pci"), *through(guest, LOCAL4))


@cell("VFIO says: not yours", has_iommu=True)
def vfio_unprivileged(guest, check):
    says(guest, check, ("/dev/vfio/", "root"), *through(guest, LOCAL4), user=NOBODY)


@cell("VFIO: not root", has_iommu=True)
def vfio_limits(guest, check):
    """Whoever owns the group runs without root, when he may lock enough; else the number is named."""
    guest.run("chown 65534 /dev/vfio/[0-9]*")
    try:
        says(guest, check, ("VFIO", "lock", "8 MiB", "ulimit -l"), *through(guest, LOCAL4), user=NOBODY,
             limits="ulimit -l 8192")
        run = guest.shakedown("check", url("tcp", PEER4, 80), *through(guest, LOCAL4), "--rate", str(RATE), user=NOBODY,
                              limits="ulimit -l unlimited")
        check.equal("exit status without a limit", run.status, 0)
    finally:
        guest.run("chown 0 /dev/vfio/[0-9]*")
