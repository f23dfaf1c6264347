# SPDX-License-Identifier: BSD-3-Clause
"""The figures of the whole program. Each measures one turn with one build and returns the values of its
rows by key; what is compared is measured in the same turn. "KEY note" explains the value of KEY."""

import os
import re
import shutil
import signal
import statistics
import subprocess

import lab
import peers
from program import (MILLION, HugePages, MemifPair, MemoryLimit, Refused, goodput, sent_again, steady_rate,
                     whole_seconds)
from table import Missing, Row

FIGURES = {}

V6 = ("tcp://[2001:2::1]:80", "--local", "2001:2::1:0-2001:2::1:fff/48")
RECORDS = {"1k": "1 k", "100k": "100 k", "1M": "1 M", "16M": "16 M"}


class Figure:
    def __init__(self, measure, rows, is_once):
        self.measure, self.rows, self.is_once = measure, rows, is_once
        self.about = (measure.__doc__ or "").split("\n\n", maxsplit=1)[0]


def figure(*rows, is_once=False):
    """A figure with these rows; @is_once: it takes long, and one turn has to do."""
    def add(measure):
        FIGURES[measure.__name__] = Figure(measure, rows, is_once)
        return measure
    return add


def share(value, whole):
    return 100 * value / whole


def missing(name, why):
    """In place of the values of figure @name."""
    return {row.key: Missing(why) for row in FIGURES[name].rows}


# -- connections a second ----------------------------------------------------------------------------


@figure(Row("fin", "handshakes with full FIN close, a core a side", "M/s", least=4),
        Row("apart", "  ACK and FIN sent apart (--piggyback no)", "M/s"),
        Row("csum", "  the device does the checksums", "M/s", least=5.5),
        Row("rst", "  closed by RST", "M/s", least=5))
def closes(build):
    """Closed loop over loopback, by the way in which connections end."""
    values = {"fin": build.rate("--duration", "4s"),
              "apart": build.rate("--duration", "4s", "--piggyback", "no"),
              "rst": build.rate("--duration", "4s", "--close", "rst")}
    try:
        values["csum"] = build.rate("--duration", "4s", "--device", "loopback,csum=yes")
    except Refused:
        values["csum"] = Missing("this build has no such device")
    return values


@figure(Row("held", "1 M connections held open", "M/s"),
        Row("share", "  as a share of the same packets, none held", "%", least=80))
def hold(build):
    """What connections that are held cost the others."""
    apart = build.rate("--duration", "4s", "--piggyback", "no")
    rate, opened = with_a_million_open(build, apart * MILLION)
    return {"held": rate / MILLION, "held note": f"{opened:.0f} open", "share": share(rate / MILLION, apart)}


def with_a_million_open(build, base):
    """open = rate x hold, so the hold that fills the bound depends on the rate: begin with nine tenths
    of @base, and when that leaves the bound unfilled, take the rate it gave. @return rate, open"""
    rate = 0.9 * base
    for _ in range(3):
        hold_us = int(MILLION / rate * 1e6)
        result = build.run("--duration", "6s", "--connections", "1M", "--hold", f"{hold_us}us")
        rate = steady_rate(result, 2)
        opened = statistics.median(i["open"] for i, _ in whole_seconds(result, 2))
        if opened >= 0.98 * MILLION:
            break
    return rate, opened


@figure(Row("1k", "1 k records in play", "M/s"),
        *(Row(n, f"  {name}", "M/s") for n, name in RECORDS.items() if n != "1k"),
        Row("100k share", "  100 k, as a share of 1 k", "%"),
        Row("1M share", "  1 M", "%", least=85),
        Row("16M share", "  16 M", "%", least=75))
def records(build):
    """Closed loop; a record that was used rests until all others had their turn."""
    values = {n: build.rate("--duration", "12s" if n == "16M" else "6s", "--connections", n,
                            skip=8 if n == "16M" else 2)
              for n in RECORDS}  # those not counted touch every page once
    return values | {f"{n} share": share(values[n], values["1k"]) for n in RECORDS}


@figure(Row("v6", "IPv6", "M/s"),
        Row("share", "  as a share of IPv4", "%", least=90))
def ipv6(build):
    """Handshakes with full FIN close over loopback, by family."""
    v4 = build.rate("--duration", "4s")
    v6 = build.rate(*V6, "--duration", "4s")
    return {"v6": v6, "share": share(v6, v4)}


