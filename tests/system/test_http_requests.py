# SPDX-License-Identifier: BSD-3-Clause
"""What HTTP requests say and how their answers are judged, against servers that log what they were asked, and against
one that breaks every rule."""

import base64
import collections
import hashlib
import os
import tempfile

import http_servers
import lab
import peers
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

BIND = f"{SERVER4}:80"

NGINX = """
daemon off;
worker_processes 1;
user root root;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; multi_accept on; }}
http {{
    log_format seen '$request_method $request_uri $remote_addr $remote_port $connection $connection_requests '
                    '"$http_x_note" "$http_authorization" "$http_cookie" "$host" $status $request_length';
    access_log {folder}/access.log seen;
    client_body_temp_path {folder}/body;
    server {{
        listen {bind}{words} backlog=65535;
        root {folder};
        keepalive_requests 1000000;
        location /cookie {{ add_header Set-Cookie "id=$connection; Path=/"; return 200 "c"; }}
        location /file {{ }}
        location / {{ return 200 "answer"; }}
    }}
}}
"""


class Nginx:
    """nginx that answers anything with 6 bytes, /cookie with a cookie, /file with a file; and its log."""

    def __init__(self, place, bind=BIND, words=""):
        self.folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
        os.chmod(self.folder, 0o755)
        with open(f"{self.folder}/file", "wb") as file:
            file.write(bytes(range(256)) * 400)
        self.child = peers.run_nginx(place, self.folder, NGINX.format(folder=self.folder, bind=bind, words=words),
                                     [bind])

    def log(self):
        """Of each request: its fields, quoted ones as they are."""
        self.child.stop()
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            return [split(line) for line in file]


def split(line):
    fields, rest = [], line.strip()
    while rest:
        if rest[0] == '"':
            field, _, rest = rest[1:].partition('"')
        else:
            field, _, rest = rest.partition(" ")
        fields.append(field)
        rest = rest.lstrip(" ")
    return fields


METHOD, URI, ADDRESS, PORT, CONNECTION, NTH, NOTE, AUTHORIZATION, COOKIE, HOST, STATUS, LENGTH = range(12)


def ask(place, check, *options, path="", duration="1s", connections="4", scheme="http"):
    """A run against nginx whose requests are all in its log."""
    place.pair()
    nginx = Nginx(place, words=" http2" if scheme == "h2c" else "")
    run = shakedown("run", f"{scheme}://{SERVER4}{path}", "--device", DEVICE, "--local", LOCAL4, "--connections",
                    connections, "--duration", duration, *options)
    check_all_closed(check, run)
    log = nginx.log()
    check.equal("requests", run.total("requests"), len(log))
    check.that(len(log) > 0, "nothing was asked")
    statuses = collections.Counter(line[STATUS] for line in log)
    check.equal("statuses", run.result["http"]["statuses"], dict(statuses))
    return run, log


@case
def counter_and_own_address_are_those_of_the_request(place, check):
    check_filled_in(place, check, "http")


@case
def so_they_are_over_http2(place, check):
    check_filled_in(place, check, "h2c", "--streams", "5")


def check_filled_in(place, check, scheme, *options):
    _, log = ask(place, check, "-H", "X-Note: {local.address} {local.port} {random:5-9}", *options, path="/n/{counter}",
                 scheme=scheme)
    numbers = sorted(int(line[URI].rpartition("/")[2]) for line in log)
    check.equal("numbers", numbers, list(range(1, len(log) + 1)))
    for line in log:
        address, port, number = line[NOTE].split()
        if (address, port) != (line[ADDRESS], line[PORT]) or not 5 <= int(number) <= 9:
            check.that(False, f"{line[NOTE]} from {line[ADDRESS]} port {line[PORT]}")
            break
    check.that(len({line[NOTE].split()[2] for line in log}) > 1, "the random number is always the same")


@case
def rows_of_a_file_come_in_the_order_that_is_asked_for(place, check):
    with tempfile.NamedTemporaryFile("w", dir="/run", suffix=".csv") as file:
        file.write('user,id\n' + "".join(f'"u, {i}",{i}\n' for i in range(50)))
        file.flush()
        for order in ("sequential", "random", "connection"):
            _, log = ask(place, check, "-H", "X-Note: {csv.user}", "--csv-data", file.name, "--csv-order", order,
                         path="/{csv.id}")
            ids = [int(line[URI][1:]) for line in log]
            check.that(all(line[NOTE] == f"u, {i}" for line, i in zip(log, ids)), "fields of different rows")
            by_connection = collections.defaultdict(set)
            for line, i in zip(log, ids):
                by_connection[line[CONNECTION]].add(i)
            if order == "sequential":
                counts = collections.Counter(ids)
                check.that(max(counts.values()) - min(counts[i] for i in range(min(50, len(ids)))) <= 1,
                           f"some rows came more often: {counts}")
            elif order == "connection":
                check.that(all(len(rows) == 1 for rows in by_connection.values()), "rows of one connection differ")
                check.equal("rows", len({i for rows in by_connection.values() for i in rows}), len(by_connection))
            place.close()
            place.__enter__()


