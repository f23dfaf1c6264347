# SPDX-License-Identifier: BSD-3-Clause
"""HTTP servers in namespaces, each with a log that tells what it was asked."""

import json
import os
import subprocess
import sys
import tempfile

import lab
import peers

HUNDRED = "h" * 100


class Peer:
    """http_peer.py; stop() tells what it has seen."""

    def __init__(self, place, bind, ns="server"):
        self.child = place.spawn([sys.executable, lab.script("http_peer.py"), "--bind", bind], ns,
                                 stdout=subprocess.PIPE, text=True)
        if self.child.process.stdout.readline().strip() != "ready":
            raise RuntimeError("http_peer.py did not start")

    def stop(self):
        self.child.stop()
        return json.loads(self.child.process.stdout.read())


class Logged:
    """A server with an access log in a folder of its own."""

    def __init__(self, place, command, bind, text, name, ns="server", **popen):
        lab.require(command[0])
        self.folder = tempfile.mkdtemp(prefix=f"{name}-", dir="/run")
        os.chmod(self.folder, 0o777)
        os.makedirs(f"{self.folder}/www")
        with open(f"{self.folder}/www/hundred", "w", encoding="utf-8") as file:
            file.write(HUNDRED)
        with open(f"{self.folder}/conf", "w", encoding="utf-8") as file:
            file.write(text.format(folder=self.folder, bind=bind, address=peers.endpoint(bind)[0],
                                   port=peers.endpoint(bind)[1], user=ns))
        self.child = place.spawn([word.format(folder=self.folder) for word in command], ns, **popen)
        if not peers.listens_soon(self.child, [bind], ns):
            raise RuntimeError(f"{name} did not start")

    def log(self):
        """All lines, once the server has ended: some write them late."""
        self.child.stop()
        with open(f"{self.folder}/log", encoding="utf-8") as file:
            return [line.split() for line in file]


LIGHTTPD = """
server.document-root = "{folder}/www"
server.bind = "{address}"
server.port = {port}
server.modules = ("mod_accesslog")
accesslog.filename = "{folder}/log"
accesslog.format = "%s %b"
"""


def lighttpd(place, bind):
    return Logged(place, ["lighttpd", "-D", "-f", "{folder}/conf"], bind, LIGHTTPD, "lighttpd")


APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Listen {bind}
ServerName target
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
DocumentRoot {folder}/www
LogFormat "%>s %B" seen
CustomLog {folder}/log seen
"""


def apache(place, bind):
    return Logged(place, ["apache2", "-D", "FOREGROUND", "-f", "{folder}/conf"], bind, APACHE, "apache",
                  stderr=subprocess.DEVNULL)


HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend f
    bind {bind}
    default_backend b
backend b
    server s 127.0.0.1:8080
"""


def haproxy(place, bind):
    """Before what listens on 127.0.0.1:8080 in the same namespace."""
    return Logged(place, ["haproxy", "-f", "{folder}/conf"], bind, HAPROXY, "haproxy", stderr=subprocess.DEVNULL)


NODE = """
const log = require('fs').createWriteStream('{folder}/log');
const server = require('http').createServer((request, answer) => {{
    let bytes = 0;
    request.on('data', piece => bytes += piece.length);
    request.on('end', () => {{
        log.write(`${{request.method}} ${{request.url}} ${{bytes}}\\n`);
        answer.write('one');
        answer.end('two');
    }});
}});
process.on('SIGTERM', () => {{ server.close(); server.closeAllConnections?.(); log.end(() => process.exit(0)); }});
server.listen({port}, '{address}');
"""


def node(place, bind):
    """Answers six bytes in two chunks; logs method, path, and bytes of the body."""
    return Logged(place, ["node", "{folder}/conf"], bind, NODE, "node")
