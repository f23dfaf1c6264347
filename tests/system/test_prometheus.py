# SPDX-License-Identifier: BSD-3-Clause
"""Prometheus itself: its promtool reads what is served, and a server that scrapes a run has in the end what the result
has; and what config/grafana.json asks it."""

import json
import os
import socket
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import exposition
import lab
from cases import OPTIONS, Shakedown, case, main
from monitored import Monitored, check_same, scrape_to_the_end

CONFIG = """global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: shakedown
    static_configs: [{{targets: ["{place}"]}}]
"""
HTTP = ("run", "http://198.19.0.1/100", "--rate", "500")
ANSWER_S = 20


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Prometheus:
    """A server that scrapes @place, on an address of the host alone."""

    def __init__(self, folder, place):
        lab.require("prometheus")
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIG.format(place=place))
        self.at = f"127.0.0.1:{free_port()}"
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.child = lab.Child(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                                f"--web.listen-address={self.at}"], stdout=self.log, stderr=self.log)
        Shakedown.alive.append(self.child)
        if not lab.wait_until(self.is_ready, 60):
            self.log.seek(0)
            raise RuntimeError(f"prometheus does not start: {self.log.read()[-2000:]}")

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.at}{path}?{query}", timeout=ANSWER_S) as answer:
            return answer.read()

    def is_ready(self):
        try:
            return self.get("/-/ready") != b""
        except (OSError, urllib.error.URLError):
            return False

    def query(self, text):
        """@return the samples, as exposition.read() has them."""
        answer = json.loads(self.get("/api/v1/query", query=text))
        samples = {}
        for row in answer["data"]["result"]:
            labels = {k: v for k, v in row["metric"].items() if k not in ("__name__", "job", "instance")}
            samples[(row["metric"].get("__name__", ""), tuple(sorted(labels.items())))] = float(row["value"][1])
        return samples


@case
def promtool_finds_nothing_to_complain_of(_, check):
    lab.require("promtool")
    scenario = os.path.join(os.path.dirname(OPTIONS.schema), "../config/mixed.yaml")
    for command in (HTTP, ("run", "tls://198.19.0.1", "--rate", "50"), ("run", "--connections", "4"),
                    ("run", scenario)):
        program = Monitored(*command, "--duration", "1s")
        scrape_to_the_end(program, check)
        text = program.get()[2]
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        check.equal(f"{command}: promtool", (done.returncode, done.stdout, done.stderr), (0, "", ""))
        check.equal("exit status", program.finish()[0], 0)


@case
def a_prometheus_that_scrapes_has_the_result_in_the_end(_, check):
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = Prometheus(folder, f"127.0.0.1:{port}")
        lab.wait_until(lambda: server.query("up"), ANSWER_S)  # it takes up to 5 s to take up its targets
        program = Monitored(*HTTP, "--duration", "5s", "--sample", "100ms", metrics=str(port))
        over = 'shakedown_phase{phase="over"} == 1'
        if not lab.wait_until(lambda: server.query(over), 60):
            check.that(False, f"it never saw the end: {server.query('up')}")
        samples = server.query('{__name__=~"shakedown_.*"}')
        rate = server.query("max_over_time(sum(rate(shakedown_attempted_total[1m]))[1m:1s])")
        quantile = server.query("histogram_quantile(0.99, sum by (le) (shakedown_connect_seconds_bucket))")
        check.that(len(exposition.growing(samples)) > 500, f"{len(samples)} samples")
        check.that(len(rate) == 1 and next(iter(rate.values())) > 0, f"rate: {rate}")
        check.that(len(quantile) == 1 and next(iter(quantile.values())) > 0, f"quantile: {quantile}")
        check_dashboard(check, server)
        status, result = program.finish()
        check.equal("exit status", status, 0)
        check_same(check, samples, result)
        server.child.stop()


def check_dashboard(check, server):
    """Prometheus takes each question of the dashboard, and those of connections have an answer."""
    path = os.path.join(os.path.dirname(OPTIONS.schema), "../config/grafana.json")
    with open(path, encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    n = 0
    for panel in panels:
        for target in panel["targets"]:
            text = target["expr"].replace("$job", "shakedown").replace("$role", "client")
            answer = server.query(text.replace("$__rate_interval", "10s"))
            if panel["title"] in ("Connections a second", "Time to connect", "Busy, by core", "Connections open"):
                check.that(answer, f"{panel['title']}: {text} has no answer")
            n += 1
    check.that(n > 20, f"{n} questions")


lab.enter()
main()
