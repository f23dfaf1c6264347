# SPDX-License-Identifier: BSD-3-Clause
"""What a lab meets, often two things at once. Who was the limit was decided before the first run, from what a case does
to its target or its network; the reason is in its first lines."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import lab
import peers
from cases import case, check_result, main, shakedown
from lab import DEVICE, FAR4, GATEWAY4, GEN, LOCAL4, NEAR4, SERVER4, SRV, TO_SRV

AT = f"{SERVER4}:80"
WIRE = ("--device", DEVICE, "--local", LOCAL4)
ROUTED = ("--device", DEVICE, "--local", NEAR4, *GATEWAY4)
IN_3_S = ("--duration", "3s")
ONE_CPU = ("taskset", "-c", "0")
DROP = "table inet hole {{\nchain in {{\ntype filter hook {} priority 0\n{}\n}}\n}}\n"
SELDOM, NEVER = 0.1, 2
HIDES = 0.5
FIRST_SYN = "tcp flags & (syn | ack) == syn"


# -- what is asked of a verdict ----------------------------------------------------------------------------------------


def late_share(run):
    """What the generator cannot hide, and what makes it a limit beside any other: the share of starts that were late,
    or of the time in which it did not run."""
    starts = max(run.total("attempted") or 1, run.total("requests") or 1)
    late = (run.total("late_starts") or 0) + (run.total("starts_dropped") or 0)
    return max(late / starts, (run.total("long_polls_ns") or 0) / (1e9 * run.result["duration_s"]))


def limited(check, run, by, says, or_late=SELDOM):
    """@by: who was the limit, or several where one side cannot tell. @says: what has to be in the evidence, whoever was
    named. @or_late: from which share on a generator that was late may be named instead; NEVER: it explains nothing.
    Where it was so for more than HIDES, slow answers are not told from its own pauses, and need not be in it."""
    if not check_result(check, run):
        return
    verdict, names = run.result["verdict"], (by,) if isinstance(by, str) else by
    if late_share(run) >= or_late:
        names += ("generator",)
    check.that(verdict["limited_by"] in names, f"limited by {verdict['limited_by']!r}, want one of {names}: {verdict}")
    evidence = " ".join(verdict["evidence"])
    check.that(re.search(says, evidence) or HIDES <= late_share(run) >= or_late,
               f"{says!r} is not in the evidence: {verdict}")


def limited_by_none(check, run):
    """Unless this machine was too busy, for the target as well."""
    limited(check, run, "none" if late_share(run) < 0.01 else ("none", "generator", "target"), "")


# -- targets -----------------------------------------------------------------------------------------------------------


def start_worker(place, *how, bind=AT, ns="server"):
    child = place.spawn([sys.executable, lab.script("http_worker.py"), "--bind", bind, *map(str, how)], ns,
                        stdout=subprocess.PIPE, text=True)
    if child.process.stdout.readline().strip() != "ready":
        raise RuntimeError("http_worker.py did not start")
    return child


def stop_for_a_second(child):
    child.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    child.process.send_signal(signal.SIGCONT)


# -- the target --------------------------------------------------------------------------------------------------------


@case
def the_only_worker_stops_for_a_second(place, check):
    """target: nothing fails, for the kernel goes on to take connections and the worker answers all of them in the end;
    but for a second it answered none, whatever was offered, and each request of that second waited for it."""
    place.pair()
    nginx = peers.start_nginx(place, AT)
    stop = lab.after(2, lambda: stop_for_a_second(nginx))
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", "--duration", "4s")
    stop.join()
    limited(check, run, "target", "answer|respon")


@case
def the_only_worker_stops_and_connections_run_out(place, check):
    """target: requests wait for a connection because each has one under way at a worker that does nothing; more
    connections would have waited there too."""
    place.pair()
    nginx = peers.start_nginx(place, AT)
    stop = lab.after(2, lambda: stop_for_a_second(nginx))
    run = shakedown("run", f"http://{AT}/", *WIRE, "--request-rate", "300", "--connections", "20", "--duration", "4s")
    stop.join()
    limited(check, run, "target", "answer|respon")


@case
def a_worker_of_four_is_stuck(place, check):
    """target: each fourth connection is the stuck worker's, and gets no answer."""
    place.pair()
    children = [start_worker(place, "--reuse-port") for _ in range(4)]
    children[0].process.send_signal(signal.SIGSTOP)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", *IN_3_S, "--data-timeout", "500ms")
    children[0].process.send_signal(signal.SIGCONT)
    limited(check, run, "target", "data_timeout|stalled|answer|time", NEVER)