@figure(Row("two", "2 workers a side", "M/s"),
        Row("share", "  as a share of 1 a side", "%", least=85))
def workers(build):
    """--lcores 2: four workers, which share the CPUs there are."""
    one = build.rate("--duration", "4s")
    two = build.rate("--duration", "4s", "--lcores", "2")
    return {"two": two, "share": share(two, one)}


@figure(Row("limit", "two processes over memif, a byte each way", "M/s", least=2.5),
        Row("failed", "  failed", "", most=0),
        Row("again", "  sent again", "%", most=0.1),
        Row("short", "  without timestamps (--timestamps no)", "M/s", least=2.5),
        Row("twice", "  asked for twice as much, share of that rate", "%", least=95),
        Row("twice failed", "    failed", "", most=0),
        Row("twice again", "    sent again", "%", most=0.1))
def memif(build):
    """A core a process, closed loop for 10 s; then an open loop at twice the rate that gave."""
    with HugePages(512), MemifPair(build) as pair:
        limit = pair.run("--duration", "10s")
        short = pair.run("--duration", "10s", "--timestamps", "no")
        twice = pair.run("--duration", "10s", "--rate", f"{int(2 * steady_rate(limit))}")
    return {"limit": steady_rate(limit) / MILLION,
            "limit note": "huge pages" if limit["host"]["hugepages"] else "no huge pages",
            "short": steady_rate(short) / MILLION,
            "failed": limit["totals"]["failed"], "again": sent_again(limit),
            "twice": share(steady_rate(twice), steady_rate(limit)),
            "twice failed": twice["totals"]["failed"], "twice again": sent_again(twice)}


# -- cycles and memory -------------------------------------------------------------------------------

PHASES = ("parse", "look up", "tcp and emit", "timers", "start", "send")


@figure(Row("run", "busy TSC cycles a connection, generating core", "cycles"),
        Row("pair", "both engines without a port, on one core", "cycles"),
        *(Row(phase, f"  generating side: {phase}", "cycles") for phase in PHASES),
        Row("instructions", "  instructions by the machine's counter, both sides"),
        Row("hardware cycles", "  cycles by the machine's counter, both sides", "cycles"))
def cycles(build):
    """Busy time of the core that generates, and where it goes (bench_pair's best batch)."""
    text = bench_pair(build)
    if text is None:
        return missing("cycles", "tests/bench/bench_pair is not built")
    hz = float(re.search(r"TSC (\d+) Hz", text).group(1))
    core = build.run("--duration", "4s")["cores"][0]
    values = {"run": core["busy_ns"] * hz / 1e9 / max(1, core["established"]),
              "pair": int(re.search(r"(\d+) TSC cycles a connection", text).group(1))}
    for phase in PHASES:
        found = re.search(rf"generating side.*\b{phase} ([\d.]+)", text)
        values[phase] = float(found.group(1)) if found else Missing("-")
    for key, name in (("instructions", "instructions"), ("hardware cycles", "cycles")):
        found = re.search(rf"both sides, a connection:.*\b{name} (\d+)", text)
        values[key] = int(found.group(1)) if found else Missing("this machine has no counters")
    return values


def bench_pair(build):
    program = build.tool("bench_pair")
    if program is None:
        return None
    text = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout
    return text if "TSC" in text and " Hz" in text else None


@figure(Row("plain", "instructions a connection, both engines", ""),
        Row("byte", "  with one byte each way", ""),
        Row("http", "  with a GET, and an answer of 100 bytes", ""), is_once=True)
def instructions(build):
    """Counted by valgrind in bench_pair: the same on any machine, however busy."""
    program = build.tool("bench_pair")
    if program is None or shutil.which("valgrind") is None:
        return missing("instructions", "bench_pair or valgrind is missing")
    return {"plain": instructions_of(program, "0"), "byte": instructions_of(program, "1"),
            "http": instructions_of(program, "http")}


def instructions_of(program, payload):
    """What two batches more cost, so that set-up and warm-up cancel."""
    counted = []
    for batches in ("5", "7"):
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "1024",
                               batches, payload], capture_output=True, text=True, check=True, timeout=600)
        counted.append((int(re.search(r"Collected : (\d+)", done.stderr).group(1)),
                        int(re.search(r"(\d+) connections\)", done.stdout).group(1))))
    (few, few_connections), (more, more_connections) = counted
    return round((more - few) / (more_connections - few_connections))


