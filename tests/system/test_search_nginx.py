# SPDX-License-Identifier: BSD-3-Clause
"""A search for the maximum against nginx on Linux, over a veth pair. What it finds is held against plain runs at those
rates. Where this machine has too much else to do, the generator is what falls short, and the search has to say so."""

import lab
import peers
from cases import case, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4

AT = f"{SERVER4}:80"
WIRE = ("--device", DEVICE, "--local", LOCAL4, "--connect-timeout", "500ms", "--dead-man", "0")
LOSS, WIDTH = 0.01, 0.1
GOAL = f"final_trial_duration=400ms,initial_trial_duration=200ms,loss_ratio={LOSS * 100:g}%,width={WIDTH * 100:g}%"


def found(check, url, *options):
    """The search's result, and whether the generator was good for all of its trials."""
    run = shakedown("run", url, *WIRE, *options, "--search-goal", GOAL, "--search-pause",
                    "50ms", timeout_s=200)
    search = (run.result or {}).get("search")
    if search is None:
        check.that(False, f"no search: {run.describe()}")
        return None, False
    has_found = search["goals"][0]["relevant_lower_bound"] is not None
    check_result(check, run, status=0 if has_found else 1)
    return search, not any(trial["class"] == "generator" for trial in search["trials"])


def lost(url, rate, check):
    """The share of connections that fail in a plain run at @rate; None: the generator did not keep it up."""
    run = shakedown("run", url, *WIRE, "--rate", str(max(int(rate), 1)), "--duration", "1s", "--drain", "3s")
    if run.result is None:
        check.that(False, f"no result: {run.describe()}")
        return None
    late = run.total("late_starts") or 0
    if run.result["verdict"]["limited_by"] == "generator" or late > 0.01 * run.total("attempted"):
        return None
    return run.total("failed") / run.total("attempted")


@case
def what_nginx_takes_is_between_the_bounds(place, check):
    """Up to more than a server on one core takes as a rule. The largest rate may be borne all the same."""
    place.pair()
    peers.start_nginx(place, AT)
    url = f"http://{AT}/"
    search, is_good = found(check, url, "--rate", "20k", "--search-min", "50")
    if search is None or not is_good:
        return
    goal = search["goals"][0]
    check.that(goal["end"] in ("regular", "max_load"), f"{goal}")
    share = lost(url, goal["relevant_lower_bound"], check)
    check.that(share is None or share <= 5 * LOSS, f"{share} fail at {goal['relevant_lower_bound']}/s: {goal}")


@case
def a_limit_of_its_hosts_firewall_is_found(place, check):
    """300 SYNs a second are let in, and the others refused: plain runs on either side of that say the same."""
    place.pair()
    peers.start_nginx(place, AT)
    place.rules("table inet hole {\n chain in {\n  type filter hook input priority 0;\n"
                "  tcp flags & (syn | ack) == syn limit rate over 300/second burst 5 packets reject with tcp reset\n"
                " }\n}\n", "server")
    url = f"http://{AT}/"
    search, is_good = found(check, url, "--rate", "900", "--search-min", "100")
    if search is None or not is_good:
        return
    goal = search["goals"][0]
    check.equal("end", goal["end"], "regular")
    # Of the shortest trial the burst is a part.
    check.that(300 * 0.85 <= goal["relevant_lower_bound"] <= 300 * 1.15, f"{goal}")
    check.that(goal["relevant_upper_bound"] <= goal["relevant_lower_bound"] * (1 + 2 * WIDTH), f"{goal}")
    borne, refused = lost(url, 0.85 * goal["relevant_lower_bound"], check), lost(url, 1.5 * goal["relevant_upper_bound"],
                                                                               check)
    check.that(borne is None or borne <= 5 * LOSS, f"{borne} fail below the lower bound: {goal}")
    check.that(refused is None or refused > 5 * LOSS, f"{refused} fail far above the upper bound: {goal}")


lab.enter()
main()
