# SPDX-License-Identifier: BSD-3-Clause
"""Servers that HTTP runs are tried against: nginx, what it answers, and its log, which has to agree with what was
counted; and nghttpd."""

import collections
import os
import signal
import subprocess
import tempfile

import lab
import peers

CONFIGURATION = """
daemon off;
worker_processes 1;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; multi_accept on; }}
http {{
    log_format seen '$status $body_bytes_sent $request_method $connection_requests $server_protocol';
    access_log {folder}/access.log seen;
    {certificate}
    server {{
        {listens}
        root {folder};
        keepalive_requests {limit};
        {streams}
        client_max_body_size 1k;
        location = /hundred {{ return 200 "{hundred}"; }}
        location = /moved {{ return 302 /hundred; }}
        location = /none {{ return 204; }}
    }}
}}
"""
FILE_BYTES = 200000


class Nginx:
    """nginx that answers /hundred (100 bytes), /file (200,000), /moved, /none, and 404; and its log. With @streams, so
    many at once on a connection, it speaks HTTP/2."""

    def __init__(self, place, *binds, limit=1000, streams=None, identity=None):
        self.folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
        os.chmod(self.folder, 0o755)
        with open(f"{self.folder}/file", "wb") as file:
            file.write(b"f" * FILE_BYTES)
        words = (" ssl" if identity else "") + (" http2" if streams else "")
        certificate = f"ssl_certificate {identity[0]}; ssl_certificate_key {identity[1]};" if identity else ""
        text = CONFIGURATION.format(
            folder=self.folder, limit=limit, hundred="h" * 100, certificate=certificate,
            streams=f"http2_max_concurrent_streams {streams};" if streams else "",
            listens=" ".join(f"listen {bind}{words} backlog=65535;" for bind in binds))
        self.child = peers.run_nginx(place, self.folder, text, binds)

    def reload(self):
        self.child.process.send_signal(signal.SIGHUP)

    def log(self):
        """Of all requests: status, bytes of the body, method, which request of its connection it was, version."""
        self.child.stop()  # it writes each line at once, but the last request may still be under way
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            return [line.split() for line in file]


def start_nghttpd(place, bind, identity=None):
    """nghttpd with one thread, which answers /hundred and /file as Nginx does; over TLS with an @identity."""
    lab.require("nghttpd")
    host, port = peers.endpoint(bind)
    folder = tempfile.mkdtemp(prefix="nghttpd-", dir="/run")
    with open(f"{folder}/hundred", "wb") as file:
        file.write(b"h" * 100)
    with open(f"{folder}/file", "wb") as file:
        file.write(b"f" * FILE_BYTES)
    keys = [identity[1], identity[0]] if identity else ["--no-tls"]
    child = place.spawn(["nghttpd", "-a", host, "-d", folder, "-n1", str(port), *keys], "server",
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not peers.listens_soon(child, [bind]):
        raise RuntimeError("nghttpd did not start")
    return child


def check_log(check, run, nginx, body_bytes=None):
    """What was counted here is what the server logged: requests, statuses, and bytes of bodies."""
    log = nginx.log()
    statuses = collections.Counter(f"http_{line[0][0]}xx" for line in log)
    check.equal("requests", run.total("requests"), len(log))
    check.equal("responses", run.total("responses"), len(log))
    for name in ("http_2xx", "http_3xx", "http_4xx", "http_5xx"):
        check.equal(name, run.total(name) or 0, statuses[name])
    if body_bytes is None:
        body_bytes = sum(int(line[1]) for line in log)
    check.equal("http_body_bytes", run.total("http_body_bytes") or 0, body_bytes)
    check.that(len(log) > 0, "nothing was asked")
    return log
