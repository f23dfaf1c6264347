# SPDX-License-Identifier: BSD-3-Clause
"""Connections that begin with a header of the PROXY protocol's, and what servers read in it."""

import os
import subprocess
import tempfile

import lab
import peers
import tls_peers
import transfers
from cases import case, check_all_closed, check_handshakes, check_transfers, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

USUAL = ("--device", DEVICE, "--local", LOCAL4)
BOTH = (*USUAL, "--local", LOCAL6)

PROXIED = """
daemon off;
worker_processes 1;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    log_format seen '$status $proxy_protocol_addr $proxy_protocol_port $remote_addr $remote_port';
    access_log {folder}/access.log seen;
    ssl_certificate {identity[0]};
    ssl_certificate_key {identity[1]};
    server {{
        listen {address}:80 proxy_protocol;
        listen {address}:443 ssl proxy_protocol;
        location / {{ return 200 "hello"; }}
    }}
}}
"""


def ask_with_each_header(check):
    """Both versions, in the clear and over TLS. @return requests that were answered, and connections."""
    n = connections = 0
    for scheme in ("http", "https"):
        for version in ("v1", "v2"):
            run = shakedown("run", f"{scheme}://{SERVER4}/", *USUAL, "--proxy-protocol", version, "-n", "40",
                            "--requests", "2", "--connections", "4", "--duration", "10s")
            check_all_closed(check, run)
            check.equal(f"{scheme}, {version}: answered", run.total("http_2xx"), 40)
            n += 40
            connections += run.total("attempted")
    return n, connections


@case
def a_header_before_all_else_names_the_connections_own_ends(place, check):
    place.pair()
    identity = tls_peers.Authority().issue("server")
    folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
    text = PROXIED.format(folder=folder, identity=identity, address=SERVER4)
    child = peers.run_nginx(place, folder, text, (f"{SERVER4}:80", f"{SERVER4}:443"))
    n, _ = ask_with_each_header(check)
    child.stop()
    with open(f"{folder}/access.log", encoding="utf-8") as file:
        lines = [line.split() for line in file]
    check.equal("lines of the log", len(lines), n)
    for line in lines:
        check.equal("the ends that the header names", line[1:3], line[3:5])


BALANCER = """
global
    log stdout format raw daemon
defaults
    mode http
    log global
    log-format "%ST %ci %cp"
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend front
    bind {address}:80 accept-proxy
    bind {address}:443 ssl crt {folder}/pem accept-proxy
    http-request return status 200 content-type text/plain string "hello"
"""


def start_balancer(place, folder):
    """HAProxy that takes no connection without the header, and logs whom it names."""
    lab.require("haproxy")
    with open(f"{folder}/pem", "wb") as pem:
        for part in tls_peers.Authority().issue("server"):
            with open(part, "rb") as file:
                pem.write(file.read())
    with open(f"{folder}/cfg", "w", encoding="utf-8") as file:
        file.write(BALANCER.format(folder=folder, address=SERVER4))
    with open(f"{folder}/log", "wb") as log:
        child = place.spawn(["haproxy", "-db", "-f", f"{folder}/cfg"], "server", stdout=log,
                            stderr=subprocess.DEVNULL)
    if not peers.listens_soon(child, (f"{SERVER4}:80", f"{SERVER4}:443")):
        raise RuntimeError("haproxy did not start")
    return child


@case
def a_balancer_takes_the_headers_word_for_whom_it_serves(place, check):
    place.pair()
    folder = tempfile.mkdtemp(prefix="haproxy-", dir="/run")
    child = start_balancer(place, folder)
    n, ends = ask_with_each_header(check)
    run = shakedown("run", f"http://{SERVER4}/", *USUAL, "--rate", "20", "--duration", "500ms")
    check.equal("answered without the header", run.total("responses"), 0)
    child.stop()
    with open(f"{folder}/log", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.startswith("200 ")]
    check.equal("lines of the log", len(lines), n)
    check.equal("addresses", {line[1] for line in lines}, {f"198.18.0.{i}" for i in range(10, 30)})
    seen = len({tuple(line[1:]) for line in lines})
    check.that(n / 2 <= seen <= ends, f"{seen} pairs of address and port for {ends} connections, some without a request")


