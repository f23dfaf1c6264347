# SPDX-License-Identifier: BSD-3-Clause
"""TLS as a recording shows it: tshark decrypts what shakedown has logged the keys of, finds nothing
malformed, and sees close_notify before the end."""

import os
import shutil
import signal
import subprocess

import lab
import tls_peers
from cases import case, check_handshakes, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

CONNECTIONS = 20
LOAD = ("--device", DEVICE, "--local", LOCAL4, "--rate", "50", "--duration", "400ms")
URL = f"tls://{SERVER4}:443"

# Types of handshake messages, RFC 8446 4, RFC 5246 7.4.
NEW_SESSION_TICKET, ENCRYPTED_EXTENSIONS, CERTIFICATE, CERTIFICATE_VERIFY, FINISHED = 4, 8, 11, 15, 20
ALERT = 21  # a record's type, RFC 8446 5.1


class Recording:
    """What was recorded, as tshark reads it with the keys of @keylog, or without any."""

    def __init__(self, place):
        place.recorder.stop(signal.SIGINT)
        self.files = lab.recordings(place.recording)

    def rows(self, wanted, *fields, keylog=None):
        """The @fields of each frame that the display filter @wanted lets through."""
        options = ["-o", "tcp.check_checksum:TRUE", "-o", "tcp.desegment_tcp_streams:TRUE"]
        options += ["-o", f"tls.keylog_file:{keylog}"] if keylog else []
        found = []
        for path in self.files:
            text = subprocess.run(
                ["tshark", "-r", path, *options, "-Y", wanted, "-T", "fields",
                 *(a for f in fields for a in ("-e", f))],
                capture_output=True, text=True, timeout=60, check=True).stdout
            found += [line.split("\t") for line in text.splitlines()]
        return found

    def count(self, wanted, keylog=None):
        return len(self.rows(wanted, "frame.number", keylog=keylog))

    def streams(self, wanted, keylog=None):
        """The connections that have such a frame."""
        return {row[0] for row in self.rows(wanted, "tcp.stream", keylog=keylog)}


def record(place, check, *options, resumes=False):
    """A run against nginx. @return what was recorded, and the key log."""
    lab.require("tshark", "dumpcap")
    place.pair()
    place.record(snap=0)
    tls_peers.Nginx(place, {f"{SERVER4}:443": tls_peers.Authority().issue("server")})
    keylog = f"/run/{place.name}.keys"
    result = shakedown("run", URL, *LOAD, "--keylog", keylog, *options)
    check_handshakes(check, result, CONNECTIONS, resumes)
    return Recording(place), keylog


def check_sound(check, recording):
    check.equal("connections recorded", len(recording.streams("tcp")), CONNECTIONS)
    check.equal("malformed frames, bad checksums", recording.rows(
        "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || "
        "_ws.expert.severity == error", "frame.number", "_ws.expert.message"), [])


def check_visible(check, recording, keylog, types, connections=CONNECTIONS):
    """The key log is what makes messages of @types visible, on all @connections."""
    for number in types:
        wanted = f"tls.handshake.type == {number}"
        check.equal(f"connections with handshake message {number}",
                    len(recording.streams(wanted, keylog)), connections)


@case
def decrypted_tls13(place, check):
    recording, keylog = record(place, check, "--tls-versions", "1.3")
    check_sound(check, recording)
    check_visible(check, recording, keylog,
                  (ENCRYPTED_EXTENSIONS, CERTIFICATE, CERTIFICATE_VERIFY, NEW_SESSION_TICKET))
    for side in ("tcp.dstport", "tcp.srcport"):
        finished = f"tls.handshake.type == {FINISHED} && {side} == 443"
        check.equal(f"connections with Finished, {side} 443", len(recording.streams(finished, keylog)),
                    CONNECTIONS)
    check.equal("Finished without the keys", recording.count(f"tls.handshake.type == {FINISHED}"), 0)
    check.equal("lines in the key log of a connection, labels",
                {line.split()[0] for line in open(keylog, encoding="ascii")},
                {f"{side}_{what}" for side in ("CLIENT", "SERVER")
                 for what in ("HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0")} | {"EXPORTER_SECRET"})
    check.equal("mode of the key log", os.stat(keylog).st_mode & 0o777, 0o600)


@case
def decrypted_tls13_resumed(place, check):
    recording, keylog = record(place, check, "--tls-versions", "1.3", "--resume", "always", "--warmup", "no", resumes=True)
    check_sound(check, recording)
    check_visible(check, recording, keylog, (ENCRYPTED_EXTENSIONS, FINISHED))
    full = len(recording.streams(f"tls.handshake.type == {CERTIFICATE}", keylog))
    resumed = len(recording.streams("tls.handshake.type == 2 && tls.handshake.extension.type == 41"))
    check.that(0 < full < CONNECTIONS / 2, f"{full} connections with a certificate")
    check.equal("resumed, by pre_shared_key in the ServerHello", resumed, CONNECTIONS - full)


@case
def decrypted_tls12(place, check):
    recording, keylog = record(place, check, "--tls-versions", "1.2")
    check_sound(check, recording)
    check_visible(check, recording, keylog, (FINISHED,))
    check.equal("Finished without the keys", recording.count(f"tls.handshake.type == {FINISHED}"), 0)


def last_words(recording):
    """Of each connection, the frames of the client's alerts and of its first FIN."""
    alerts, ends = {}, {}
    from_client = "tcp.dstport == 443 && !tcp.analysis.retransmission && "
    for stream, frame in recording.rows(from_client + f"tls.record.content_type == {ALERT}", "tcp.stream",
                                        "frame.number"):
        alerts.setdefault(stream, int(frame))
    for stream, frame in recording.rows(from_client + "tcp.flags.fin == 1", "tcp.stream", "frame.number"):
        ends.setdefault(stream, int(frame))
    return alerts, ends


@case
def close_notify_before_the_end(place, check):
    """In TLS 1.2 the type of an encrypted record is seen without keys; the FIN may be on the same frame."""
    recording, keylog = record(place, check, "--tls-versions", "1.2")
    alerts, ends = last_words(recording)
    check.equal("connections with an alert of the client", set(alerts), set(ends))
    check.equal("connections with a FIN of the client", len(ends), CONNECTIONS)
    check.equal("FIN before close_notify", [s for s in ends if alerts.get(s, 0) > ends[s]], [])
    said = recording.streams("tls.alert_message.desc == 0 && tcp.dstport == 443", keylog)
    check.equal("connections with close_notify, decrypted", len(said), CONNECTIONS)


@case
def no_close_notify(place, check):
    recording, keylog = record(place, check, "--tls-versions", "1.2", "--close-notify", "no")
    alerts, ends = last_words(recording)
    check.equal("alerts of the client", alerts, {})
    check.equal("connections with a FIN of the client", len(ends), CONNECTIONS)
    check.equal("close_notify, decrypted",
                recording.count("tls.alert_message.desc == 0 && tcp.dstport == 443", keylog), 0)


@case
def key_log_is_appended_to(place, check):
    """Two runs, one file: the first one's connections can still be decrypted."""
    recording, keylog = record(place, check)
    kept = f"{keylog}.first"
    shutil.copy(keylog, kept)
    check_handshakes(check, shakedown("run", URL, *LOAD, "--keylog", keylog), CONNECTIONS)
    with open(kept, encoding="ascii") as first, open(keylog, encoding="ascii") as both:
        before, after = first.read(), both.read()
    check.that(after.startswith(before) and len(after) == 2 * len(before), "the file was not appended to")
    check_visible(check, recording, keylog, (FINISHED,))


lab.enter()
main()