@figure(Row("open", "connections open at once", "M", least=10),
        Row("client", "  memory of one, generating side", "B", most=64),
        Row("server", "  memory of one, responding side", "B", most=128),
        Row("resident", "  resident memory of the process / 10 M", "B",
            note="both sides, packets and EAL included"), is_once=True)
def ten_million(build):
    """Ten million, held."""
    result = build.run("--duration", "20s", "--connections", "10M", "--hold", "60s")
    reached_s = next((i["t_s"] for i in result["intervals"] if i["open"] >= 10 * MILLION), None)
    failed = result["totals"]["failed"]
    return {"open": max(i["open"] for i in result["intervals"]) / MILLION,
            "open note": f"after {reached_s:.0f} s; {failed} failed" if reached_s else "not reached",
            "client": result["memory"]["client_bytes_per_connection"],
            "server": result["memory"]["server_bytes_per_connection"],
            "resident": result["vm_hwm_bytes"] / (10 * MILLION)}


# A record on either side, keys and heads of the server's table, page tables, and a twentieth.
MEGABYTES_FOR = {100: 20 << 10, 10: 3 << 10}


def held_and_closed(build, millions, load_s):
    """So many million, opened as fast as it goes, held to the end of @load_s and then closed in order: most open at
    once, seconds until they were, failed, open at the end, seconds to close them, resident bytes."""
    with MemoryLimit(MEGABYTES_FOR[millions]) as limit:
        result = build.run("--connections", f"{millions}M", "--duration", f"{load_s}s", "--hold", "1h",
                           "--stop", "drain", "--drain", "120s", prefix=limit.prefix, patience_s=load_s + 240)
    most = max(i["open"] for i in result["intervals"])
    opened_s = next((i["t_s"] for i in result["intervals"] if i["open"] >= millions * MILLION), None)
    ended_s = result["intervals"][-1]["t_s"]
    totals = result["totals"]
    return most, opened_s, totals["failed"], totals["open"], ended_s - load_s, result["vm_hwm_bytes"]


@figure(Row("open", "connections open at once, under a limit of 20 GiB", "M", least=100),
        Row("failed", "  of these failed, or still open at the end", "", most=0),
        Row("closed", "  time to close them all in order", "s", most=60),
        Row("resident", "  resident memory of the process / 100 M", "B", note="both sides, EAL included"),
        is_once=True)
def hundred_million(build):
    """A hundred million, held and then closed; takes five minutes, 20 GiB, and a machine that does nothing else."""
    most, opened_s, failed, left, close_s, resident = held_and_closed(build, 100, 150)
    return {"open": most / MILLION, "open note": f"after {opened_s:.0f} s" if opened_s else "not reached",
            "failed": failed + left, "closed": close_s, "resident": resident / (100 * MILLION)}


# -- TLS ---------------------------------------------------------------------------------------------

# By key: the case of bench_tls, what shakedown is told for the same, and the least share of the limit.
TLS = {"full13": ("1.3 full, P-256", 90, ("--tls-versions", "1.3", "--self-signed", "p256")),
       "resumed13": ("1.3 resumed and ticket, X25519", 85, ("--tls-versions", "1.3", "--resume", "always")),
       "full12": ("1.2 full, RSA-2048", 90, ("--tls-versions", "1.2", "--self-signed", "rsa2048")),
       "resumed12": ("1.2 resumed", 90, ("--tls-versions", "1.2", "--self-signed", "rsa2048", "--resume", "always"))}
TLS_ALL = ("tls://198.19.0.1", "--duration", "4s", "--connections", "32", "--groups", "X25519",
           "--ciphersuites", "TLS_AES_128_GCM_SHA256",
           "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256")


@figure(*(row for key, (name, least, _) in TLS.items()
          for row in (Row(key, f"TLS {name}, handshakes a busy second", "k/s"),
                      Row(f"{key} us", "  busy time for each", "us", **({"most": 320} if key == "full13" else {})),
                      Row(f"{key} limit", "  OpenSSL alone, client's side (bench_tls)", "k/s"),
                      Row(f"{key} share", "  share of that", "%", least=least))),
        Row("missed", "frames the ports missed", "", most=0))
