# SPDX-License-Identifier: BSD-3-Clause
"""`shakedown serve --tls` in a lab, and what it has counted at its end."""

import os

import lab
import peers
from cases import Shakedown, check_result
from lab import DEVICE
from tls_peers import Client

ADDRESS, ADDRESS6 = "198.18.1.1", "2001:2::1:1"
LOCALS = ("--local", f"{ADDRESS}/15", "--local", f"{ADDRESS6}/48")
AT = f"{ADDRESS}:443"
# Clients that read until we close see the tickets, too.
CLOSES = ("--close", "fin", "--hold", "200ms")


class Serve:
    """shakedown serve, answering. @folder: where its clients may put things."""

    def __init__(self, place, *options, closes=CLOSES):
        place.pair()
        place.record()
        self.folder = f"/run/{place.name}"
        os.makedirs(self.folder, exist_ok=True)
        self.program = Shakedown("serve", "--device", DEVICE, *LOCALS, "--tls", *closes, *options)
        if not lab.wait_until(lambda: peers.answers(ADDRESS, timeout_s=1), 30):
            raise RuntimeError(f"serve does not answer: {self.program.finish(1).describe()}")
        self.before = lab.kernel_counters()

    def file(self, name):
        return f"{self.folder}/{name}"

    def openssl(self, *options, at=AT):
        return Client("openssl", "s_client", "-connect", at, "-ign_eof", *options)

    def gnutls(self, *options):
        return Client("gnutls-cli", "--port", "443", *options, ADDRESS)

    def own_certificate(self):
        """What --self-signed made, as a client gets it."""
        path = self.file("own.pem")
        Client("gnutls-cli", "--port", "443", "--insecure", f"--save-cert={path}", ADDRESS)
        return path

    def stop(self, check, connections, resumed=0, failures=None):
        """Everything counted: @connections with a handshake, and @failures of them or beside them."""
        self.program.interrupt()
        kernel = lab.kernel_delta(self.before)
        run = self.program.finish(30)
        if not check_result(check, run, status=130):
            return run
        tls = run.result["tls"]
        check.equal("TcpActiveOpens at the clients", kernel["TcpActiveOpens"], run.total("established"))
        check.equal("TcpInCsumErrors at the clients", kernel["TcpInCsumErrors"], 0)
        for name, want in (("tls_handshakes", connections), ("tls_resumed", resumed), ("open", 0),
                           ("bad_checksum", 0)):
            check.equal(f"{name} here", run.total(name), want)
        check.equal("failures here", run.failures(), failures or {})
        check.equal("handshakes by versions", sum(tls["versions"].values()), connections)
        return run
