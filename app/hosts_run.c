/* SPDX-License-Identifier: BSD-3-Clause */
/* See hosts_run.h. */
#include "app/hosts_run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/child.h"
#include "app/merge.h"
#include "app/mpirun_talk.h"
#include "app/mpirun_words.h"
#include "app/run_files.h"
#include "base/console.h"
#include "base/units.h"
#include "conf/hosts.h"
#include "conf/value.h"
#include "ranks/ranks.h"
#include "report/criteria.h"
#include "report/earlier.h"
#include "report/earlier_json.h"
#include "report/json_head.h"
#include "report/outfile.h"

static const int LOOK_MS = 50;

struct hosts_run {
    const struct conf *c;
    struct hosts hosts;
    char dir[PATH_MAX];  /* for results that nobody wants to keep; "" */
    char join[PATH_MAX]; /* where ranks have theirs */
    char paths[HOSTS_RANKS_MAX][PATH_MAX];
    struct mpirun_talk talk;
    pid_t pid;
    unsigned n_signals; /* by which the user wanted to end it */
    int status;         /* mpirun's, as wait has it */
};

bool
hosts_run_is_wanted(const struct conf *c)
{
    return c->command == CONF_RUN && !c->prints_scenario && c->hosts[0] != '\0' &&
           c->join[0] == '\0';
}

/* Some of crew.c's beats. */
static const uint64_t DEAD_MAN_MIN_NS = 500 * NS_PER_MS;

/* -- what is asked for ---------------------------------------------------------------------- */

static int
check_reports(const struct conf *c, struct fail *f)
{
    const struct {
        const char *name, *value;
    } of_one[] = {{"--json-lines", c->json_lines},
                  {"--csv", c->csv_out},
                  {"--hdr", c->hdr},
                  {"--pcap", c->pcap},
                  {"--metrics", c->metrics},
                  {"--otlp", c->otlp}};

    for (size_t i = 0; i < ARRAY_LEN(of_one); i++)
        if (of_one[i].value[0] != '\0')
            return fail_set(f, EXIT_USAGE,
                            "%s: with --hosts each process would have one of its part of the run; "
                            "leave it out, and give --json or --html, which have all of it",
                            of_one[i].name);
    return merge_check_places(c, f);
}

static int
check_criteria(const struct conf *c, struct fail *f)
{
    struct criteria *criteria = malloc(sizeof(*criteria));
    bool aborts = false;
    int err;

    if (criteria == NULL)
        return fail_set(f, EXIT_HOST, "--hosts: not enough memory");
    err = criteria_read(criteria, c, f);
    for (unsigned i = 0; err == 0 && i < criteria->n; i++)
        aborts |= criteria->list[i].aborts;
    free(criteria);
    if (err == 0 && aborts)
        return fail_set(f, EXIT_USAGE,
                        "--criteria: with --hosts none can abort the load, for no process knows "
                        "what all of them have; leave \"abort\" out");
    return err;
}

