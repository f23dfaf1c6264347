/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_ctl.h. */
#include "app/run_ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/run_rate.h"
#include "conf/value.h"
#include "report/json.h"

/* A line; without memory an empty one. */
static void __attribute__((format(printf, 2, 3)))
answer_line(struct ctl_client *c, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vasprintf(&text, fmt, args);
    va_end(args);
    ctl_client_answer(c, n < 0 ? NULL : text, n < 0 ? 0 : (size_t)n);
}

static void
stop(struct run *run, struct ctl_client *c)
{
    bool stops_already = run->result->interrupted;

    if (!stops_already)
        run_interrupt(run);
    answer_line(c, stops_already ? "the load has been stopped already; what is open drains\n"
                                 : "the load stops, and what is open drains\n");
}

static void
show_snapshot(struct run *run, struct ctl_client *c)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out;
    struct fail f = {.status = EXIT_HOST, .text = "not enough memory for a snapshot"};
    int err = -1;

    if (run->opts->crew != NULL) {
        fail_set(&f, EXIT_USAGE,
                 "snapshot: this is one process of several, which has its part of "
                 "the run only; the result comes at the end");
    } else if (!run_sum_so_far(run)) {
        fail_set(&f, EXIT_HOST, "snapshot: no sample of the run has been taken yet");
    } else if ((out = open_memstream(&text, &bytes)) != NULL) {
        err = json_write(out, run->result, &f);
        err = fclose(out) == 0 ? err : -1;
    }
    if (err == 0) {
        ctl_client_answer(c, text, bytes);
        return;
    }
    free(text);
    ctl_client_refuse(c, &f);
}

/* Another change that is under way comes first: then it is looked at again. */
static void
change_rate(struct run *run, struct ctl_client *c, const char *text)
{
    char from[VALUE_TEXT_MAX], to[VALUE_TEXT_MAX];
    struct result_rate_change change;
    uint64_t milli;
    struct fail f;

    if (run_rate_read(run, text, &milli, &f) < 0)
        ctl_client_refuse(c, &f);
    else if (run_rate_change(run, milli, &change))
        answer_line(c, "rate %s/s, before %s/s, from %.3f s on\n",
                    value_format_rate(change.to_milli, to),
                    value_format_rate(change.from_milli, from), change.t_s);
}

static void
serve(struct run *run, struct ctl_client *c)
{
    static const char RATE[] = "rate ";
    struct fail f;

    if (strcmp(c->line, "stop") == 0) {
        stop(run, c);
    } else if (strcmp(c->line, "snapshot") == 0) {
        show_snapshot(run, c);
    } else if (strncmp(c->line, RATE, strlen(RATE)) == 0) {
        change_rate(run, c, c->line + strlen(RATE));
    } else {
        fail_set(&f, EXIT_USAGE, "'%.60s' is nothing that this run can be told", c->line);
        ctl_client_refuse(c, &f);
    }
}

void
run_ctl_look(struct run *run)
{
    struct ctl_client *c;
    unsigned cursor = 0;

    ctl_socket_look(run->opts->ctl, run_now_ns(run));
    if (ctl_socket_waiting(run->opts->ctl, &cursor) == NULL)
        return;
    cursor = 0;
    while ((c = ctl_socket_waiting(run->opts->ctl, &cursor)) != NULL)
        serve(run, c);
    ctl_socket_look(run->opts->ctl, run_now_ns(run)); /* the run may be over now */
}