@case
def paths_have_their_shares(place, check):
    run, log = ask(place, check, "--path", "3:/a", "--path", "/b?c={counter}", "--path", "6:/c")
    counts = collections.Counter(line[URI].partition("?")[0] for line in log)
    rounds = len(log) / 10
    for path, weight in (("/a", 3), ("/b", 1), ("/c", 6)):
        check.that(abs(counts[path] - weight * rounds) <= 10, f"{path}: {counts[path]} of {len(log)}")
    check.equal("scenario", run.result["scenario"]["http"]["paths"], ["3:/a", "/b?c={counter}", "6:/c"])


@case
def credentials_are_sent_and_not_shown(place, check):
    run, log = ask(place, check, "--basic", "joe:secret word", "--host", "www.example:81", path="/a")
    want = "Basic " + base64.b64encode(b"joe:secret word").decode()
    check.equal("Authorization", {line[AUTHORIZATION] for line in log}, {want})
    check.equal("Host", {line[HOST] for line in log}, {"www.example"})
    check.equal("scenario", run.result["scenario"]["http"]["basic"], "***")
    check.that("secret" not in run.out + run.err + str(run.result), "the password is in the output")


@case
def a_bearer_token_is_sent(place, check):
    run, log = ask(place, check, "--bearer", "abc.def")
    check.equal("Authorization", {line[AUTHORIZATION] for line in log}, {"Bearer abc.def"})
    check.equal("scenario", run.result["scenario"]["http"]["bearer"], "***")


@case
def cookies_go_back_on_their_connection(place, check):
    check_cookies(place, check, "http")


@case
def cookies_go_back_over_http2(place, check):
    check_cookies(place, check, "h2c")


def check_cookies(place, check, scheme):
    run, log = ask(place, check, "--cookies", "yes", path="/cookie", scheme=scheme)
    for line in log:
        if line[COOKIE] != ("-" if line[NTH] == "1" else f"id={line[CONNECTION]}"):
            check.that(False, f"request {line[NTH]} of connection {line[CONNECTION]} has cookie {line[COOKIE]}")
            break
    check.equal("dropped", run.total("http_cookies_dropped"), 0)


@case
def the_body_of_answers_is_compared(place, check):
    content = bytes(range(256)) * 400
    right, wrong = hashlib.sha256(content).hexdigest(), hashlib.sha256(b"").hexdigest()
    for expected, is_right in ((f"sha256:{right}", True), (f"sha256:{wrong}", False), (str(len(content)), True),
                               (str(len(content) - 1), False)):
        run, _ = ask(place, check, "--expect-body", expected, path="/file", duration="500ms")
        check.equal(f"{expected}: wrong bodies", run.total("http_wrong_body"),
                    0 if is_right else run.total("requests"))
        check.equal(f"{expected}: example", "http_wrong_body" in run.result["http"]["examples"], not is_right)
        place.close()
        place.__enter__()


# ---- other servers ---------------------------------------------------------------------------------


def against(place, check, server, *options, path="/hundred", connections="5", duration="2s"):
    place.pair()
    child = server(place, BIND)
    run = shakedown("run", f"http://{SERVER4}{path}", "--device", DEVICE, "--local", LOCAL4, "--connections",
                    connections, "--duration", duration, *options)
    check_all_closed(check, run)
    return run, child


def check_lines(check, run, log):
    """Lines of status and bytes."""
    check.equal("requests", run.total("requests"), len(log))
    check.equal("statuses", run.result["http"]["statuses"], dict(collections.Counter(line[0] for line in log)))
    check.equal("bytes", run.total("http_body_bytes"), sum(int(line[1]) for line in log))
    check.that(len(log) > 0, "nothing was asked")


@case
def lighttpd(place, check):
    run, child = against(place, check, http_servers.lighttpd)
    check_lines(check, run, child.log())


