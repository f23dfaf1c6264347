# SPDX-License-Identifier: BSD-3-Clause
"""A device under test in the middle: one process has a client's port before it and a server's behind it."""

import json
import os
import re
import signal
import subprocess
import tempfile

import lab
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown

BEHIND = "srv0"  # the server's port; the clients' is GEN
IN, OUT = lab.TO_GEN, lab.TO_SRV
DEVICES = (f"net_af_packet0,iface={lab.GEN},framecnt=1024,blocksz=65536,framesz=2048",
           f"net_af_packet1,iface={BEHIND},framecnt=1024,blocksz=65536,framesz=2048")
CLIENTS4, CLIENTS6 = "198.18.0.10-198.18.0.29/24", "2001:2:0:1::10-2001:2:0:1::29/64"
SERVER4, SERVER6 = "198.19.0.10", "2001:2:0:2::10"


def wire(place):
    """A kernel ("router") between the two ports, which forwards."""
    place.namespace("router")
    for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
        lab.sysctl(key, 1, "router")
    for ours, its, net4, net6 in ((lab.GEN, IN, "198.18.0", "2001:2:0:1:"), (BEHIND, OUT, "198.19.0", "2001:2:0:2:")):
        place.cable(ours, its, ns_b="router")
        lab.sysctl(f"net.ipv6.conf.{ours}.disable_ipv6", 1)
        lab.honest_checksums(its, "router")
        lab.address(its, [f"{net4}.254/24", f"{net6}:fe/64"], "router")


def ports(*more):
    return ("--device", DEVICES[0], "--local", CLIENTS4, "--local", CLIENTS6,
            "--gateway", "198.18.0.254", "--gateway", "2001:2:0:1::fe",
            "--server-device", DEVICES[1], "--server-local", SERVER4 + "/24", "--server-local", SERVER6 + "/64",
            "--server-gateway", "198.19.0.254", "--server-gateway", "2001:2:0:2::fe", *more)


def server_total(run, name):
    return sum(core[name] for core in run.result["cores"] if core["role"] == "server")


def through(run):
    """What the result says of the device."""
    return (run.result or {}).get("middle") or {"device": "absent"}


def check_counts(check, run, **lost):
    """As many segments were lost of each direction and kind as @lost says, and none else; what arrived is what was
    sent without them."""
    for direction in ("to_server", "to_client"):
        for kind in ("syn", "syn_ack", "other"):
            seen, want = through(run)[direction][kind], lost.get(f"{direction}_{kind}", 0)
            check.equal(f"{direction}: {kind} lost", seen["lost"], want)
            check.equal(f"{direction}: {kind} arrived", seen["arrived"], seen["sent"] - want)


def check_changed(check, run, **changed):
    """Of all that was recognised those of @changed were changed, by direction, and nothing else."""
    for direction in ("to_server", "to_client"):
        seen = through(run)[direction]
        check.that(seen["matched"] > 0, f"{direction}: nothing was recognised")
        check.equal(f"{direction}: samples of delay", seen["delay"]["count"], seen["matched"])
        got = sorted(name for name, n in seen["changed"].items() if n == seen["matched"])
        check.equal(f"{direction}: changed", got, sorted(changed[direction]))
        some = [n for n in seen["changed"].values() if n not in (0, seen["matched"])]
        check.equal(f"{direction}: changed of some", some, [])


def nft(place, chain, *rules):
    place.rules(f"table inet t {{ chain c {{ {chain}\n" + "\n".join(rules) + "\n}\n}\n", "router")


def dropped():
    text = lab.quiet(["nft", "list", "table", "inet", "t"], "router")
    return [int(n) for n in re.findall(r"counter packets (\d+)", text)]


FORWARD = "type filter hook forward priority 0;"
IS_SYN, IS_ANSWER = "tcp flags & (syn|ack) == syn", "tcp flags & (syn|ack) == (syn|ack)"


@case
def connections_go_through_a_router_to_the_servers_port(place, check):
    wire(place)
    for target in (f"tcp://{SERVER4}:80", f"tcp://[{SERVER6}]:80"):
        run = shakedown("run", target, *ports("--rate", "500", "--duration", "2s"))
        check_all_closed(check, run)
        check.equal("accepted behind it", server_total(run, "established"), run.total("established"))
        check.equal("the device", through(run)["device"], "forwards")
        check_counts(check, run)
        check_changed(check, run, to_server=["hop_limit"], to_client=["hop_limit"])
        check.equal("SYNs", through(run)["to_server"]["syn"]["sent"], run.total("attempted"))


