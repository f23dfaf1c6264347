# SPDX-License-Identifier: BSD-3-Clause
"""The suite of RFC 9411 against nginx, alone and behind HAProxy as the device under test: made to its report without a
hand, printed, interrupted and taken up again, and refused with the place of a mistake. Times are those of --quick, and
criteria that this machine's pauses would break are changed, which the report has to say."""

import json
import os
import re
import signal
import subprocess
import tempfile

import lab
import peers
from browser import Browser
from cases import OPTIONS, case, main
from lab import DEVICE, FAR4, FAR6, LOCAL4, NEAR4, NEAR6, ROUTER4, ROUTER6, SERVER4

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
OBJECTS = (200, 1000, 6000, 8000, 9000, 10000, 25000, 26000, 35000, 59000, 347000)
CHAIN = [f"7.{n}" for n in range(1, 10)]

HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-keep-alive 60s
frontend f
    bind {address4}:80
    bind [{address6}]:80
    bind {address4}:443 ssl crt {folder}/server.pem
    bind [{address6}]:443 ssl crt {folder}/server.pem
    default_backend b
backend b
    server s {server}:80
"""

NGINX = """
daemon off;
master_process off;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 80 backlog=4096;
        listen [::]:80 backlog=4096;
        listen 443 ssl backlog=4096;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.pem;
        root {folder}/www;
    }}
}}
"""

# What a lab would write, but for criteria and times.
PLAN = """
title: {title}
dut: {{model: {title}, features: TLS is ended there}}
tester: {{location: a namespace}}
security: not tested
scenario:
  device: "{device}"
  local: {{{local}}}
  tls: {{versions: both}}
http: {{urls: {http}, cps: 60, throughput: 4M, connections: 30}}
https: {{urls: {https}, cps: 30, throughput: 3M, connections: 20, ciphers: ecdsa-p256}}
mix:
  name: two kinds
  throughput: 4M
  applications:
    - {{name: plain, urls: {http}, share: 40%, sizes: [1k, 6k], requests: 5}}
    - {{name: secure, urls: {https}, share: 60%, sizes: mixed, requests: 5}}
sizes: {{cps: 1k, throughput: 1k, latency: 1k}}
phases: {{sustain: 100s}}
search: {{trial: 20s, sum: 20s, width: 20%}}
criteria: {{failed_transactions: 5%, resets: 5%, rate_deviation: always, connection_deviation: always, objective: 50%}}
"""
DIRECT = PLAN.format(title="nginx", device=DEVICE, local=f"addresses: {LOCAL4}", http=f"http://{SERVER4}/",
                     https=f"https://{SERVER4}/")
BOTH = f'["{{0}}://{ROUTER4}/", "{{0}}://[{ROUTER6}]/"]'
# The same box with and without HAProxy: what it only forwards is the reference.
THROUGH = PLAN.format(title="HAProxy", device=DEVICE,
                      local=f"addresses: [{NEAR4}, '{NEAR6}'], gateway: [{ROUTER4}, '{ROUTER6}']",
                      http=BOTH.format("http"), https=BOTH.format("https")) + f"""