@case
def apache_closes_after_a_hundred_requests(place, check):
    run, child = against(place, check, http_servers.apache)
    check_lines(check, run, child.log())
    check.that(run.total("attempted") >= run.total("requests") / 101, "more requests than apache allows")


@case
def nginx_behind_haproxy(place, check):
    place.pair()
    nginx = Nginx(place, "127.0.0.1:8080")
    http_servers.haproxy(place, BIND)
    run = shakedown("run", f"http://{SERVER4}/{{counter}}", "--device", DEVICE, "--local", LOCAL4, "--connections",
                    "5", "--duration", "2s", "--expect-body", "6")
    check_all_closed(check, run)
    log = nginx.log()
    check.equal("requests", run.total("requests"), len(log))
    check.equal("numbers", sorted(int(line[URI][1:]) for line in log), list(range(1, len(log) + 1)))
    check.equal("wrong bodies", run.total("http_wrong_body"), 0)


@case
def node_gets_bodies_and_answers_in_chunks(place, check):
    run, child = against(place, check, http_servers.node, "--body-bytes", "100k", "--expect-body", "6", path="/x")
    log = child.log()
    check.equal("requests", run.total("requests"), len(log))
    check.equal("what came", {tuple(line) for line in log}, {("POST", "/x", "100000")})
    check.equal("wrong bodies", run.total("http_wrong_body"), 0)
    check.equal("bytes", run.total("http_body_bytes"), 6 * len(log))


@case
def node_gets_a_body_that_is_filled_in(place, check):
    run, child = against(place, check, http_servers.node, "--body", '{"n":{counter}}', path="/x")
    log = child.log()
    check.equal("requests", run.total("requests"), len(log))
    check.equal("bytes", sum(int(line[2]) for line in log),
                sum(len('{"n":}') + len(str(i + 1)) for i in range(len(log))))


# ---- what no server should do ------------------------------------------------------------------------


def ask_peer(place, check, path, *options):
    """One request a connection. @return the run, and how often the server was asked."""
    place.pair()
    peer = http_servers.Peer(place, BIND)
    run = shakedown("run", f"http://{SERVER4}{path}", "--device", DEVICE, "--local", LOCAL4, "--rate", "20",
                    "--duration", "1s", "--data-timeout", "400ms", *options)
    check_result(check, run)
    n = peer.stop()["requests"].get(path, 0)
    check.equal(f"{path}: requests", run.total("requests"), n)
    check.that(n > 0, f"{path}: nothing was asked")
    return run, n


@case
def failures_are_told_apart_by_cause(place, check):
    for path, counter, example in (
            ("/short", "http_truncated", "only this"), ("/chunks", "http_truncated", "5;a=b\r\nhello\r\n10\r\nbroken"),
            ("/garbage", "http_bad_messages", None), ("/lengths", "http_bad_messages", "hello"),
            ("/early", "http_closed_early", ""), ("/silent", "http_timeouts", "")):
        run, n = ask_peer(place, check, path)
        check.equal(f"{path}: {counter}", run.total(counter), n)
        check.equal(f"{path}: failed", run.total("failed"), n)
        check.equal(f"{path}: responses", run.total("responses"), 0)
        examples = run.result["http"]["examples"]
        if example != "":
            check.equal(f"{path}: kept", list(examples), [counter])
            check.that(counter in run.out, f"{path}: the summary has no example")
        if example:
            check.equal(f"{path}: body kept", examples[counter]["body"], example)
        place.close()
        place.__enter__()


@case
def odd_answers_that_are_right_are_successes(place, check):
    for path in ("/informational", "/trailer", "/until-end", "/idle", "/ok"):
        run, n = ask_peer(place, check, path, "--expect-body", "5")
        check.equal(f"{path}: responses", run.total("responses"), n)
        check.equal(f"{path}: failures", [run.total(f"http_{name}") for name in (
            "bad_messages", "truncated", "closed_early", "timeouts", "unexpected_status", "wrong_body")], [0] * 6)
        check.equal(f"{path}: failed", run.total("failed"), 0)
        check.equal(f"{path}: informational", run.total("http_1xx"), 2 * n if path == "/informational" else 0)
        place.close()
        place.__enter__()


@case
def more_than_was_promised_ends_the_connection_and_fails_no_request(place, check):
    run, n = ask_peer(place, check, "/long")
    check.equal("responses", run.total("responses"), n)
    check.equal("unasked", run.total("http_unasked"), n)