@case
def nat_finds_itself(place, check):
    wire(place)
    nft(place, "type nat hook postrouting priority 100;", f'oifname "{OUT}" masquerade')
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "300", "--duration", "1s"))
    check_all_closed(check, run)
    check.equal("the device", through(run)["device"], "translates")
    check_counts(check, run)
    seen = through(run)["to_server"]
    check.equal("source addresses changed", seen["changed"]["source_address"], run.total("attempted"))
    check.equal("target addresses changed", seen["changed"]["target_address"], 0)
    check.equal("answers' targets changed", through(run)["to_client"]["changed"]["target_address"],
                run.total("attempted"))


@case
def what_is_lost_is_found_exactly_on_its_side(place, check):
    wire(place)
    nft(place, FORWARD, f'oifname "{OUT}" {IS_SYN} numgen inc mod 100 == 0 counter drop',
        f'iifname "{OUT}" {IS_ANSWER} numgen inc mod 50 == 0 counter drop',
        f'oifname "{OUT}" tcp flags & (syn|fin|ack) == (fin|ack) numgen inc mod 40 == 0 counter drop')
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "500", "--duration", "2s"))
    if not check_result(check, run):  # whom the rules met again and again may have failed
        return
    syns, answers, fins = dropped()
    check.that(min(syns, answers, fins) > 0, "the rules dropped nothing")
    check_counts(check, run, to_server_syn=syns, to_client_syn_ack=answers, to_server_other=fins)
    check.equal("SYNs without their half", through(run)["to_server"]["unmatched_sent"], syns)
    check.equal("answers without theirs", through(run)["to_client"]["unmatched_sent"], answers)


LOSSY_NAT = """
table ip n {{
  chain c {{
    type nat hook postrouting priority 100;
    oifname "{0}" masquerade
  }}
}}
table inet t {{
  chain c {{
    type filter hook postrouting priority 50;
    oifname "{0}" {1} numgen random mod 100 == 0 counter drop
    oifname "{2}" {3} numgen random mod 100 == 0 counter drop
    oifname "{0}" tcp flags & (syn|ack) == ack numgen random mod 100 == 0 counter drop
    oifname "{2}" tcp flags & (syn|ack) == ack numgen random mod 100 == 0 counter drop
  }}
}}
"""


@case
def one_percent_lost_by_a_nat_is_found_exactly_on_each_side(place, check):
    """Also of segments with payload, whichever chance chooses."""
    wire(place)
    place.rules(LOSSY_NAT.format(OUT, IS_SYN, IN, IS_ANSWER), "router")
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "200", "--duration", "3s", "--send", "3000",
                                                         "--receive", "20000"))
    if not check_result(check, run):
        return
    syns, answers, to_server, to_client = dropped()
    check.that(syns + answers > 0 and min(to_server, to_client) > 0, "the rules dropped nothing")
    check.equal("the device", through(run)["device"], "translates")
    check_counts(check, run, to_server_syn=syns, to_client_syn_ack=answers, to_server_other=to_server,
                 to_client_other=to_client)
    check.equal("SYNs without their half", through(run)["to_server"]["unmatched_sent"], syns)
    check.equal("answers without theirs", through(run)["to_client"]["unmatched_sent"], answers)
    seen = through(run)["to_server"]
    check.equal("source addresses changed", seen["changed"]["source_address"], seen["matched"])


@case
def what_is_changed_is_counted(place, check):
    wire(place)
    nft(place, FORWARD, f'oifname "{OUT}" tcp flags syn tcp option maxseg size set 1000',
        f'oifname "{OUT}" ip ttl set 9', f'oifname "{OUT}" ip dscp set cs1', f'iifname "{OUT}" ip ecn set ce')
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "200", "--duration", "1s"))
    check_all_closed(check, run)
    check.equal("the device", through(run)["device"], "forwards")
    check_changed(check, run, to_server=["dscp", "hop_limit", "mss"], to_client=["ecn", "hop_limit"])


HAPROXY = """
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen t
  bind 198.18.0.254:80
  server s 198.19.0.10:80
"""

NGINX = """
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid /run/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
stream { server { listen 198.18.0.254:80; proxy_pass 198.19.0.10:80; } }
"""


NGINX_HTTP = """
daemon off;
pid /run/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  server { listen 198.18.0.254:80; location / { proxy_pass http://198.19.0.10:80; } }
}
"""

TCP, PAYLOAD = "tcp://198.18.0.254:80", ("--send", "100", "--receive", "200")


