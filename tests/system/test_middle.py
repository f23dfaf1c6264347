# SPDX-License-Identifier: BSD-3-Clause
"""A device under test in the middle: one process has a client's port before it and a server's behind it."""

import json
import os
import re
import tempfile

import lab
from cases import case, check_all_closed, check_result, main, shakedown

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
        check.equal(f"{direction}: changed of some", [n for n in seen["changed"].values() if n not in (0, seen["matched"])],
                    [])


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


def check_proxy(place, check, text, *command):
    """Nothing is recognised behind a proxy, so that nothing is said to be lost."""
    lab.require(command[0])
    wire(place)
    with open("/run/proxy.conf", "w", encoding="ascii") as file:
        file.write(text)
    place.spawn([*command, "/run/proxy.conf"], "router")
    check.that(lab.wait_until(lambda: "198.18.0.254:80" in lab.quiet(["ss", "-ltn"], "router"), 10), "it does not listen")
    run = shakedown("run", "tcp://198.18.0.254:80", *ports("--rate", "100", "--duration", "1s", "--send", "100",
                                                           "--receive", "200"))
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
def a_wall_is_silent(place, check):
    wire(place)
    nft(place, FORWARD, f'oifname "{OUT}" counter drop')
    run = shakedown("run", f"tcp://{SERVER4}:80", *ports("--rate", "50", "--duration", "1s", "--connect-timeout", "1s"))
    check.equal("exit status", run.status, 1)
    check.equal("the device", through(run)["device"], "silent")
    check.equal("lost", through(run)["to_server"]["syn"]["lost"], sum(dropped()))


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
    good = {"--server-device": DEVICES[1], "--server-local": "198.19.0.10/24", "--mac": None}
    for option, value, words in (("--server-device", DEVICES[0], "both are device"),
                                 ("--server-device", "loopback", "both sides already"),
                                 ("--server-device", None, "there is no --server-device"),
                                 ("--server-local", "198.18.0.12/24", "is one of --local, too"),
                                 ("--server-local", None, "at least one address"),
                                 ("--mac", "02:00:00:00:00:09", "a MAC of its own")):
        given = [word for pair in {**good, option: value}.items() if pair[1] for word in pair]
        run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICES[0], "--local", CLIENTS4,
                        "--gateway", "198.18.0.254", *given, want_json=False)
        check.equal(f"{option} {value}: exit status", run.status, 2)
        check.that(words in run.err, f"{option} {value}: it says {run.err.strip()!r}")


lab.enter()
main()
