# SPDX-License-Identifier: BSD-3-Clause
"""The figures of HTTP, beside other clients: wrk and h2load have the same server, in turns, from the same CPU. What a
client costs is what its CPU did, the kernel's part included: for shakedown the busy time of its core."""

import os
import re
import resource
import subprocess

import http_peers
import lab
import tls_peers
from figures import MILLION, figure, missing, share
from program import HugePages, MemifPair, Refused, goodput, whole_seconds
from table import Row

CLIENT_CPU, SERVER_CPU = "0", "1"
SECONDS = 4
CONNECTIONS = 64
NGINX_LIMIT = 1_000_000_000


def on_cpu(cpu):
    return ("taskset", "-c", cpu)


def requests_a_second(result):
    """The median of the whole seconds."""
    rates = sorted(interval["responses"] / length for interval, length in whole_seconds(result))
    return rates[len(rates) // 2] if rates else result["rates"]["rps"]


def busy_us(result):
    """Of the generating core, for each response."""
    core = result["cores"][0]
    return core["busy_ns"] / 1000 / max(1, core["responses"])


def client_seconds():
    """What programs that have ended used so far, and the interrupts of the client's CPU, where the kernel works for
    them. Nothing of others who share that CPU."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open("/proc/stat", encoding="ascii") as file:
        row = next(line.split() for line in file if line.startswith(f"cpu{CLIENT_CPU} "))
    irq, softirq = int(row[6]), int(row[7])
    return used.ru_utime + used.ru_stime + (irq + softirq) / os.sysconf("SC_CLK_TCK")


class OtherClient:
    """wrk or h2load, run once from the client's CPU: requests, requests a second, microseconds of that CPU each."""

    def __init__(self, *command, requests, rate):
        before = client_seconds()
        text = subprocess.run([*on_cpu(CLIENT_CPU), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=True, timeout=60).stdout
        used = client_seconds() - before
        self.requests = int(re.search(requests, text).group(1))
        self.rate = float(re.search(rate, text).group(1))
        self.us = 1e6 * used / self.requests


def wrk(url):
    return OtherClient("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url,
                       requests=r"(\d+) requests in", rate=r"Requests/sec:\s*([\d.]+)")


def h2load(url, streams):
    return OtherClient("h2load", "-t1", f"-c{CONNECTIONS}", f"-m{streams}", f"-D{SECONDS}", url,
                       requests=r"(\d+) succeeded", rate=r"finished in [\d.]+\w*, ([\d.]+) req/s")


class KernelsAddress:
    """The generator's end of the wire, lent to the kernel for a client that uses its sockets."""

    ADDRESS = "198.18.0.9/15"

    def __enter__(self):
        lab.quiet(["ip", "addr", "add", self.ADDRESS, "dev", lab.GEN])

    def __exit__(self, *_):
        lab.quiet(["ip", "addr", "del", self.ADDRESS, "dev", lab.GEN])


def over_the_veth(build, url, *args):
    return build.run(url, "--device", lab.DEVICE, "--local", lab.LOCAL4, "--connections", str(CONNECTIONS),
                     "--duration", f"{SECONDS}s", *args, prefix=on_cpu(CLIENT_CPU))


def pin(child, cpu):
    """All processes of @child, a server that has started its workers."""
    pids = [child.process.pid, *subprocess.run(["pgrep", "-P", str(child.process.pid)], stdout=subprocess.PIPE,
                                               text=True, check=False).stdout.split()]
    for pid in pids:
        subprocess.run(["taskset", "-acp", cpu, str(pid)], stdout=subprocess.DEVNULL, check=True)


# -- one request a connection, kept connections, bulk: shakedown at both ends --------------------------


@figure(Row("rate", "HTTP/1.1, a GET of 100 bytes on each connection", "M/s"),
        Row("share", "  as a share of a byte each way", "%", least=60))
def http_close(build):
    """One request a connection, which is then closed by FIN, over loopback; and a byte each way in the same turn."""
    byte = build.rate("--duration", "4s", "--send", "1", "--receive", "1")
    rate = build.rate("http://198.19.0.1/100", "--requests", "1", "--duration", "4s")
    return {"rate": rate, "share": share(rate, byte)}


@figure(Row("rate", "HTTP/1.1 over memif, 1,000 kept connections", "M/s"),
        Row("us", "  busy time for each request, generating core", "us"))
def http_kept(build):
    """Answers of 100 bytes from `serve --http` in another process."""
    with HugePages(512), MemifPair(build, ("--http",)) as pair:
        result = build.run(f"http://{pair.ADDRESS}/100", *pair.device, "--local", "198.18.1.0-198.18.16.255/15",
                           "--connections", "1000", "--duration", "6s")
    return {"rate": requests_a_second(result) / MILLION, "us": busy_us(result)}


@figure(Row("plain", "GET /64k over kept connections", "Gbit/s"),
        Row("plain share", "  as a share of --receive in the same turn", "%", least=75),
        Row("tls", "  over TLS, AES-128-GCM", "Gbit/s"),
        Row("tls share", "  as a share of the cipher alone", "%", least=60))
def http_bulk(build):
    """Bodies of 64 KiB over loopback, checksums in software; and the cipher by `openssl speed`, records of 16 KiB."""
    bulk = goodput(build.run("--duration", "4s", "--connections", "16", "--receive", "10M"))
    plain = goodput(build.run("http://198.19.0.1/64k", "--duration", "4s", "--connections", "16"))
    over_tls = goodput(build.run("https://198.19.0.1/64k", "--duration", "4s", "--connections", "16",
                                 "--ciphersuites", "TLS_AES_128_GCM_SHA256"))
    cipher = min(cipher_speed(CLIENT_CPU), cipher_speed(SERVER_CPU))
    return {"plain": plain, "plain share": share(plain, bulk), "plain share note": f"{bulk:.1f} Gbit/s",
            "tls": over_tls, "tls share": share(over_tls, cipher), "tls share note": f"{cipher:.1f} Gbit/s"}


def cipher_speed(cpu):
    """AES-128-GCM on @cpu in Gbit/s."""
    text = subprocess.run([*on_cpu(cpu), "openssl", "speed", "-seconds", "1", "-bytes", "16384", "-evp",
                           "aes-128-gcm"], capture_output=True, text=True, check=True, timeout=30).stdout
    return 8e-6 * float(re.search(r"([\d.]+)k\s*$", text).group(1))


# -- a real server, and what other clients do with it --------------------------------------------------


@figure(Row("rate", "HTTP/1.1 from nginx on one CPU, 64 kept connections", "k/s"),
        Row("wrk", "  wrk -t1 in the same turn", "k/s"),
        Row("ratio", "  ratio", "", least=1),
        Row("busy", "  the generating core is busy", "%", most=70),
        Row("us", "  CPU time of the client for each request", "us"),
        Row("wrk us", "  wrk's, the kernel's part included", "us"),
        Row("us ratio", "  ratio", "", most=0.5),
        Row("memif us", "  shakedown's over memif", "us"),
        Row("memif ratio", "  as a share of wrk's", "", most=0.05))
def http_nginx(build):
    """shakedown on a CPU and nginx on the other, over a veth; then wrk in its place."""
    if not lab.is_inside():
        return missing("http_nginx", "no network namespaces here")
    lab.require("wrk")
    with lab.Lab() as place:
        place.pair(steered=False)
        nginx = http_peers.Nginx(place, f"{lab.SERVER4}:80", limit=NGINX_LIMIT)
        pin(nginx.child, SERVER_CPU)
        url = f"http://{lab.SERVER4}/hundred"
        result = over_the_veth(build, url)
        with KernelsAddress():
            other = wrk(url)
    kept = http_kept(build)
    rate = requests_a_second(result)
    us = busy_us(result)
    return {"rate": rate / 1000, "wrk": other.rate / 1000, "ratio": rate / other.rate,
            "busy": 100 * result["cores"][0]["busy"], "us": us, "wrk us": other.us, "us ratio": us / other.us,
            "memif us": kept["us"], "memif ratio": kept["us"] / other.us}


@figure(Row("rate", "HTTP/2 over TLS from nghttpd, 10 streams", "k/s"),
        Row("h2load", "  h2load -t1 -m10 in the same turn", "k/s"),
        Row("ratio", "  ratio", "", least=1),
        Row("us", "  CPU time of the client for each request", "us"),
        Row("h2load us", "  h2load's, the kernel's part included", "us"),
        Row("us ratio", "  ratio", "", most=0.5))
def http2_nghttpd(build):
    """shakedown on a CPU and nghttpd -n1 on the other, over a veth; then h2load in its place."""
    if not lab.is_inside():
        return missing("http2_nghttpd", "no network namespaces here")
    lab.require("h2load")
    with lab.Lab() as place:
        place.pair(steered=False)
        child = http_peers.start_nghttpd(place, f"{lab.SERVER4}:443", tls_peers.Authority().issue("server"))
        pin(child, SERVER_CPU)
        result = over_the_veth(build, f"h2://{lab.SERVER4}/hundred", "--streams", "10")
        with KernelsAddress():
            other = h2load(f"https://{lab.SERVER4}/hundred", 10)
    rate, us = requests_a_second(result), busy_us(result)
    return {"rate": rate / 1000, "h2load": other.rate / 1000, "ratio": rate / other.rate, "us": us,
            "h2load us": other.us, "us ratio": us / other.us}


# -- memory --------------------------------------------------------------------------------------------

MEMORY = {"http": ("HTTP/1.1", "http://198.19.0.1/100"), "https": ("HTTP/1.1 over TLS", "https://198.19.0.1/100"),
          "h2c": ("HTTP/2", "h2c://198.19.0.1/100"), "h2": ("HTTP/2 over TLS", "h2://198.19.0.1/100")}


@figure(*(Row(key, f"memory of a kept connection, {name}", "B", **({"most": 2 * 512} if key == "http" else {}),
              note="both ends; resident memory of 8,000 less that of 1,000")
          for key, (name, _) in MEMORY.items()), is_once=True)
def http_memory(build):
    """Both ends of connections that had one request and are kept: what more of them add to the process."""
    return {key: (resident(build, url, 8_000) - resident(build, url, 1_000)) / 7_000
            for key, (_, url) in MEMORY.items()}


def resident(build, url, connections):
    result = build.run(url, "--connections", str(connections), "--requests", "1", "--hold", "1h", "--duration", "8s",
                       "--stop", "drain")
    opened = max(interval["open"] for interval in result["intervals"])
    if opened != connections:
        raise Refused(f"{opened} connections were open, not {connections}")
    return result["vm_hwm_bytes"]