@case
def a_program_that_accepts_too_slowly(place, check):
    """target: 40 connections a second are accepted, 200 are asked for, and the queue between holds 8."""
    place.pair()
    code = ("import socket, time\ns = socket.socket()\ns.setsockopt(1, 2, 1)\n"
            f"s.bind(('{SERVER4}', 80))\ns.listen(8)\nprint('ready', flush=True)\n"
            "while True:\n c, _ = s.accept()\n c.close()\n time.sleep(0.025)\n")
    child = place.spawn([sys.executable, "-c", code], "server", stdout=subprocess.PIPE, text=True)
    child.process.stdout.readline()
    run = shakedown("run", f"tcp://{AT}", *WIRE, "--rate", "200", *IN_3_S, "--connect-timeout", "1500ms",
                    "--close-timeout", "1500ms")
    limited(check, run, "target", "SYN|accept", NEVER)


@case
def a_rate_limit_of_syns(place, check):
    """target: the firewall before it lets 100 SYNs a second through of 300, and nothing else is lost."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules(DROP.format("input", f"{FIRST_SYN} limit rate over 100/second burst 5 packets drop"), "server")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "300", *IN_3_S, "--connect-timeout", "500ms")
    limited(check, run, "target", "SYN", NEVER)


@case
def a_limit_of_connections(place, check):
    """target: its firewall lets nobody in while 50 connections are open, and 200 would be."""
    place.pair()
    peers.start_server(place, AT)
    place.rules(DROP.format("input", f"{FIRST_SYN} ct count over 50 drop"), "server")
    run = shakedown("run", f"tcp://{AT}", *WIRE, "--rate", "200", "--hold", "1s", *IN_3_S, "--connect-timeout", "500ms")
    limited(check, run, "target", "SYN", NEVER)


@case
def a_third_is_rejected_with_a_reset(place, check):
    """target: whoever sent the RST, the target or its firewall, the connection was refused and no segment lost."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules(DROP.format("input", f"{FIRST_SYN} numgen random mod 3 0 reject with tcp reset"), "server")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "300", *IN_3_S)
    limited(check, run, "target", "answered the SYN with RST", NEVER)


@case
def a_tenth_is_rejected_by_icmp_of_the_target(place, check):
    """target: `reject` of its own firewall is an ICMP error, from the target's own address; no router is involved, and
    the rest of the connections shows that the way is there."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules(DROP.format("input", f"{FIRST_SYN} numgen random mod 10 0 reject"), "server")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "300", *IN_3_S)
    limited(check, run, "target", "ICMP|unreachable", NEVER)


@case
def a_tenth_is_reset_after_the_handshake(place, check):
    """target: no path sends a reset with the right numbers."""
    place.pair()
    start_worker(place, "--reset", 0.1)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", *IN_3_S)
    limited(check, run, "target", "RST|reset|closed", NEVER)


@case
def one_answer_at_a_time(place, check):
    """target: 50 answers a second are the most it gives, 100 are asked for; nothing fails, each answer is later than
    the one before."""
    place.pair()
    start_worker(place, "--think", 0.02, "--serial")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "100", *IN_3_S)
    limited(check, run, "target", "answer|respon|wait|slow")


@case
def one_answer_at_a_time_in_a_closed_loop(place, check):
    """target: 64 connections wait for the one that is answered. A single connection would get as many answers."""
    place.pair()
    start_worker(place, "--think", 0.02, "--serial")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--connections", "64", *IN_3_S)
    limited(check, run, "target", "answer|respon|wait|slow")


@case
def rsa_4096_beyond_what_a_cpu_signs(place, check):
    """target: a signature of RSA-4096 takes milliseconds of its CPU, so it signs a few hundred a second of the 1000
    that are asked for; the client's part is a tenth of that."""
    place.pair()
    nginx_rsa4096(place)
    run = shakedown("run", f"tls://{SERVER4}:443", *WIRE, "--rate", "1000", "--duration", "1s", "--tls-timeout", "20s",
                    "--close-timeout", "20s")
    limited(check, run, "target", "TLS|handshake|answer")


