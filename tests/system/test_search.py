# SPDX-License-Identifier: BSD-3-Clause
"""A search for the maximum, against servers whose maximum is known: the server side of loopback with --limit-cps. Where
this machine has too much else to do, the generator is what falls short, and the search has to say so."""

from cases import Shakedown, case, check_result, main, shakedown

GOAL = "final_trial_duration=200ms,initial_trial_duration=100ms,width=2%"


def check_search(check, run, limit, width, slack, status=0):
    """@slack: what the server saves up in a millisecond of the shortest trial. @return what was found."""
    if not check_result(check, run, status=status):
        return None
    search = run.result["search"]
    goal, trials = search["goals"][0], search["trials"]
    check.that(len(trials) > 0, "there was no trial")
    check.equal("trials that failed more than was begun", [t for t in trials if t["failed"] > t["attempted"]], [])
    check.equal("of the first goal", [search[k] for k in goal if k in search], [goal[k] for k in goal if k in search])
    lower, upper = search["relevant_lower_bound"], search["relevant_upper_bound"]
    if lower is not None:
        check.that(lower <= limit * (1 + slack), f"{lower} is more than {limit}")
        check.that(search["conditional_throughput"] <= lower, f"{search['conditional_throughput']} of {lower}")
    if goal["regular"]:
        check.that(upper - lower <= width * upper + 1, f"{lower} and {upper} are too far apart")
    return search


def was_short(search):
    return any(trial["class"] == "generator" for trial in search["trials"])


@case
def a_limit_is_found(_, check):
    run = shakedown("run", "--rate", "3k", "--limit-cps", "1000", "--search-goal", GOAL, "--search-min", "100")
    search = check_search(check, run, 1000, 0.02, 0.02)
    if search and not was_short(search):
        check.that(search["goals"][0]["regular"], str(search["goals"]))
        check.near("the lower bound", search["relevant_lower_bound"], 1000, 0.03)
        check.that(any(trial["class"] == "high_loss" for trial in search["trials"]), str(search["trials"]))
    check.equal("names of the columns", run.out.split("limit:")[0].count("conn p99"), 1)


@case
def a_percent_five_times(_, check):
    """The same target has the same answer, whatever the bursts of a worker that was kept from its CPU cost."""
    answers = []
    for _ in range(5):
        run = shakedown("run", "--rate", "30k", "--limit-cps", "10k", "--search", "quick")
        search = check_search(check, run, 10000, 0.005, 0.002)
        if search and search["goals"][0]["regular"]:
            check.near("the lower bound", search["relevant_lower_bound"], 10000, 0.01)
        if search and not was_short(search):
            answers.append((search["relevant_lower_bound"], search["relevant_upper_bound"]))
    check.that(len(set(answers)) <= 1, str(answers))


@case
def connections_and_requests_are_loads_too(_, check):
    """A target that takes all of them: there may be more."""
    for load, url, unit in (("--connections", "tcp://198.19.0.1:80", "connections"),
                            ("--request-rate", "http://198.19.0.1/", "requests/s")):
        run = shakedown("run", load, "200", "--search-goal", GOAL, url)
        if check_result(check, run):
            search = run.result["search"]
            check.equal("unit", search["unit"], unit)
            if not was_short(search):
                check.equal(f"on {unit}", search["goals"][0]["end"], "max_load")
                check.equal("lower", search["relevant_lower_bound"], 200)


@case
def criteria_are_those_of_each_trial(_, check):
    run = shakedown("run", "--rate", "2k", "--limit-cps", "1000", "--search-goal", GOAL, "--search-min", "100",
                    "--criteria", "failed < 10%")
    search = check_search(check, run, 1111, 0.02, 0.02)
    if search and not was_short(search):
        check.near("the lower bound", search["relevant_lower_bound"], 1111, 0.05)
        check.that(any("failed < 10%" in trial["why"] for trial in search["trials"]), str(search["trials"]))


@case
def a_search_that_found_nothing_has_not_passed(_, check):
    """The smallest load is more than the target takes."""
    run = shakedown("run", "--rate", "6k", "--limit-cps", "1000", "--search-goal", GOAL, "--search-min", "4k")
    if check_result(check, run, status=1):
        check.equal("lower", run.result["search"]["relevant_lower_bound"], None)
        check.that("no lower bound" in run.err, run.err)
        check.that(any("no lower bound" in why for why in run.result["verdict"]["why"]), str(run.result["verdict"]))


@case
def an_interruption_leaves_what_was_found(_, check):
    program = Shakedown("run", "--rate", "3k", "--limit-cps", "1000", "--search", "rfc2544")
    while " trial " not in (line := program.child.process.stdout.readline()) and line:
        pass
    program.interrupt()
    run = program.finish(30)
    search = check_search(check, run, 1000, 0.005, 0.1, status=130) if run.total("attempted") else None
    if search:
        check.equal("end", search["goals"][0]["end"], "cut_short")


@case
def a_reset_runs_before_each_trial_and_ends_the_search_when_it_fails(_, check):
    run = shakedown("run", "--rate", "100", "--search-goal", GOAL, "--search-reset", "echo reset >&2")
    if check_result(check, run):
        check.equal("resets", run.err.count("reset\n"), len(run.result["search"]["trials"]))
    run = shakedown("run", "--rate", "100", "--search-goal", GOAL, "--search-reset", "exit 3")
    check.equal("exit status", run.status, 3)
    check.that("--search-reset: the command ended with exit status 3" in run.err, run.err)


if __name__ == "__main__":
    main()