def check_proxy(place, check, text, *command, target=TCP, more=PAYLOAD):
    """Nothing is recognised behind a proxy, so that nothing is said to be lost."""
    lab.require(command[0])
    wire(place)
    with open("/run/proxy.conf", "w", encoding="ascii") as file:
        file.write(text)
    place.spawn([*command, "/run/proxy.conf"], "router")
    check.that(lab.wait_until(lambda: "198.18.0.254:80" in lab.quiet(["ss", "-ltn"], "router"), 10),
               "it does not listen")
    run = shakedown("run", target, *ports("--rate", "100", "--duration", "1s", *more))
    check_all_closed(check, run)
    seen = through(run)
    check.equal("the device", seen["device"], "proxies")
    check.equal("recognised", seen["to_server"]["matched"], 0)
    check.equal("lost", seen["to_server"]["syn"]["lost"], None)
    check.that(seen["to_server"]["syn"]["arrived"] > 0, "nothing came to the server")
    check.that("proxy" in run.out, "the summary does not say so")


@case
def haproxy_is_found_to_be_a_proxy(place, check):
    check_proxy(place, check, HAPROXY, "haproxy", "-db", "-f")


@case
def nginx_is_found_to_be_a_proxy(place, check):
    if not os.path.exists("/usr/lib/nginx/modules/ngx_stream_module.so"):
        raise lab.Skip("nginx has no stream module")
    check_proxy(place, check, NGINX, "nginx", "-c")


@case
def nginx_is_found_to_be_a_proxy_of_http(place, check):
    check_proxy(place, check, NGINX_HTTP, "nginx", "-c", target="http://198.18.0.254/1000", more=())


@case
def a_wall_is_silent(place, check):
    wire(place)
    nft(place, FORWARD, f'oifname "{OUT}" counter drop')
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "50", "--duration", "1s", "--connect-timeout", "1s"))
    check.equal("exit status", run.status, 1)
    check.equal("the device", through(run)["device"], "silent")
    check.equal("lost", through(run)["to_server"]["syn"]["lost"], sum(dropped()))


@case
def both_sides_have_several_lcores(place, check):
    wire(place)
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "300", "--duration", "1s", "--lcores", "2"))
    check_all_closed(check, run)
    check_counts(check, run)
    cores = {role: [c for c in run.result["cores"] if c["role"] == role] for role in ("client", "server")}
    check.equal("cores", {role: len(of) for role, of in cores.items()}, {"client": 2, "server": 2})
    check.equal("accepted behind it", server_total(run, "established"), run.total("established"))
    check.that(min(c["established"] for of in cores.values() for c in of) > 0, "a core had nothing to do")


MEMIF = "net_memif{},role={},socket-abstract=no,socket=/run/{}.sock,rsize=12"


def memifs(role):
    return [MEMIF.format(i, role, name) for i, name in enumerate("ab")]


