# SPDX-License-Identifier: BSD-3-Clause
"""A Linux peer behind a veth as it is, with all its offloads on: TCP's checksums are not filled in, and
frames are up to 64 KiB long. What one end sent the other has, byte for byte."""

import hashlib

import lab
import peers
import tls_peers
import transfers
from cases import case, check_all_closed, check_handshakes, check_payload, check_result, check_transfers
from cases import main, payload_head, shakedown
from lab import GEN, LOCAL4, LOCAL6, SERVER4, SERVER6

MB = 1_000_000
DEVICE = f"net_af_packet0,iface={GEN}"
TEN = ("--device", DEVICE, "--rate", "10", "--duration", "1s", "--drain", "20s")
ECHO = "127.0.0.1:7"
ADDRESSES = {4: (SERVER4, LOCAL4), 6: (f"[{SERVER6}]", LOCAL6)}


def wire(place):
    if lab.is_ordinary_user():
        raise lab.Skip("rings of long frames are more locked memory than an ordinary user may have")
    place.pair(offloads=True)
    place.record()


def check_left_to_a_nic(check, run, before):
    """Frames came as a NIC was to finish them, and none was lost for it."""
    check.that((run.total("checksum_partial") or 0) > 0, "no checksum was left out: the case shows nothing")
    for name in ("rx_cut_off", "bad_header", "bad_checksum"):
        check.equal(name, run.total(name), 0)
    kernel = lab.kernel_delta(before)
    for name in ("TcpInErrs", "TcpInCsumErrors"):
        check.equal(f"{name} at the server", kernel[name], 0)


def both_ways(place, check, version):
    wire(place)
    address, local = ADDRESSES[version]
    server = transfers.Server(place, f"{address}:80", send=2 * MB + 3)
    before = lab.kernel_counters()
    run = shakedown("run", f"tcp://{address}:80", *TEN, "--local", local, "--send", str(MB + 1),
                    "--receive", str(2 * MB + 3))
    seen = server.stop()
    check_payload(check, run, 10, MB + 1, 2 * MB + 3)
    check_transfers(check, seen, 10, 2 * MB + 3, MB + 1)
    check_left_to_a_nic(check, run, before)
    check.that(run.total("rx_bytes") > 1600 * run.total("rx_packets"),
               "no frame was longer than the MTU: the case shows nothing")


@case
def bulk_both_ways(place, check):
    both_ways(place, check, 4)


@case
def bulk_both_ways_ipv6(place, check):
    both_ways(place, check, 6)


def through_nginx(place, check, version):
    """Over TLS to nginx, in the clear to an echo behind it, and back."""
    wire(place)
    address, local = ADDRESSES[version]
    echo = transfers.Server(place, ECHO, echo=1)
    tls_peers.Nginx(place, {f"{address}:443": tls_peers.Authority().issue("server")}, to=ECHO)
    before = lab.kernel_counters()
    run = shakedown("run", f"tls://{address}:443", *TEN, "--local", local, "--send", str(MB),
                    "--receive", str(MB))
    check_handshakes(check, run, 10)
    for name in ("tls_tx_bytes", "tls_rx_bytes"):
        check.equal(name, run.total(name), 10 * MB)
    digest = hashlib.sha256(payload_head(MB)).hexdigest()
    for t in echo.stop():
        check.equal(f"connection {t['number']} at the echo", (t["ended"], t["received"], t["sent"]),
                    ("eof", MB, MB))
        check.that(t["received_sha256"] == digest, f"connection {t['number']}: other bytes than were sent")
    check_left_to_a_nic(check, run, before)


@case
def bulk_over_tls(place, check):
    through_nginx(place, check, 4)


@case
def bulk_over_tls_ipv6(place, check):
    through_nginx(place, check, 6)


@case
def handshakes(place, check):
    """Without payload frames are short, and so are the rings."""
    wire(place)
    peers.start_nginx(place, f"{SERVER4}:80")
    before = lab.kernel_counters()
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--rate", "500", "--duration", "1s",
                    "--local", LOCAL4)
    check_all_closed(check, run)
    check_left_to_a_nic(check, run, before)


@case
def long_frames_without_rings_for_them_are_told(place, check):
    """The user has chosen short ones: what breaks off is counted, and the summary says what to switch off."""
    wire(place)
    server = transfers.Server(place, f"{SERVER4}:80", send=MB)
    run = shakedown("run", f"tcp://{SERVER4}:80", "--device", f"{DEVICE},framesz=2048", "--rate", "2",
                    "--duration", "1s", "--drain", "5s", "--local", LOCAL4, "--receive", str(MB))
    server.stop()
    check_result(check, run, status=run.status)
    check.that((run.total("rx_cut_off") or 0) > 0, "nothing broke off")
    check.that("ethtool -K IFACE gso off tso off gro off" in run.out, "the summary does not say what helps")


lab.enter()
main()
