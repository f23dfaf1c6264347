# SPDX-License-Identifier: BSD-3-Clause
"""`shakedown doctor`: it says of a device that is not ready what `check` says, and after its commands it is content."""

import json
import os
import subprocess

import lab
from cases import OPTIONS, case, check_schema, main, shakedown
from lab import DEVICE, GEN, SRV

SCHEMA = "doctor.schema.json"


def doctor(check, device, *options, status=0, prefix=()):
    """The rows by their names."""
    run = shakedown("doctor", "--device", device, *options, prefix=prefix)
    check.equal(f"exit status of doctor --device {device}", run.status, status)
    if run.result is None:
        check.that(False, f"no JSON was written: {run.err}")
        return {}
    usual = OPTIONS.schema
    OPTIONS.schema = os.path.join(os.path.dirname(usual), SCHEMA) if usual else None
    check_schema(check, run.result)
    OPTIONS.schema = usual
    states = [row["state"] for row in run.result["rows"]]
    check.equal("the worst state", run.result["state"], max(states, key=("ok", "warning", "stop").index))
    check.equal("status and state", run.status, 3 if "stop" in states else 0)
    for row in run.result["rows"]:
        check.that(row["state"] != "ok" or row["command"] is None, f"a command for what is ok: {row}")
    return {row["name"]: row for row in run.result["rows"]}


def check_state(check, rows, name, state, *words):
    row = rows.get(name, {"state": "missing", "text": ""})
    check.equal(f"{name}: {row['text']}: state", row["state"], state)
    for word in words:
        check.that(word in row["text"], f"{name}: {word!r} is not in {row['text']!r}")


def mend(check, row):
    check.that(row["command"] is not None, f"no command: {row}")
    if row["command"]:
        subprocess.run(["sh", "-ec", row["command"]], check=True)


@case
def loopback_is_ready(_place, check):
    rows = doctor(check, "loopback")
    for name in ("device", "cpus", "port", "link", "queues", "rss", "offloads", "mtu"):
        check_state(check, rows, name, "ok")
    check.that("iommu" in rows and "interface" not in rows, f"rows: {list(rows)}")


@case
def text_goes_to_standard_error_when_the_json_is_standard_output(_place, check):
    run = shakedown("doctor", "--json", "-", want_json=False)
    check.equal("schema", json.loads(run.out)["schema"], "shakedown.doctor/1")
    check.that("Nothing here stops a run" in run.err, run.err)
    check.that(max(map(len, run.err.splitlines())) <= 80, "a line is longer than a terminal")


@case
def what_stops_check_stops_it_in_the_same_words(place, check):
    place.cable(GEN, SRV)
    lab.quiet(["ip", "link", "set", GEN, "down"])
    for device in ("0000:ff:1e.7", "net_af_packet0,iface=nowhere", DEVICE, f"net_tap0,iface={SRV}"):
        run = shakedown("check", "tcp://198.18.0.1:80", "--device", device, "--local", lab.LOCAL4, want_json=False)
        check.equal(f"check --device {device}", run.status, 3)
        rows = doctor(check, device, status=3)
        check_state(check, rows, "device", "stop")
        check.equal("check, and doctor", run.err.strip(), "shakedown: " + rows.get("device", {}).get("text", ""))
        check.that("port" not in rows, "the port was opened all the same")


@case
def an_ordinary_user_is_told_of_privileges(place, check):
    place.cable(GEN, SRV)
    drop = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    rows = doctor(check, DEVICE, status=3, prefix=drop)
    check_state(check, rows, "device", "stop", "CAP_NET_RAW")
    check.that("NET_RAW" not in rows["privileges"]["text"], rows["privileges"]["text"])


@case
def its_commands_mend_an_interface(place, check):
    place.cable(GEN, SRV)
    lab.quiet(["ip", "link", "set", GEN, "mtu", "1400", "down"])
    lab.quiet(["ip", "address", "add", "198.18.0.99/15", "dev", GEN])
    mend(check, doctor(check, DEVICE, status=3)["device"])
    rows = doctor(check, DEVICE)
    check_state(check, rows, "interface", "warning", "198.18.0.99")
    check_state(check, rows, "mtu", "warning", "1400")
    check_state(check, rows, "link", "ok")
    mend(check, rows["interface"])
    mend(check, rows["mtu"])
    rows = doctor(check, DEVICE)
    for name in ("device", "interface", "port", "link", "mtu"):
        check_state(check, rows, name, "ok")


@case
def a_cable_without_its_other_end_is_no_link(place, check):
    place.cable(GEN, SRV)
    lab.quiet(["ip", "link", "set", SRV, "down"])
    check_state(check, doctor(check, DEVICE, status=3), "link", "stop", "no link")


@case
def several_workers_without_rss_cost_speed(place, check):
    place.cable(GEN, SRV)
    rows = doctor(check, DEVICE, "--lcores", "2")
    check_state(check, rows, "rss", "warning", "hand")
    check_state(check, rows, "queues", "ok", "2 of 2")


lab.enter()
main()
