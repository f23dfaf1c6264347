# SPDX-License-Identifier: BSD-3-Clause
"""The next hop: every frame goes to the one that ARP names, whoever answers, and one that changes its MAC
address without a word is found again."""

import lab
from cases import Shakedown, case, check_all_closed, check_result, main, shakedown
from lab import DEVICE, LOCAL4, SERVER4, SRV
from raw_peer import BALANCER, OTHER, Behind, without_kernel

@case
def every_frame_goes_to_the_next_hop_whoever_answers(place, check):
    without_kernel(place)
    for options in (("--send", "20000", "--hold", "50ms"), ("--send", "100"), (), ("--piggyback", "no")):
        behind = Behind(SRV)
        behind.start()
        run = shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--rate", "20",
                        "--duration", "1s", *options)
        behind.stop()
        check_all_closed(check, run)
        check.that(behind.to[BALANCER] >= 60, f"{options}: {behind.to[BALANCER]} frames came to the balancer")
        check.equal(f"{options}: frames past the balancer", sum(behind.to.values()) - behind.to[BALANCER], 0)


@case
def a_next_hop_that_changes_its_mac_without_a_word_is_found_again(place, check):
    without_kernel(place)
    behind = Behind(SRV)
    behind.start()
    run = Shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--rate", "50",
                    "--duration", "8s", "--connect-timeout", "900ms", "--close-timeout", "900ms")
    lab.wait_until(lambda: behind.to[BALANCER] > 300, 30)
    behind.move(OTHER, says=False)
    run = run.finish(60)
    behind.stop()
    if not check_result(check, run):
        return
    check.equal("next_hop_silent", run.total("next_hop_silent"), 1)
    check.equal("next_hop_changed", run.total("next_hop_changed"), 1)
    check.that(run.total("failed") > 50, f"nothing was lost, so the MAC had not changed: {run.failures()}")
    check.that(behind.to[OTHER] > 100, f"the new MAC was not found: {behind.to}")
    check.equal("open", run.total("open"), 0)
    last = [r for r in run.result["intervals"] if r["attempted"] > 0][-1]
    check.equal("failed in the last second", last["failed"], 0)
    check.equal("dead_man", run.result["dead_man"], None)
    hints = [h["name"] for h in run.result["hints"]]
    check.that({"next_hop_silent", "next_hop_changed"} <= set(hints), f"the summary does not say it: {hints}")


@case
def a_next_hop_that_says_that_it_moved_is_followed_at_once(place, check):
    without_kernel(place)
    behind = Behind(SRV)
    behind.start()
    run = Shakedown("run", f"tcp://{SERVER4}:80", "--device", DEVICE, "--local", LOCAL4, "--rate", "50",
                    "--duration", "5s")
    lab.wait_until(lambda: behind.to[BALANCER] > 300, 30)
    behind.move(OTHER, says=True)
    run = run.finish(60)
    behind.stop()
    check_all_closed(check, run)
    check.equal("next_hop_silent", run.total("next_hop_silent"), 0)
    check.equal("next_hop_changed", run.total("next_hop_changed"), 1)


lab.enter()
main()