static int
check_course(const struct conf *c, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (c->search_preset != 0 || c->search_goals[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--search: the trials of a search are made by one machine; leave --hosts "
                        "out, or search by hand with --rate and --criteria");
    if (conf_has_middle(c))
        return fail_set(
            f, EXIT_USAGE,
            "--server-device: with --hosts each process would be a server with the same "
            "addresses; leave one of them out");
    if (c->dead_man_ns > 0 && c->dead_man_ns < DEAD_MAN_MIN_NS)
        return fail_set(f, EXIT_USAGE,
                        "--dead-man: with --hosts other machines are listened to, too, and %s is "
                        "sooner than they speak; allowed is 500ms or more, or 0",
                        value_format_duration(c->dead_man_ns, text));
    return check_criteria(c, f);
}

/* Ranks are counted in mpirun's order: all of a machine's side by side. */
static int
check_order(const struct hosts *h, struct fail *f)
{
    for (unsigned i = 2; i < h->n; i++)
        for (unsigned k = 0; k + 1 < i; k++)
            if (strcmp(h->list[i].name, h->list[k].name) == 0 &&
                strcmp(h->list[i].name, h->list[i - 1].name) != 0)
                return fail_set(f, EXIT_USAGE,
                                "--hosts: %s is there again behind another host; write all of one "
                                "host side by side",
                                h->list[i].name);
    return 0;
}

/* What is wrong with the scenario is said before anything is started, as of one machine. */
static int
check_scenario(const struct conf *c, unsigned n_ranks, struct fail *f)
{
    struct conf *copy = malloc(sizeof(*copy));
    int err = copy == NULL ? fail_set(f, EXIT_HOST, "--hosts: not enough memory") : 0;

    for (unsigned i = n_ranks; err == 0 && i-- > 0;) {
        *copy = *c;
        err = hosts_take_rank(copy, i, f);
    }
    if (err == 0)
        err = conf_finish(copy, f);
    free(copy);
    return err;
}

static int
check(struct hosts_run *h, struct fail *f)
{
    const struct conf *c = h->c;
    struct value_why why;

    if (!ranks_can_join()) {
        (void)ranks_join(f); /* it says why */
        return -1;
    }
    if (hosts_read(c->hosts, &h->hosts, &why) < 0)
        return fail_set(f, EXIT_USAGE, "--hosts: %s", why.text);
    if (c->repeat > 1 || c->against[0] != '\0')
        return fail_set(f, EXIT_USAGE,
                        "--repeat: a run on several machines is made once; leave "
                        "one of --repeat, --against and --hosts out");
    if (check_order(&h->hosts, f) < 0 || check_course(c, f) < 0 || check_reports(c, f) < 0)
        return -1;
    return check_scenario(c, h->hosts.n_ranks, f);
}

/* -- the run -------------------------------------------------------------------------------- */

static int
choose_files(struct hosts_run *h, struct fail *f)
{
    const struct conf *c = h->c;
    char path[PATH_MAX], absolute[PATH_MAX];

    if (c->json[0] == '\0' || outfile_is_stdout(c->json)) {
        if (run_files_make_dir(h->dir, "--hosts", c->user, f) < 0)
            return -1;
        snprintf(h->join, sizeof(h->join), "%.4000s/r.json", h->dir);
    } else if (c->json[0] == '/' || getcwd(absolute, sizeof(absolute)) == NULL) {
        snprintf(h->join, sizeof(h->join), "%s", c->json);
    } else { /* ranks may begin elsewhere */
        snprintf(path, sizeof(path), "/%s", c->json);
        if (strlen(absolute) + strlen(path) >= sizeof(h->join))
            return fail_set(f, EXIT_USAGE, "--json: '%.100s...' is too long in this folder",
                            c->json);
        strcat(strcpy(h->join, absolute), path);
    }
    for (unsigned i = 0; i < h->hosts.n_ranks; i++) {
        run_files_name(path, h->join, "", i);
        memcpy(h->paths[i], path, sizeof(path));
        unlink(path); /* of an earlier run */
    }
    return 0;
}

static void
remove_files(const struct hosts_run *h)
{
    for (unsigned i = 0; h->dir[0] != '\0' && i < h->hosts.n_ranks; i++)
        unlink(h->paths[i]);
    run_files_remove_dir(h->dir);
}

/* The first drains the load, the second ends it; mpirun passes this signal on, and ends all by
 * itself at the next. */
static void
pass_on(struct hosts_run *h)
{
    kill(h->pid, h->n_signals++ < 2 ? SIGUSR2 : SIGTERM);
}

/* What the processes say is passed on, until mpirun has ended. */
static void
follow(struct hosts_run *h, int from)
{
    struct pollfd poll_from = {.fd = from, .events = POLLIN};
    sigset_t set = child_signals();
    struct timespec at_once = {0};
    bool has_ended = false, is_open = true;
    int signum;

    while (!has_ended || is_open) {
        int n = poll(&poll_from, 1, has_ended ? 0 : LOOK_MS);

        if (n > 0)
            is_open = mpirun_talk_take(&h->talk, from);
        if (has_ended && n <= 0)
            break; /* somebody may have kept the other end */
        while ((signum = sigtimedwait(&set, NULL, &at_once)) > 0)
            if (signum != SIGCHLD)
                pass_on(h);
        has_ended = has_ended || waitpid(h->pid, &h->status, WNOHANG) == h->pid;
        if (!is_open && !has_ended)
            poll(NULL, 0, LOOK_MS);
    }
    mpirun_talk_end(&h->talk);
}

static int
begin(struct hosts_run *h, char *const argv[], const sigset_t *mask, int err_fd, struct fail *f)
{
    const char *words[MPIRUN_WORDS_MAX];
    struct mpirun_words w;
    struct child_opts opts = {.path = "mpirun",
                              .words = words,
                              .mask = mask,
                              .has_own_group = true,
                              .out = outfile_is_stdout(h->c->json) ? console_fd() : -1,
                              .err = err_fd};
    int err;

    if (mpirun_words_make(&w, &h->hosts, argv, h->join, words, f) < 0)
        return -1;
    mpirun_words_print(console_stream(), words);
    fflush(stdout);
    err = child_begin(&opts, &h->pid);
    if (err == 0)
        return 0;
    if (err == ENOENT)
        return fail_set(f, EXIT_HOST,
                        "--hosts: there is no mpirun, which starts the processes; "
                        "install it with: apt install openmpi-bin");
    return fail_set(f, EXIT_HOST, "--hosts: mpirun: %s", strerror(err));
}

static int
make_run(struct hosts_run *h, char *const argv[], struct fail *f)
{
    sigset_t set = child_signals(), before;
    int ends[2], err;

    if (pipe(ends) < 0)
        return fail_set(f, EXIT_HOST, "--hosts: %s", strerror(errno));
    pthread_sigmask(SIG_BLOCK, &set, &before);
    err = begin(h, argv, &before, ends[1], f);
    close(ends[1]);
    if (err == 0)
        follow(h, ends[0]);
    close(ends[0]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

/* -- what it came to ------------------------------------------------------------------------ */

/* No process has left a result. */
static int
explain_none(const struct hosts_run *h, struct fail *f)
{
    int status = h->talk.aborted_by;

    if (h->n_signals > 0)
        return fail_set(f, EXIT_INTERRUPTED, "%s", "");
    if (h->talk.has_spoken) /* a process has said what was wrong */
        return fail_set(f, status > 0 ? (enum exit_status)status : EXIT_HOST, "%s", "");
    return fail_set(f, EXIT_HOST, "--hosts: mpirun could not start the run:\n%.700s",
                    h->talk.rest[0] != '\0' ? h->talk.rest : "it did not say why");
}

/* Where a result is missing though nobody was lost. */
static int
explain_missing(const struct hosts_run *h, unsigned rank, struct fail *f)
{
    return fail_set(f, EXIT_HOST,
                    "host %s (rank %u) has left no result in %.300s; the result is that of the "
                    "others",
                    hosts_of_rank(&h->hosts, rank)->name, rank, h->paths[rank]);
}

static int
explain_lost(const struct result_lost *lost, struct fail *f)
{
    if (lost->since_s < 0)
        return fail_set(f, EXIT_HOST,
                        "host %s (rank %u) has not been heard of since just before the load began; "
                        "the others have stopped (--dead-man), and the result is theirs",
                        lost->host, lost->rank);
    return fail_set(f, EXIT_HOST,
                    "host %s (rank %u) has not been heard of since %.1f s of the run; the others "
                    "stopped then (--dead-man), and the result is theirs",
                    lost->host, lost->rank, lost->since_s);
}

/* One that was lost may have come back to its senses, and have left a result, too, which knows
 * nothing of the others: theirs counts. @return how many there are without it */
static unsigned
drop_the_lost(const struct hosts_run *h, const char *there[], unsigned n)
{
    unsigned rank = h->hosts.n_ranks, kept = 0;
    struct fail f;

    for (unsigned i = 0; i < n && rank == h->hosts.n_ranks; i++) {
        json_t *root = earlier_load(there[i], &f);
        const json_t *lost = json_object_get(root, "lost");

        if (json_is_object(lost))
            rank = (unsigned)earlier_count(lost, "rank");
        json_decref(root);
    }
    for (unsigned i = 0; i < n; i++)
        if (rank >= h->hosts.n_ranks || there[i] != h->paths[rank])
            there[kept++] = there[i];
    return kept;
}

static int
finish(const struct hosts_run *h, struct fail *f)
{
    const char *there[HOSTS_RANKS_MAX];
    unsigned n = 0, missing = h->hosts.n_ranks;
    struct merge_outcome outcome = {0};
    int err;

    for (unsigned i = 0; i < h->hosts.n_ranks; i++) {
        if (access(h->paths[i], R_OK) == 0)
            there[n++] = h->paths[i];
        else if (missing == h->hosts.n_ranks)
            missing = i;
    }
    n = drop_the_lost(h, there, n);
    if (n == 0)
        return explain_none(h, f);
    err = merge_paths(h->c, there, n, &outcome, f);
    if (outcome.lost.has_happened) /* that matters more than a report that cannot be written */
        return explain_lost(&outcome.lost, f);
    if (err < 0 && f->status != EXIT_CRITERION)
        return -1;
    if (missing < h->hosts.n_ranks)
        return explain_missing(h, missing, f);
    return outcome.interrupted ? fail_set(f, EXIT_INTERRUPTED, "%s", "") : err;
}

int
hosts_run(const struct conf *c, char *const argv[], struct fail *f)
{
    struct hosts_run *h = calloc(1, sizeof(*h));
    int err;

    if (h == NULL)
        return fail_set(f, EXIT_HOST, "--hosts: not enough memory");
    h->c = c;
    err = check(h, f);
    if (err == 0)
        err = choose_files(h, f);
    if (err == 0)
        err = make_run(h, argv, f);
    if (err == 0)
        err = finish(h, f);
    remove_files(h);
    free(h);
    return err;
}