@case
def rsa_4096_beyond_patience(place, check):
    """target: the same, and after half a second a handshake is given up."""
    place.pair()
    nginx_rsa4096(place)
    run = shakedown("run", f"tls://{SERVER4}:443", *WIRE, "--rate", "1000", "--duration", "1s",
                    "--tls-timeout", "500ms")
    limited(check, run, "target", "tls_timeout|TLS", NEVER)


def nginx_rsa4096(place):
    folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
    lab.quiet(["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=target",
               "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"])
    text = peers.NGINX.format(folder=folder, listens=f"listen {SERVER4}:443 ssl backlog=65535; "
                              f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;")
    nginx = peers.run_nginx(place, folder, text, [f"{SERVER4}:443"])
    os.sched_setaffinity(nginx.process.pid, {max(os.sched_getaffinity(0))})


@case
def three_of_ten_answers_are_503(place, check):
    """target: it says itself that it was the limit, of three requests in ten."""
    place.pair()
    start_worker(place, "--unavailable", 0.3)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", *IN_3_S)
    limited(check, run, "target", "status|503|5xx", NEVER)


@case
def a_limit_of_requests_in_nginx(place, check):
    """target: limit_req lets 50 requests a second through, and answers 503 to the others of 200, over kept
    connections."""
    place.pair()
    folder = tempfile.mkdtemp(prefix="nginx-", dir="/run")
    os.makedirs(f"{folder}/www")
    os.chmod(folder, 0o755)
    with open(f"{folder}/www/x", "w", encoding="ascii") as file:
        file.write("x")
    text = peers.NGINX.format(folder=folder, listens=f"listen {AT} backlog=65535;")
    text = text.replace("http {", "http {\n    limit_req_zone $server_addr zone=one:1m rate=50r/s;\n")
    text = text.replace("return 204;", f"root {folder}/www; limit_req zone=one;")
    peers.run_nginx(place, folder, text, [AT])
    run = shakedown("run", f"http://{AT}/x", *WIRE, "--request-rate", "200", "--connections", "20", *IN_3_S)
    limited(check, run, "target", "status|503|5xx", NEVER)


@case
def a_syn_proxy_before_a_target_that_is_dead(place, check):
    """target: the proxy completes each handshake, and behind it nobody is there."""
    place.routed()
    place.rules('table ip proxy {\nchain pre {\ntype filter hook prerouting priority raw\n'
                f'tcp dport 80 {FIRST_SYN} notrack\n}}\nchain forward {{\ntype filter hook forward priority 0\n'
                'tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm\n'
                'ct state invalid drop\n}\n}\n', "router")
    lab.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0, "router")
    lab.sysctl("net.ipv4.tcp_syncookies", 2, "router")
    place.rules(DROP.format("input", "meta l4proto tcp drop"), "server")
    run = shakedown("run", f"http://{FAR4}:80/", *ROUTED, "--rate", "100", "--duration", "2s", "--data-timeout",
                    "700ms", "--dead-man", "0", "--close-timeout", "500ms", "--connect-timeout", "1s")
    limited(check, run, "target", "answer|respon|data|payload|stalled", NEVER)


# -- the network -------------------------------------------------------------------------------------------------------


@case
def two_percent_lost_both_ways(place, check):
    """network: segments of all kinds are lost, the target is quick, and each lost SYN costs a second."""
    place.routed()
    peers.start_nginx(place, f"{FAR4}:80")
    place.lose(200, 200)
    run = shakedown("run", f"http://{FAR4}:80/", *ROUTED, "--rate", "200", *IN_3_S)
    limited(check, run, "network", "repeat|retransmi|lost|sent again")


@case
def a_policer_on_the_way_of_bulk(place, check):
    """network: what is beyond 500 kB a second is dropped between the two, whatever it is."""
    place.routed()
    peers.start_server(place, f"{FAR4}:80")
    place.rules(DROP.format("forward", f'oifname "{TO_SRV}" limit rate over 500 kbytes/second burst 20 kbytes drop'),
                "router")
    run = shakedown("run", f"tcp://{FAR4}:80", *ROUTED, "--send", "200k", "--connections", "8", *IN_3_S)
    limited(check, run, "network", "repeat|retransmi|lost|sent again")