ipv6: 20%
reference: {{urls: ["http://{FAR4}/", "http://[{FAR6}]/"]}}
"""


def start_nginx(place):
    """With the objects, on all of its addresses. @return its folder, which has a certificate"""
    lab.require("nginx", "openssl")
    folder = tempfile.mkdtemp(prefix="suite-", dir="/run")
    os.chmod(folder, 0o755)
    os.makedirs(f"{folder}/www")
    for size in OBJECTS:
        with open(f"{folder}/www/{size}", "w", encoding="ascii") as file:
            file.write("x" * size)
    lab.quiet(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=target", "-keyout", f"{folder}/key", "-out", f"{folder}/cert"])
    with open(f"{folder}/server.pem", "w", encoding="ascii") as out:
        for name in ("cert", "key"):
            with open(f"{folder}/{name}", encoding="ascii") as file:
                out.write(file.read())
    peers.run_nginx(place, folder, NGINX.format(folder=folder), ["0.0.0.0:80", "0.0.0.0:443"])
    return folder


def start_haproxy(place, folder):
    lab.require("haproxy")
    with open(f"{folder}/haproxy", "w", encoding="ascii") as file:
        file.write(HAPROXY.format(folder=folder, address4=ROUTER4, address6=ROUTER6, server=FAR4))
    child = place.spawn(["haproxy", "-f", f"{folder}/haproxy"], "router", stderr=subprocess.DEVNULL)
    if not peers.listens_soon(child, [f"{ROUTER4}:80", f"{ROUTER4}:443"], "router"):
        raise RuntimeError("HAProxy did not start")


class Suite:
    """A plan in a folder of its own, and what the suite says."""

    def __init__(self, plan):
        self.folder = tempfile.mkdtemp(prefix="plan-", dir="/run" if lab.is_inside() else None)
        self.plan, self.out = os.path.join(self.folder, "plan.yaml"), os.path.join(self.folder, "out")
        with open(self.plan, "w", encoding="utf-8") as file:
            file.write(plan)
        self.command = [OPTIONS.binary, "rfc9411", self.plan, "--quick", "--folder", self.out]

    def make(self, timeout_s):
        return subprocess.run(self.command, capture_output=True, text=True, timeout=timeout_s, check=False)

    def report(self):
        with open(os.path.join(self.out, "report.html"), encoding="utf-8") as file:
            return file.read()

    def steps(self):
        try:
            with open(os.path.join(self.out, "suite.json"), encoding="utf-8") as file:
                return [step["name"] for step in json.load(file)["steps"]]
        except FileNotFoundError:
            return []


def section(page, test):
    return re.search(rf'<section id="t{re.escape(test)}">(.*?)</section>', page, re.S).group(1)


def check_report(check, page, tests, has_all=True):
    check.that("compliant" not in page, "a quick look says that it is compliant")
    check.equal("banners", page.count('<p class="quick">'), len(tests) + 2)
    check.that("@bottom-center" in page, "nothing is said on every printed page")
    for test in tests:
        text = section(page, test)
        check.that("(changed)" in text, f"{test}: criteria are not marked as changed")
        check.that(not has_all or "no value" not in text, f"{test}: a criterion has no value: {text[:1000]}")
        check.that(not has_all or "<svg" in text, f"{test}: no chart")
    for foreign in ("http-equiv=\"refresh\"", "<script", "src=", "@import"):
        check.that(foreign not in page, f"the page has {foreign}")


def check_print(check, suite):
    """Every page of what a browser prints says what it is."""
    lab.require("chromium", "pdftotext")
    browser = Browser()
    try:
        browser.open(os.path.join(suite.out, "report.html"))
        check.equal("complaints", browser.complaints(), [])
        check.equal("fetched", browser.fetched(), [])
        browser.pdf(os.path.join(suite.out, "report.pdf"))
    finally:
        browser.close()
    text = lab.quiet(["pdftotext", os.path.join(suite.out, "report.pdf"), "-"])
    pages = text.split("\f")[:-1]
    check.that(len(pages) > 10, f"{len(pages)} pages are printed")
    for number, page in enumerate(pages, 1):
        check.that("Quick look: times scaled down" in " ".join(page.split()), f"page {number} does not say so: {page!r}")


def check_whole(check, suite, tests):
    """On a machine that is too busy for the generator cases may fail; then the report has to say that."""
    done = suite.make(700)
    if done.returncode == 3:  # this host did not let a run begin: it goes on from there
        print(f"  made again: {done.stderr.strip()[:300]}")
        done = suite.make(700)
    page = suite.report()
    check.that("compliant" not in done.stdout + done.stderr + page, "a quick look says that it is compliant")
    if done.returncode == 1 and "show the limit of the generator" in page:
        print("  the generator was the limit")
        check.that(">not made yet<" not in page, "not all has been tried")
    else:
        check.that(done.returncode == 0, f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
        check_report(check, page, tests)
    for name in suite.steps():
        check.that(os.path.exists(f"{suite.out}/raw/{name}.json"), f"there is no result of {name}")


@case
def all_of_its_tests_come_to_a_report(place, check):
    """HAProxy on the router is the device; the reference goes by without it."""
    place.routed()
    start_haproxy(place, start_nginx(place))
    suite = Suite(THROUGH)
    check_whole(check, suite, ["reference", *CHAIN])
    page = suite.report()
    check.that("80 % IPv4, 20 % IPv6" in page, "the shares of the families are not told")
    check_print(check, suite)


@case
def a_server_alone_is_tested_the_same_way(place, check):
    place.pair()
    start_nginx(place)
    more = ["rfc3511-5.2", "rfc3511-5.3", "rfc3511-5.4"]
    check_whole(check, Suite(f"{DIRECT}tests: [{', '.join(CHAIN + more)}]\n"), CHAIN + more)


@case
def what_was_interrupted_goes_on_where_it_was(place, check):
    """Ctrl-C comes when the first step is over, whatever it found; the second one is made again."""
    place.pair()
    start_nginx(place)
    suite = Suite(DIRECT + "tests: [7.2, 7.6]\n")
    raw = os.path.join(suite.out, "raw")

    def second():
        """The scenario of the step that was begun behind the first one."""
        names = {name.removesuffix(".log") for name in os.listdir(raw) if name.endswith(".log")} - set(suite.steps())
        return next((name for name in names if os.path.getsize(f"{raw}/{name}.log") > 0), None)

    child = lab.Child(suite.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lab.wait_until(lambda: suite.steps() or child.process.poll() is not None, 120)
    check.equal("first", suite.steps(), ["7.2-1k-initial"])
    lab.wait_until(second, 60)
    interrupted = second()
    child.process.send_signal(signal.SIGINT)
    out, err = child.process.communicate(timeout=60)
    check.equal("exit status", child.process.returncode, 130)
    check.that("interrupted" in err, f"{out}\n{err}")
    check.equal("made", suite.steps(), ["7.2-1k-initial"])
    began = os.path.getmtime(f"{raw}/7.2-1k-initial.json")
    done = suite.make(180)
    check.that(done.returncode in (0, 1), f"{done.stdout}\n{done.stderr}")
    check.that("has 1 runs already" in done.stdout, done.stdout)
    check.equal("goes on with", suite.steps()[1:2], [interrupted])
    check.equal("the first one", os.path.getmtime(f"{raw}/7.2-1k-initial.json"), began)
    check_report(check, suite.report(), ["7.2", "7.6"], done.returncode == 0)
    again = suite.make(60)
    check.equal("nothing is left", (again.returncode, "-target" in again.stdout), (done.returncode, False))
    suite.command.remove("--quick")
    check.that("has a suite already, with --quick" in suite.make(60).stderr,
               "a quick look is taken for a whole suite")


@case
def below_the_target_the_maximum_is_found(place, check):
    """A firewall lets 60 SYNs a second in; the target is 300."""
    place.pair()
    start_nginx(place)
    place.rules("table inet hole {\n chain in {\n  type filter hook input priority 0;\n"
                "  tcp flags & (syn | ack) == syn limit rate over 60/second burst 5 packets reject with tcp reset\n"
                " }\n}\n", "server")
    suite = Suite(DIRECT.replace("cps: 60", "cps: 300") + "tests: [7.2]\n")
    done = suite.make(120)
    if "the generator was the limit" in suite.report():
        print("  the generator was the limit")
        return
    found = [step for step in suite.steps() if "search" in step or "final" in step]
    check.equal("steps", suite.steps()[:3], ["7.2-1k-initial", "7.2-1k-target", "7.2-1k-search"])
    check.that("7.2-1k-final" in found, f"{done.stdout}\n{done.stderr}")
    bound = re.search(r"7\.2-1k-search +300 connections/s: ([\d.]+) connections/s are borne", done.stdout)
    check.that(bound is not None and 40 <= float(bound.group(1)) <= 90, done.stdout)
    check.that("lower bound" in suite.report(), "the report does not tell what the search found")


@case
def mistakes_in_a_plan_have_their_place(_, check):
    wrong = {
        "htp: {cps: 3}\n": "plan.yaml:1:1: htp.cps|plan.yaml:1:1: htp",
        "title: x\nhttp: {csp: 3}\nscenario: {device: loopback}\n": "plan.yaml:2:8: http.csp: there is no such key; did you "
                                                                    "mean http.cps?",
        "scenario: {devic: loopback}\n": "plan.yaml:1:12: 'devic'",
        "scenario:\n  device: loopback\n  load: {rate: 3}\n": "plan.yaml:3:16: load.rate: the suite sets it itself",
        "scenario: {device: loopback}\ntests: [7.2, 7.10]\n": "plan.yaml:2:14: tests: '7.10' is no test",
        "scenario: {device: loopback}\ntests: 7.2\n": "http.urls: it is missing, and test 7.2 needs it",
        "scenario: {device: loopback}\ncriteria: {resets: few}\n": "plan.yaml:2:20: criteria.resets",
        "scenario: {device: loopback}\nhttp: {urls: 'http://198.19.0.1/', cps: 1, throughput: 1M, connections: 1}\n"
        "tests: [7.2, 7.3, 7.5, 7.4]\npath: /x\n": "path: without {bytes}",
    }
    for text, wanted in wrong.items():
        done = Suite(text).make(30)
        check.equal(f"status of {text!r}", done.returncode, 2)
        check.that(any(part in done.stderr for part in wanted.split("|")), f"{text!r}: {done.stderr!r}, want {wanted!r}")


def example(name):
    with open(os.path.join(ROOT, "config/plans", f"{name}.yaml"), encoding="utf-8") as file:
        return file.read()


@case
def the_examples_make_a_suite(_, check):
    """Of one test each, on loopback."""
    quiet = "criteria: {rate_deviation: always, connection_deviation: always, objective: 90%}\n"
    for name, test in (("rfc9411", "7.2"), ("rfc3511", "rfc3511-5.4")):
        plan = re.sub("^(tests|sizes):.*\n", "", example(name), flags=re.M)
        suite = Suite(plan + f"tests: {test}\nsizes: {{cps: 1k}}\n{quiet}")
        done = suite.make(120)
        check.that(done.returncode in (0, 1), f"{done.stdout}\n{done.stderr}")
        check_report(check, suite.report(), [test], done.returncode == 0)


@case
def the_schema_knows_the_examples(_, check):
    try:
        import jsonschema
        import yaml
    except ImportError as error:
        raise lab.Skip(str(error))
    with open(os.path.join(ROOT, "docs/rfc9411.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    schema["properties"]["scenario"].pop("$ref")  # another file, whose own test there is
    validator = jsonschema.Draft202012Validator(schema)
    for name in ("rfc9411", "rfc3511"):
        for error in validator.iter_errors(yaml.safe_load(example(name))):
            check.that(False, f"{name}: {error.message}")
    check.that(not validator.is_valid({"htpp": {}}), "a misspelt key is valid")


lab.enter()
main()
