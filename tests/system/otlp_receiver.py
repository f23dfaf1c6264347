# SPDX-License-Identifier: BSD-3-Clause
"""A small OpenTelemetry collector: it takes OTLP/HTTP in JSON, holds each request against the schema, and checks what
cumulative points have to be. Or it is one that is of no use: see @mode."""

import http.server
import json
import os
import ssl
import threading

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "otlp.schema.json")


def attributes(listed):
    return tuple(sorted((a["key"], next(iter(a["value"].values()))) for a in listed))


def number(point):
    return int(point["asInt"]) if "asInt" in point else point["asDouble"]


class Receiver:
    """@mode: "takes" all; "refuses" with a status of 503; "rejects" a part; "is silent": takes and never answers.
    @identity: the files of its certificate and key, over TLS."""

    def __init__(self, mode="takes", identity=None):
        self.scheme = "https" if identity else "http"
        self.mode, self.problems, self.paths, self.fields, self.n = mode, [], set(), {}, 0
        self.points, self.resource = {}, {}  # of the last request: by name and attributes
        self.ends = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*identity)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.n += 1
        self.paths.add(handler.path)
        self.fields = dict(handler.headers)
        try:
            self.read(json.loads(body))
        except Exception as error:  # the case looks at them
            self.problems.append(f"request {self.n}: {type(error).__name__}: {str(error)[:500]}")
        if self.mode == "is silent":
            self.ends.wait(60)
            return
        answer = b'{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"no room"}}' if self.mode == "rejects" \
            else b"{}"
        handler.send_response(503 if self.mode == "refuses" else 200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def wrong(self, text):
        self.problems.append(f"request {self.n}: {text}")

    def read(self, request):
        if jsonschema is not None:
            with open(SCHEMA, encoding="utf-8") as file:
                jsonschema.Draft7Validator(json.load(file)).validate(request)
        points = {}
        for of_resource in request["resourceMetrics"]:
            self.resource = dict(attributes(of_resource["resource"]["attributes"]))
            for scope in of_resource["scopeMetrics"]:
                for metric in scope["metrics"]:
                    self.read_metric(metric, points)
        for key, (kind, point) in points.items():
            self.compare(key, kind, self.points.get(key, (kind, None))[1], point)
        missing = [key for key, (kind, _) in self.points.items() if key not in points and kind != "gauge"]
        if missing:
            self.wrong(f"not there any more: {missing[:3]}")
        self.points = points

    def read_metric(self, metric, points):
        kind = next(k for k in ("sum", "gauge", "histogram") if k in metric)
        for point in metric[kind]["dataPoints"]:
            key = (metric["name"], attributes(point["attributes"]))
            if key in points:
                self.wrong(f"{key} twice")
            points[key] = (kind, point)

    def compare(self, key, kind, before, now):
        """What has to be of a point, and against the one of the last request."""
        if kind == "histogram":
            counts, bounds = list(map(int, now["bucketCounts"])), now["explicitBounds"]
            if len(counts) != len(bounds) + 1 or sum(counts) != int(now["count"]) or bounds != sorted(set(bounds)):
                self.wrong(f"{key}: {now}")
        if before is None:
            return
        if int(now["timeUnixNano"]) < int(before["timeUnixNano"]):
            self.wrong(f"{key}: time goes back")
        if kind != "gauge" and now["startTimeUnixNano"] != before["startTimeUnixNano"]:
            self.wrong(f"{key}: begins anew")
        if kind == "sum" and number(now) < number(before):
            self.wrong(f"{key}: falls from {number(before)} to {number(now)}")
        if kind == "histogram" and any(int(b) < int(a) for a, b in zip(before["bucketCounts"], now["bucketCounts"])):
            self.wrong(f"{key}: a bucket falls")

    def samples(self):
        """The last request as exposition.read() has it."""
        samples = {}
        for (name, labels), (kind, point) in self.points.items():
            if kind != "histogram":
                samples[(name + ("_total" if kind == "sum" else ""), labels)] = number(point)
                continue
            upto = 0
            for bound, n in zip(point["explicitBounds"], point["bucketCounts"]):
                upto += int(n)
                samples[(name + "_bucket", tuple(sorted((*labels, ("le", f"{bound:.12g}")))))] = upto
            samples[(name + "_count", labels)] = int(point["count"])
            samples[(name + "_sum", labels)] = point["sum"]
        return samples