@case
def a_narrow_link_with_a_short_queue(place, check):
    """network: 8 Mbit/s, and what does not fit into the queue before it is dropped."""
    place.routed()
    peers.start_server(place, f"{FAR4}:80")
    lab.require("tc")
    try:
        lab.quiet(["tc", "qdisc", "replace", "dev", TO_SRV, "root", "tbf", "rate", "8mbit", "burst", "10kb",
                   "latency", "20ms"], "router")
    except RuntimeError as error:
        raise lab.Skip(f"this kernel has no token bucket: {error}") from error
    run = shakedown("run", f"tcp://{FAR4}:80", *ROUTED, "--send", "200k", "--connections", "8", *IN_3_S)
    limited(check, run, "network", "repeat|retransmi|lost|sent again")


@case
def two_percent_lost_and_one_answer_at_a_time(place, check):
    """network or target: the one loses of all kinds, the other answers half of what is asked for; either is true, and
    the evidence has to name both."""
    place.routed()
    start_worker(place, "--think", 0.02, "--serial", bind=f"{FAR4}:80")
    place.lose(200, 200)
    run = shakedown("run", f"http://{FAR4}:80/", *ROUTED, "--rate", "100", *IN_3_S)
    limited(check, run, ("network", "target"), "sent again")
    limited(check, run, ("network", "target"), "answer")


@case
def nothing_comes_through_for_a_second(place, check):
    """network or target: a router that drops all for a second looks as a host without its network does. That the load
    was the limit, or the generator, would be wrong."""
    place.routed()
    peers.start_nginx(place, f"{FAR4}:80")
    hole = lab.after(2, lambda: drop_all_for_a_second(place))
    run = shakedown("run", f"http://{FAR4}:80/", *ROUTED, "--rate", "200", "--duration", "4s")
    hole.join()
    limited(check, run, ("network", "target"), "sent again")


def drop_all_for_a_second(place):
    place.rules(DROP.format("forward", "meta l4proto tcp drop"), "router")
    time.sleep(1)
    lab.quiet(["nft", "flush", "ruleset"], "router")


@case
def a_tenth_is_prohibited_by_a_router(place, check):
    """network: a router says so, with an ICMP error of its own."""
    place.routed()
    peers.start_nginx(place, f"{FAR4}:80")
    place.rules(DROP.format("forward", f"{FIRST_SYN} numgen random mod 10 0 reject with icmp type admin-prohibited"),
                "router")
    run = shakedown("run", f"http://{FAR4}:80/", *ROUTED, "--rate", "300", *IN_3_S)
    limited(check, run, "network", "ICMP|unreachable|router", NEVER)


# -- the generator -----------------------------------------------------------------------------------------------------


@case
def a_cpu_that_is_shared_with_two_loops(place, check):
    """generator: it has a third of its CPU; the target is quick and on the other one."""
    place.pair()
    peers.start_nginx(place, AT)
    busy(place)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "300", *IN_3_S, prefix=ONE_CPU)
    limited(check, run, "generator", "late|CPU")


def busy(place, n=2):
    for _ in range(n):
        place.spawn([*ONE_CPU, sys.executable, "-c", "while True: pass"])


@case
def a_shared_cpu_and_one_answer_at_a_time(place, check):
    """generator or target: both were; either is true, and the evidence has to name both."""
    place.pair()
    start_worker(place, "--think", 0.02, "--serial")
    busy(place)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "100", *IN_3_S, prefix=ONE_CPU)
    limited(check, run, ("generator", "target"), "late|CPU")
    limited(check, run, ("generator", "target"), "answer|respon|wait")