def tls(build):
    """Handshakes over loopback, for each second that the generating core was busy; and OpenSSL's limit."""
    values = {"missed": 0}
    for key, (name, _, args) in TLS.items():
        limit_us = bench_tls(build, name)
        result = build.run(*TLS_ALL, *args)
        core = result["cores"][0]
        us = core["busy_ns"] / 1000 / max(1, core["tls_handshakes"])
        values[key], values[f"{key} us"] = 1000 / us, us
        values[f"{key} note"] = f"{result['rates']['tls_hps']:.0f}/s; busy {core['busy']:.0%}"
        values[f"{key} limit"] = 1000 / limit_us if limit_us else Missing("tests/bench/bench_tls is not built")
        values[f"{key} share"] = share(limit_us, us) if limit_us else Missing("-")
        values["missed"] += sum(c["rx_missed"] for c in result["cores"])
    return values


def bench_tls(build, name):
    """Microseconds of the client's side, used as shakedown does; the responder's CPU is as busy as it is then, for
    two CPUs of a machine may be threads of one core."""
    program = build.tool("bench_tls")
    if program is None:
        return None
    with subprocess.Popen(["taskset", "-c", "1", program, name, "10000"], stdout=subprocess.DEVNULL,
                          start_new_session=True) as other:
        text = subprocess.run(["taskset", "-c", "0", program, name, "100"], stdout=subprocess.PIPE, text=True,
                              check=True, timeout=300).stdout
        os.killpg(other.pid, signal.SIGKILL)
    return float(re.search(r"^\s*both\s+([\d.]+)", text, re.MULTILINE).group(1))


# -- pace, payload, a real server ----------------------------------------------------------------------


@figure(Row("deviation", "--rate 100k, worst whole second off by", "%", most=0.1),
        Row("lateness", "  lateness of starts, p99", "us", most=100))
def steady_pace(build):
    """An open loop far below the limit."""
    result = build.run("--duration", "10s", "--rate", "100k")
    return {"deviation": max(abs(i["attempted"] / length - 100_000) / 1000
                             for i, length in whole_seconds(result, 0)),
            "lateness": result["latency"]["lateness"]["p99_us"]}


@figure(Row("sent", "bulk transfer, --send 10M, 16 connections", "Gbit/s", least=20),
        Row("received", "  --receive 10M", "Gbit/s", least=20),
        Row("copied", "  --send 10M --offload no", "Gbit/s", note="payload is copied"),
        Row("again", "  sent again, the worst of the three", "%"),
        Row("memory", "  memory for payload, of a connection that has any", "B", most=256,
            note="buffers apart"))
def bulk(build):
    """Payload over loopback, checksums in software, a core a side, segments of 1448 bytes."""
    values, worst = {}, 0
    for key, args in (("sent", ["--send", "10M"]), ("received", ["--receive", "10M"]),
                      ("copied", ["--send", "10M", "--offload", "no"])):
        result = build.run("--duration", "4s", "--connections", "16", *args)
        values[key] = goodput(result)
        worst = max(worst, sent_again(result))
    return values | {"again": worst, "memory": result["memory"]["payload_bytes_per_connection"]}


@figure(Row("rate", "connections with one byte each way", "M/s"))
def small_exchanges(build):
    """A request and an answer of one byte on each connection, over loopback."""
    return {"rate": build.rate("--duration", "4s", "--send", "1", "--receive", "1")}


@figure(Row("established", "nginx over af_packet and veth, --rate 10k", "", least=100_000),
        Row("failed", "  failed", "", most=0),
        Row("difference", "  difference to the server's count", "", most=0))
def nginx(build):
    """A real server on the same machine: ten seconds, nothing lost."""
    if not lab.is_inside():
        return missing("nginx", "no network namespaces here")
    with lab.Lab() as place:
        place.pair()
        peers.start_nginx(place, f"{lab.SERVER4}:80")
        before = lab.kernel_counters()
        totals = build.run(f"tcp://{lab.SERVER4}:80", "--device", lab.DEVICE, "--local", lab.LOCAL4,
                           "--rate", "10k", "--duration", "10s")["totals"]
        opens = lab.kernel_delta(before)["TcpPassiveOpens"]
    return {"established": totals["established"], "failed": totals["failed"],
            "difference": abs(opens - totals["established"])}