# ---- without requests --------------------------------------------------------------------------------

STREAMS = """
load_module {module};
daemon off;
worker_processes 1;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
stream {{
    log_format seen '$protocol $proxy_protocol_addr $proxy_protocol_port $remote_addr $remote_port $ssl_protocol';
    access_log {folder}/access.log seen;
    ssl_certificate {identity[0]};
    ssl_certificate_key {identity[1]};
    server {{
        {listens}
        return "";
    }}
}}
"""


@case
def who_only_shakes_hands_says_who_it_is(place, check):
    """Over TCP and TLS, with both versions, to both addresses at once."""
    place.pair()
    if not os.path.exists(tls_peers.NGINX_STREAM):
        lab.skip("nginx has no module for streams: libnginx-mod-stream is not installed")
    folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
    hosts = (SERVER4, f"[{SERVER6}]")
    listens = " ".join(f"listen {host}:80 proxy_protocol; listen {host}:443 ssl proxy_protocol;" for host in hosts)
    text = STREAMS.format(module=tls_peers.NGINX_STREAM, folder=folder, listens=listens,
                          identity=tls_peers.Authority().issue("server"))
    child = peers.run_nginx(place, folder, text, [f"{host}:{port}" for host in hosts for port in (80, 443)])
    n = 0
    for version in ("v1", "v2"):
        for scheme, port, check_run in (("tcp", 80, lambda run: check_all_closed(check, run)),
                                        ("tls", 443, lambda run: check_handshakes(check, run, 20))):
            check_run(shakedown("run", *(f"{scheme}://{host}:{port}" for host in hosts), *BOTH, "--proxy-protocol",
                                version, "--rate", "40", "--duration", "500ms"))
            n += 20
    child.stop()
    with open(f"{folder}/access.log", encoding="utf-8") as file:
        lines = [line.split() for line in file]
    check.equal("lines of the log", len(lines), n)
    check.equal("of them over IPv6", sum(":" in line[1] for line in lines), n // 2)
    check.equal("of them over TLS", sum(line[5] != "-" for line in lines), n // 2)
    for line in lines:
        check.equal("the ends that the header names", line[1:3], line[3:5])


THROUGH = """
defaults
    mode tcp
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend front
    bind {address}:80 accept-proxy
    bind [{address6}]:80 accept-proxy
    default_backend back
backend back
    server sink 127.0.0.1:9000
"""


@case
def payload_follows_the_header_from_its_first_byte(place, check):
    """Behind a balancer that takes the header off, there are the bytes that a connection without one has."""
    place.pair()
    lab.require("haproxy")
    folder = tempfile.mkdtemp(prefix="haproxy-", dir="/run")
    with open(f"{folder}/cfg", "w", encoding="utf-8") as file:
        file.write(THROUGH.format(address=SERVER4, address6=SERVER6))
    sink = transfers.Server(place, "127.0.0.1:9000", send=7000)
    child = place.spawn(["haproxy", "-db", "-f", f"{folder}/cfg"], "server", stderr=subprocess.DEVNULL)
    peers.listens_soon(child, (f"{SERVER4}:80",))
    for host, version in ((SERVER4, "v1"), (f"[{SERVER6}]", "v2")):
        run = shakedown("run", f"tcp://{host}:80", *BOTH, "--proxy-protocol", version, "--send", "50000",
                        "--receive", "7000", "--rate", "10", "--duration", "500ms")
        check_all_closed(check, run)
        check.equal(f"{version}: transfers", run.result["latency"]["transfer"]["count"], 5)
    check_transfers(check, sink.stop(), 10, 7000, 50000)


lab.enter()
main()