@case
def a_server_that_closes_after_each_answer_costs_connections_only(place, check):
    place.pair()
    peer = http_servers.Peer(place, BIND)
    run = shakedown("run", f"http://{SERVER4}/idle", "--device", DEVICE, "--local", LOCAL4, "--connections", "4",
                    "--duration", "1s")
    check_result(check, run)
    check.equal("requests", run.total("requests"), peer.stop()["requests"]["/idle"])
    check.equal("failed", run.total("failed"), 0)


@case
def cookies_that_do_not_fit_are_counted(place, check):
    place.pair()
    peer = http_servers.Peer(place, BIND)
    run = shakedown("run", f"http://{SERVER4}/many", "--device", DEVICE, "--local", LOCAL4, "--rate", "10",
                    "--requests", "2", "--duration", "1s", "--cookies", "yes")
    check_result(check, run)
    seen = peer.stop()
    kept = max(int(n) for n in seen["cookies"])
    check.that(0 < kept < 20, f"{kept} cookies came back")
    check.equal("dropped", run.total("http_cookies_dropped"), (20 - kept) * run.total("requests"))


# ---- what is refused before anything is sent ----------------------------------------------------------


@case
def files_that_cannot_be_used_are_refused(place, check):
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        def write(name, text):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            return f"{folder}/{name}"

        rows = (
            (["--csv-data", f"{folder}/absent"], "cannot be read: No such file"),
            (["--csv-data", write("empty", "")], "it is empty"),
            (["--csv-data", write("names", "a,b\n")], "no row below the names"),
            (["--csv-data", write("ragged", "a,b\n1,2\n3\n")], "line 3 of"),
            (["--csv-data", write("quote", 'a\n"b\n')], "a quote is not closed"),
            (["--csv-data", write("other", "a\n1\n"), "--header", "X: {csv.b}"], "has no such column"),
            (["--csv-data", write("lines", 'a\n"x\ny"\n'), "--header", "X: {csv.a}"], "has a line break"),
            (["--csv-data", write("spaces", "a\nx y\n"), "--path", "/{csv.a}"], "that a path cannot have"),
            (["--csv-data", write("unused", "a\n1\n")], "no placeholder {csv.COLUMN} uses it"),
            (["--header", "X: {csv.a}"], "there is no file"),
            (["--body", f"@{folder}/absent"], "--body: the file"),
            (["--body", f"@{write('body', 'n={x}{counter}')}"], None),
            (["--body", f"@{write('slip', 'n={countr}')}"], "did you mean {counter}?"),
        )
        for options, words in rows:
            run = shakedown("check", "http://198.19.0.1/", *options, want_json=False)
            check.equal(f"{options}: exit status", run.status, 2 if words else 0)
            if words:
                check.that(words in run.err, f"{options}: {run.err}")
                check.equal(f"{options}: sentences", len(run.err.splitlines()), 1)


# ---- the responder ---------------------------------------------------------------------------------


@case
def curl_gets_delays_trickles_and_its_own_head(place, check):
    lab.require("curl")
    place.pair()
    address = "198.18.1.1"
    program = Shakedown("serve", "--device", DEVICE, "--local", f"{address}/15", "--http")
    if not lab.wait_until(lambda: peers.answers(address, timeout_s=1), 20):
        raise RuntimeError(f"serve does not answer: {program.finish(1).describe()}")

    def curl(*words):
        return lab.quiet(["curl", "-sS", "-m", "20", *words], "server")

    for version, words in (("1.1", ()), ("2", ("--http2-prior-knowledge",))):
        begins = float(curl(*words, "-w", "%{time_starttransfer}", f"http://{address}/delay/300ms"))
        check.that(begins >= 0.3, f"{version}: the answer began after {begins} s")
        size, begins, ends = curl(*words, "-o", "/dev/null", "-w",
                                  "%{size_download} %{time_starttransfer} %{time_total}",
                                  f"http://{address}/trickle/1k/50ms/5k").split()
        check.equal(f"{version}: bytes of the trickle", size, "5000")
        check.that(float(ends) >= 0.2, f"{version}: the trickle took {ends} s")
        head = curl(*words, "-H", "X-Y: z", f"http://{address}/headers?q=1").splitlines()
        check.equal("first line", head[0], f"GET /headers?q=1 HTTP/{version}")
        check.that({"x-y: z", f"host: {address}"} <= {line.lower() for line in head}, f"the head came back as {head}")
    program.interrupt()
    run = program.finish(30)
    if check_result(check, run, status=130):
        check.equal("statuses", run.result["http"]["statuses"], {"200": 6})
        check.equal("failed", run.total("failed"), 0)


lab.enter()
main()