@case
def a_shared_cpu_and_a_third_rejected(place, check):
    """target: what is late by milliseconds refuses nothing; the evidence names both."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules(DROP.format("input", f"{FIRST_SYN} numgen random mod 3 0 reject with tcp reset"), "server")
    busy(place)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "300", *IN_3_S, prefix=ONE_CPU)
    limited(check, run, "target", "answered the SYN with RST", NEVER)
    limited(check, run, "target", "late|CPU", NEVER)


@case
def a_shared_cpu_and_three_of_ten_503(place, check):
    """target: as with refusals."""
    place.pair()
    start_worker(place, "--unavailable", 0.3)
    busy(place)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", *IN_3_S, prefix=ONE_CPU)
    limited(check, run, "target", "status|503|5xx", NEVER)


@case
def too_few_tuples_on_the_wire(place, check):
    """generator: an address with a hundred ports, each of which rests for a second, makes 100 connections a second,
    and 300 are asked for. To refuse that before the start is as good."""
    place.pair()
    peers.start_nginx(place, AT)
    run = shakedown("run", f"http://{AT}/", "--device", DEVICE, "--local", "198.18.0.10/15", "--ports", "2000-2099",
                    "--rate", "300", *IN_3_S)
    if run.status == 2:
        check.that("port" in run.err, run.err)
        return
    limited(check, run, "generator", "port|tuple|address")


@case
def too_few_connections_for_a_rate_of_requests(place, check):
    """generator: 300 requests a second of 20 ms each need six connections at once, and it was allowed two; the target
    would have answered more of them side by side."""
    place.pair()
    start_worker(place, "--think", 0.02)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--request-rate", "300", "--connections", "2", *IN_3_S)
    limited(check, run, "generator", "connections")
    check.equal("part", run.result["verdict"]["part"], "connections allowed")


@case
def many_connections_in_a_closed_loop(place, check):
    """generator or target: without a rate, 256 connections are more than either can serve at once; the offered load is
    not the limit. With a target that has a CPU to itself and is not busy all of it, the generator was."""
    place.pair()
    nginx = peers.start_nginx(place, AT)
    before = cpu_s(nginx.process.pid)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--connections", "256", *IN_3_S)
    share = (cpu_s(nginx.process.pid) - before) / 3
    limited(check, run, ("generator", "target"), ".")


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# -- nobody ------------------------------------------------------------------------------------------------------------


@case
def slow_answers_at_a_modest_rate(place, check):
    """none: each answer takes 200 ms, the last as the first, and all 50 a second come."""
    place.pair()
    start_worker(place, "--think", 0.2)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "50", *IN_3_S)
    limited_by_none(check, run)


@case
def a_long_tail(place, check):
    """none: two answers in a hundred take half a second longer, which is the target's affair; all that was offered was
    served as it came, and more would have been."""
    place.pair()
    start_worker(place, "--tail", 0.02, "--tail-think", 0.5)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "100", *IN_3_S)
    limited_by_none(check, run)


@case
def a_long_wire(place, check):
    """none: 50 ms each way, constant; all that was offered was served."""
    for ns in ("wire", "server"):
        place.namespace(ns)
    place.cable(GEN, "near0", ns_b="wire")
    place.cable("far0", SRV, "wire", "server")
    for port in ("near0", "far0"):
        lab.sysctl(f"net.ipv6.conf.{port}.disable_ipv6", 1, "wire")
    lab.honest_checksums(SRV, "server")
    lab.address(SRV, [f"{SERVER4}/15"], "server")
    child = place.spawn([sys.executable, lab.script("long_wire.py"), "--delay", "0.05", "near0", "far0"], "wire",
                        stdout=subprocess.PIPE, text=True)
    child.process.stdout.readline()
    peers.start_nginx(place, AT)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "100", *IN_3_S)
    limited_by_none(check, run)


@case
def three_lost_frames(place, check):
    """none: three of nine thousand frames were lost and sent again; all that was offered was served."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules(DROP.format("input", "tcp dport 80 numgen inc mod 2000 1000 drop"), "server")
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "400", *IN_3_S)
    limited_by_none(check, run)


@case
def kept_connections_that_the_server_closes(place, check):
    """none: it closes each after five answers without a word of it; that costs connections and no request, and the 100
    requests a second are answered."""
    place.pair()
    start_worker(place, "--close-after", 5)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--request-rate", "100", "--connections", "20", *IN_3_S)
    limited_by_none(check, run)


@case
def one_connection_in_a_closed_loop(place, check):
    """none: a single connection asks again when it was answered, and neither end is busy for more than a moment at a
    time: more connections would have more answers."""
    place.pair()
    start_worker(place, "--think", 0.01)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--connections", "1", *IN_3_S)
    limited_by_none(check, run)


@case
def slow_answers_in_a_closed_loop(place, check):
    """none: 32 connections, each answered within 50 ms beside the others: the load that 32 connections are was the
    limit. 64 would have twice as many answers."""
    place.pair()
    start_worker(place, "--think", 0.05)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--connections", "32", *IN_3_S)
    limited_by_none(check, run)


@case
def a_503_that_is_expected(place, check):
    """none: who says that 503 is a success has all he asked for."""
    place.pair()
    start_worker(place, "--unavailable", 0.3)
    run = shakedown("run", f"http://{AT}/", *WIRE, "--rate", "200", *IN_3_S, "--expect", "200-599")
    limited_by_none(check, run)


lab.enter()
main()
