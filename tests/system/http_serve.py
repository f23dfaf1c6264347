# SPDX-License-Identifier: BSD-3-Clause
"""`serve --http` at work, and curl to ask it."""

import json
import sys
import tempfile

import lab
import peers
from cases import Shakedown, check_result
from lab import DEVICE

ADDRESS = "198.18.1.1"


def start_serve(place, *options):
    place.pair()
    program = Shakedown("serve", "--device", DEVICE, "--local", f"{ADDRESS}/15", "--http", "--bytes", "12", *options)
    if not lab.wait_until(lambda: peers.answers(ADDRESS, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")
    return program


def stop_serve(check, program):
    program.interrupt()
    run = program.finish(30)
    return run if check_result(check, run, status=130) else None


def curl(*words):
    lab.require("curl")
    return lab.quiet(["curl", "-sS", "-m", "20", *words], "server")


RAW = """
import json, socket, sys
client = socket.create_connection((sys.argv[1], 80), timeout=20)
with open(sys.argv[2], "rb") as file:
    client.sendall(file.read())
print(json.dumps(b"".join(iter(lambda: client.recv(65536), b"")).decode()))
"""


def raw(text):
    """What comes back for @text, sent at once, until the connection ends."""
    with tempfile.NamedTemporaryFile("w", dir="/run", newline="") as file:
        file.write(text)
        file.flush()
        return json.loads(lab.quiet([sys.executable, "-c", RAW, ADDRESS, file.name], "server"))