def testpmd(place, role):
    """DPDK's own forwarder, from one memif to the other."""
    lab.require("dpdk-testpmd")
    for name in "ab" if role == "server" else "":  # one that was killed has left its own behind
        if os.path.exists(f"/run/{name}.sock"):
            os.unlink(f"/run/{name}.sock")
    vdevs = [word for vdev in memifs(role) for word in ("--vdev", vdev)]
    place.spawn(["dpdk-testpmd", "--lcores", f"(0,1)@({','.join(map(str, sorted(os.sched_getaffinity(0))))})",
                 "--no-pci", "--no-huge", "-m", "128", "--no-telemetry", f"--file-prefix=testpmd{os.getpid()}",
                 *vdevs, "--", "--forward-mode=io", "--auto-start", "--total-num-mbufs=16384"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def between_memifs(role, duration="1s", *more):
    devices = memifs(role)
    return Shakedown("run", "tcp://198.18.1.10:80", "--device", devices[0], "--local", "198.18.0.10-198.18.0.29/15",
                     "--server-device", devices[1], "--server-local", "198.18.1.10/15", "--rate", "200",
                     "--duration", duration, *more)


def check_testpmd(check, run):
    check_all_closed(check, run)
    check.equal("the device", through(run)["device"], "forwards")
    if run.result is None:
        return
    check_counts(check, run)
    check_changed(check, run, to_server=[], to_client=[])
    check.equal("SYNs", through(run)["to_server"]["syn"]["sent"], run.total("attempted"))


@case
def frames_go_through_testpmd_between_two_memifs(place, check):
    testpmd(place, "server")
    check_testpmd(check, between_memifs("client").finish(60))


@case
def so_they_do_where_testpmd_comes_to_our_sockets(place, check):
    run = between_memifs("server")
    lab.wait_until(lambda: os.path.exists("/run/a.sock") and os.path.exists("/run/b.sock"), 20)
    testpmd(place, "client")
    check_testpmd(check, run.finish(60))


@case
def a_testpmd_that_is_killed_is_an_honest_end(place, check):
    testpmd(place, "server")
    run = between_memifs("client", "6s", "--connect-timeout", "1s", "--close-timeout", "1s",
                         "--drain", "2s", "--dead-man", "0")
    run.wait_for_row()
    place.children[-1].stop(signal.SIGKILL)
    run = run.finish(60)
    if not check_result(check, run):
        return
    check.that("has left" in run.err, f"the departure is not told: {run.err}")
    check.that(run.total("closed") > 0 and run.total("failed") > 0, "it was killed too early, or too late")
    check.equal("open at the end", run.total("open"), 0)


@case
def a_memif_that_nobody_serves_is_told(place, check):
    del place
    run = between_memifs("client")
    lab.wait_until(lambda: False, 2)
    run.interrupt()
    run = run.finish(20)
    check.equal("exit status", run.status, 130)
    check.that("no process serves /run/a.sock yet; start what is tested there" in " ".join(run.err.split()),
               f"it says {run.err.strip()!r}")


@case
def payload_and_tls_go_through(place, check):
    wire(place)
    for target in (f"tcp://{SERVER4}:80", f"https://{SERVER4}:443/"):
        more = ("--send", "3000", "--receive", "20000") if target.startswith("tcp") else ()
        run = shakedown("run", target, *ports("--rate", "50", "--duration", "1s", *more))
        check_all_closed(check, run)
        check.equal("accepted behind it", server_total(run, "established"), run.total("established"))


SCENARIO = """
ports:
  - {{role: client, device: '{0}', local: [{2}, "{3}"], gateway: 198.18.0.254}}
  - role: server
    device: '{1}'
    local: 198.19.0.10/24
    gateway: 198.19.0.254
urls: ['tcp://198.19.0.10:80']
load: {{rate: 200, duration: 1s}}
"""


def run_file(text, suffix):
    with tempfile.NamedTemporaryFile("w", suffix=suffix, delete=False) as file:
        file.write(text)
    run = shakedown("run", file.name)
    os.unlink(file.name)
    return run


@case
def a_scenario_lists_both_ports_and_a_result_runs_again(place, check):
    wire(place)
    text, suffix = SCENARIO.format(*DEVICES, CLIENTS4, CLIENTS6), ".yaml"
    for _ in range(2):
        run = run_file(text, suffix)
        check_all_closed(check, run)
        if run.result is None:
            return
        check.equal("the server's device", run.result["scenario"]["server"]["device"], DEVICES[1])
        text, suffix = json.dumps(run.result), ".json"


@case
def what_does_not_fit_is_refused(place, check):
    wire(place)
    good = {"--server-device": DEVICES[1], "--server-local": "198.19.0.10/24", "--server-gateway": "198.19.0.254",
            "--mac": None}
    for option, value, words in (("--server-device", DEVICES[0], "both are device"),
                                 ("--server-device", "loopback", "both sides already"),
                                 ("--server-device", None, "there is no --server-device"),
                                 ("--server-device", f"net_af_packet1,iface={lab.GEN}", "both are device"),
                                 ("--server-device", "net_af_packet1,iface=none0", "none0"),
                                 ("--server-local", "198.18.0.12/15", "is one of --local, too"),
                                 ("--server-local", None, "at least one address"),
                                 ("--server-local", "8.8.8.8/24", "public"),
                                 ("--server-gateway", "198.19.1.254", "is not on the link"),
                                 ("--server-gateway", "198.19.0.10", "is one of the local addresses"),
                                 ("--server-vlan", "5000", "4094"),
                                 ("--mac", "02:00:00:00:00:09", "a MAC of its own")):
        given = [word for pair in {**good, option: value}.items() if pair[1] for word in pair]
        run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICES[0], "--local", CLIENTS4,
                        "--gateway", "198.18.0.254", *given, want_json=False)
        check.equal(f"{option} {value}: exit status", run.status, 3 if value and "none0" in value else 2)
        check.that(words in run.err, f"{option} {value}: it says {run.err.strip()!r}")
        check.equal(f"{option} {value}: sentences", run.err.strip().count("shakedown: "), 1)


@case
def ports_that_do_not_fit_are_refused(place, check):
    del place
    client = "{role: client, device: net_af_packet0, local: 198.18.0.10/24}"
    for text, words in (("[]", "role client is missing"), (f"[{client}]", "role server is missing"),
                        (f"[{client}, {client}]", "one port of each role"),
                        (f"[{client}, {{device: d}}]", "role is missing"),
                        (f"[{client}, {{role: middle}}]", "client or server"),
                        (f"[{client}, {{role: server, adress: 1}}]", "no such key"),
                        (f"[{client}, {{role: server, gatway: 1}}]", "did you mean gateway"),
                        ("{role: client}", "list of two ports"), ("[client]", "a port is keys")):
        run = run_file(f"ports: {text}\nurls: ['tcp://{SERVER4}:80']\n", ".yaml")
        check.equal(f"{text}: exit status", run.status, 2)
        check.that(words in run.err, f"{text}: it says {run.err.strip()!r}")


lab.enter()
main()
