# SPDX-License-Identifier: BSD-3-Clause
"""Connections left half open before Linux's listeners, with SYN cookies and without: what was seen of them is what the
kernel counted, and connections that open beside them do so as long as the target takes them."""

import lab
import peers
from cases import case, check_result, main, shakedown
from lab import DEVICE, LOCAL4, LOCAL6, SERVER4, SERVER6

URL = f"tcp://{SERVER4}:80"
HALF_OPEN = ("--device", DEVICE, "--local", LOCAL4, "--half-open", "2500ms", "--i-own-the-target", "--duration", "1s")


def listen(place, backlog=65535, cookies=1, bind=(f"{SERVER4}:80",)):
    """A server that accepts all, with room for so many that are half open."""
    place.pair()
    lab.sysctl("net.core.somaxconn", backlog, "server")
    lab.sysctl("net.ipv4.tcp_max_syn_backlog", backlog, "server")
    lab.sysctl("net.ipv4.tcp_syncookies", cookies, "server")
    peers.start_server(place, *bind)
    return lab.kernel_counters()


def check_books(check, run, answered):
    """Nothing was opened, and each one that was answered is either kept or not."""
    check.equal("established", run.total("established"), 0)
    check.equal("answered", run.total("half_open_answered"), answered)
    check.equal("kept and not", run.total("half_open_kept") + (run.total("half_open_cookies") or 0), answered)
    check.equal("closed", run.total("closed"), answered)
    check.equal("resets sent", run.total("resets_sent"), 0)


@case
def a_listener_with_room_keeps_them(place, check):
    before = listen(place, cookies=0)
    run = shakedown("run", URL, *HALF_OPEN, "--rate", "200")
    if check_result(check, run):
        check.equal("attempted", run.total("attempted"), 200)
        check_books(check, run, 200)
        check.equal("kept", run.total("half_open_kept"), 200)
        check.that("\nhalf open\n" in run.out, "the summary does not show them")
    check.equal("SYN cookies sent", lab.kernel_delta(before)["TcpExtSyncookiesSent"], 0)


@case
def syn_cookies_are_told_from_connections_that_are_kept(place, check):
    """tcp_syncookies 2: for every SYN."""
    before = listen(place, cookies=2)
    run = shakedown("run", URL, *HALF_OPEN, "--rate", "200")
    if check_result(check, run):
        check_books(check, run, 200)
        check.equal("cookies", run.total("half_open_cookies"), 200)
        check.equal("SYN cookies sent", lab.kernel_delta(before)["TcpExtSyncookiesSent"], 200)
        check.equal("SYN-ACKs again", run.total("half_open_repeats"), 0)


@case
def over_ipv6_as_well(place, check):
    before = listen(place, cookies=2, bind=(f"[{SERVER6}]:80",))
    run = shakedown("run", f"tcp://[{SERVER6}]:80", *HALF_OPEN, "--local", LOCAL6, "--rate", "100")
    if check_result(check, run):
        check_books(check, run, 100)
        check.equal("SYN cookies sent", lab.kernel_delta(before)["TcpExtSyncookiesSent"],
                    run.total("half_open_cookies"))


@case
def a_port_that_nobody_listens_on_refuses_them(place, check):
    listen(place, bind=(f"{SERVER4}:81",))
    run = shakedown("run", URL, *HALF_OPEN, "--rate", "50")
    if check_result(check, run, status=1):
        check.equal("failures", run.failures(), {"refused": 50})


SCENARIO = """
device: {device}
local: {{addresses: [{local}]}}
safety: {{i_own_the_target: yes}}
load: {{duration: 1s}}
classes:
  - {{name: users, urls: [{url}], rate: 100}}
  - {{name: flood, urls: [{url}], rate: 1k, half_open: 2500ms}}
criteria: ["users.failed == 0", "flood.half_open_answered == 1000"]
"""


@case
def users_get_in_beside_them_where_there_are_cookies(place, check):
    """A backlog that is soon full: from then on cookies, for users as well."""
    before = listen(place, backlog=64)
    path = f"/run/{place.name}.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(SCENARIO.format(device=DEVICE, local=LOCAL4, url=URL))
    run = shakedown("run", path)
    if check_result(check, run):
        users, flood = (entry["totals"] for entry in run.result["classes"])
        check.equal("users' closed", users["closed"], 100)
        check.equal("flood's closed", flood["closed"], 1000)
        check.equal("flood's kept and cookies", flood["half_open_kept"] + flood["half_open_cookies"], 1000)
        sent = lab.kernel_delta(before)["TcpExtSyncookiesSent"]
        check.that(0 < flood["half_open_cookies"] <= sent, f"{flood['half_open_cookies']} of {sent} cookies")


@case
def without_cookies_a_full_backlog_is_seen(place, check):
    listen(place, backlog=64, cookies=0)
    run = shakedown("run", URL, *HALF_OPEN, "--rate", "400")
    if check_result(check, run):
        answered = run.total("half_open_answered")
        check.that(0 < answered < 400, f"{answered} of 400 were answered")
        check_books(check, run, answered)
        check.equal("the others", run.failures(), {"timeout": 400 - answered})
        check.equal("limited by", run.result["verdict"]["limited_by"], "target")


if __name__ == "__main__":
    lab.enter()
    main()
