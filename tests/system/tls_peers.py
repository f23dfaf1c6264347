# SPDX-License-Identifier: BSD-3-Clause
"""The other end of the tests of TLS: certificates made for the occasion, nginx, openssl and GnuTLS as
servers, openssl, curl and GnuTLS as clients, and what each of them says it saw."""

import fcntl
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import threading

import lab
import peers

CLIENT_PATIENCE_S = 20  # a client that takes longer hangs

# OpenSSL's names of TLS 1.2's ciphers, and those of IANA, which shakedown uses.
STANDARD_CIPHERS = {
    "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
}


def standard_cipher(name):
    return STANDARD_CIPHERS.get(name, name)


def openssl_release():
    """(3, 5) for OpenSSL 3.5.9: of the release that both ends here have."""
    lab.require("openssl")
    version = lab.quiet(["openssl", "version"]).split()[1]
    return tuple(int(number) for number in version.split(".")[:2])


def preferred_group(version="1.3"):
    """On which both ends agree when nobody says a word about groups: 3.5 begins with a hybrid of TLS 1.3."""
    return "X25519MLKEM768" if version == "1.3" and openssl_release() >= (3, 5) else "x25519"


# ---- certificates ----------------------------------------------------------------------------------

KEYS = {
    "rsa2048": ["-newkey", "rsa:2048"],
    "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
}

AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/{name}.index
new_certs_dir = {folder}
certificate = {folder}/{name}.pem
private_key = {folder}/{name}.key
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
unique_subject = no
[any]
commonName = supplied
[leaf]
subjectAltName = {names}
"""

VALID = ("20200101000000Z", "20991231000000Z")
EXPIRED = ("20200101000000Z", "20200201000000Z")


class Authority:
    """A CA in a folder of its own. Only `openssl ca` of 3.0 lets one say when a certificate ends."""

    def __init__(self, name="ca"):
        lab.require("openssl")
        self.folder = tempfile.mkdtemp(prefix=f"{name}-", dir="/run" if lab.is_inside() else None)
        self.name = name
        self.pem = f"{self.folder}/{name}.pem"
        lab.quiet(["openssl", "req", "-x509", *KEYS["p256"], "-nodes", "-subj", f"/CN=shakedown {name}",
                   "-days", "30", "-keyout", f"{self.folder}/{name}.key", "-out", self.pem])

    def issue(self, name, kind="p256", names="DNS:server.example", valid=VALID):
        """A certificate of a key of @kind for @names. @return the files of both, certificate first."""
        stem = f"{self.folder}/{name}"
        with open(f"{self.folder}/ca.cnf", "w", encoding="ascii") as file:
            file.write(AUTHORITY.format(folder=self.folder, name=self.name, names=names))
        with open(f"{self.folder}/{self.name}.index", "a", encoding="ascii"):
            pass
        lab.quiet(["openssl", "req", "-new", *KEYS[kind], "-nodes", "-subj", f"/CN={name}", "-keyout",
                   f"{stem}.key", "-out", f"{stem}.csr"])
        lab.quiet(["openssl", "ca", "-batch", "-notext", "-config",
                   f"{self.folder}/ca.cnf", "-startdate", valid[0], "-enddate", valid[1], "-in",
                   f"{stem}.csr", "-out", f"{stem}.pem"])
        return f"{stem}.pem", f"{stem}.key"


# ---- servers ---------------------------------------------------------------------------------------

NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"

# A connection goes on to the second server, which waits for bytes that nobody sends: so the front one
# closes when its client has, and logs what it was.
NGINX_TLS = """
{load}
daemon off;
master_process off;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; multi_accept on; }}
stream {{
    log_format seen escape=json '{{"version": "$ssl_protocol", "cipher": "$ssl_cipher", '
        '"group": "{group}", "reused": "$ssl_session_reused", "sni": "$ssl_server_name", '
        '"alpn": "$ssl_alpn_protocol", "client": "$ssl_client_verify", "dn": "$ssl_client_s_dn", "status": $status, '
        '"received": $bytes_received, "sent": $bytes_sent}}';
    ssl_session_cache shared:tests:4m;
    {servers}
    server {{
        listen unix:{folder}/sink;
        ssl_preread on;
        preread_timeout 1h;
        return "";
    }}
}}
"""

NGINX_TLS_SERVER = """
    server {{
        listen {bind} ssl backlog=65535;
        access_log {folder}/access.log seen;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        {more}
        {then};
    }}
"""


class Nginx:
    """nginx with TLS. @identities: what to listen on, and the files of certificate and key; @more:
    directives for all of them; @group: `$ssl_curve` where it is to be logged, which kills nginx
    when a handshake fails early; @closes_first: at once, when the handshake is complete; @to: where
    the plain text goes, and comes from."""

    def __init__(self, place, identities, more="", group="", closes_first=False, to=None, ns="server"):
        self.folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
        self.read = 0
        if not os.path.exists(NGINX_STREAM):
            raise lab.Skip("nginx has no module for streams: libnginx-mod-stream is not installed")
        then = 'return ""' if closes_first else f"proxy_pass {to or f'unix:{self.folder}/sink'}"
        servers = "".join(NGINX_TLS_SERVER.format(folder=self.folder, bind=bind, cert=cert, key=key,
                                                  more=more, then=then)
                          for bind, (cert, key) in identities.items())
        if "ssl_protocols" in more:
            servers = servers.replace("ssl_protocols TLSv1.2 TLSv1.3;", "")
        text = NGINX_TLS.format(load=f"load_module {NGINX_STREAM};", folder=self.folder, servers=servers,
                                group=group)
        self.child = peers.run_nginx(place, self.folder, text, list(identities), ns)

    def sessions(self, n):
        """What nginx logged since the last time, of @n connections or more: a line each."""
        lab.wait_until(lambda: len(self.lines()) >= self.read + n, 5)
        found = [json.loads(line) for line in self.lines()[self.read:]]
        self.read += len(found)
        return found

    def lines(self):
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            return file.read().splitlines()

    def errors(self):
        with open(f"{self.folder}/error.log", encoding="utf-8") as file:
            return file.read()


class OpensslServer:
    """openssl s_server: one connection after the other, 32 may wait. It ends by itself after @n of
    them, and only then says how many there were. Standard input stays open, or it would close."""

    def __init__(self, place, port, identity, n, *options, ns="server"):
        lab.require("openssl")
        self.out = tempfile.NamedTemporaryFile("w+", dir="/run")
        cert, key = identity
        self.child = place.spawn(
            ["openssl", "s_server", "-accept", str(port), "-cert", cert, "-key", key, "-naccept", str(n),
             *options], ns, stdin=subprocess.PIPE, stdout=self.out, stderr=subprocess.STDOUT, text=True)
        if not peers.listens_soon(self.child, [f":{port}"], ns):
            raise RuntimeError(f"s_server did not start: {self.text()}")

    def text(self):
        with open(self.out.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def finish(self):
        """All that it printed. It is given a moment to come to its end."""
        lab.wait_until(lambda: self.child.process.poll() is not None, 5)
        self.child.stop()
        return self.text()


def openssl_statistic(text, name):
    """A line of s_server's statistics: `   5 server accepts that finished`."""
    found = re.search(rf"^ *(\d+) {re.escape(name)}", text, re.MULTILINE)
    return int(found.group(1)) if found else None


class GnutlsServer:
    """gnutls-serv: many connections at a time. What it printed is whole when it has ended."""

    def __init__(self, place, port, identity, *options, ns="server"):
        lab.require("gnutls-serv")
        self.out = tempfile.NamedTemporaryFile("w+", dir="/run")
        cert, key = identity
        self.child = place.spawn(
            ["gnutls-serv", "--echo", "--port", str(port), "--x509certfile", cert, "--x509keyfile", key,
             *options], ns, stdout=self.out, stderr=subprocess.STDOUT, text=True)
        if not peers.listens_soon(self.child, [f":{port}"], ns):
            raise RuntimeError(f"gnutls-serv did not start: {self.text()}")

    def text(self):
        with open(self.out.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def finish(self):
        self.child.stop(signal.SIGTERM)
        return self.text()


class RudeServer:
    """Completes every handshake and closes at once, without close_notify."""

    def __init__(self, place, bind, identity, ns="server"):
        self.child = place.spawn([sys.executable, lab.script("tls_peers.py"), bind, *identity], ns)
        if not peers.listens_soon(self.child, [bind], ns):
            raise RuntimeError("the rude server did not start")


def be_rude(bind, cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(peers.endpoint(bind), backlog=128) as listener:
        while True:
            s, _ = listener.accept()
            context.wrap_socket(s, server_side=True).close()


# ---- clients ---------------------------------------------------------------------------------------


class Client:
    """A client that ran to its end: its status, and all that it printed."""

    def __init__(self, *command, ns="server"):
        lab.require(command[0])
        try:
            done = subprocess.run(lab.in_ns(command, ns), stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=CLIENT_PATIENCE_S, check=False)
            self.status = done.returncode
            self.text = (done.stdout + done.stderr).decode(errors="replace")
        except subprocess.TimeoutExpired as hung:
            self.status = None
            self.text = b"".join(t for t in (hung.stdout, hung.stderr) if t).decode(errors="replace")
        self.command = command

    def says(self, pattern):
        return re.search(pattern, self.text, re.MULTILINE) is not None

    def describe(self):
        """Without tickets and certificates."""
        lines = [line for line in self.text.splitlines()
                 if not re.match(r" +[0-9a-f]{4} - |[A-Za-z0-9+/=]{48,}$", line)]
        return "\n  ".join([f"  $ {' '.join(self.command)}", f"status {self.status}", *lines])


def check_client(check, client, *patterns, status=0):
    """The client ended with @status and printed all of @patterns."""
    missing = [p for p in patterns if not client.says(p)]
    if client.status != status or missing:
        check.that(False, f"want status {status} and {missing}:\n{client.describe()}")


# ---- programs that are fed -------------------------------------------------------------------------


def feed(pipe, data):
    """Write @data to a program's standard input, until it has read it all: what follows is another read to it.
    @return False: it has not, or has gone."""
    ended = []

    def write():
        try:
            pipe.write(data)
            pipe.flush()
            ended.append(True)
        except OSError:
            ended.append(False)

    def unread():
        return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]

    threading.Thread(target=write, daemon=True).start()
    return lab.wait_until(lambda: ended and (not ended[0] or unread() == 0), CLIENT_PATIENCE_S) and ended[0]


def key_updates(path):
    """Those sent and received, as openssl's -msgfile tells them."""
    with open(path, encoding="ascii", errors="replace") as file:
        lines = [line for line in file if "KeyUpdate" in line]
    return sum(line.startswith(">>>") for line in lines), sum(line.startswith("<<<") for line in lines)


if __name__ == "__main__":
    be_rude(*sys.argv[1:])
