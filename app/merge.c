/* SPDX-License-Identifier: BSD-3-Clause */
/* See merge.h. */
#include "app/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/streams.h"
#include "base/console.h"
#include "base/units.h"
#include "report/clash.h"
#include "report/criteria.h"
#include "report/html.h"
#include "report/ink.h"
#include "report/json.h"
#include "report/json_head.h"
#include "report/merge.h"
#include "report/outcome.h"
#include "report/outfile.h"
#include "report/text.h"

int
merge_check_places(const struct conf *c, struct fail *f)
{
    const struct clash_report all[] = {{JSON_OPTION, c->json}, {HTML_OPTION, c->html}};
    struct clash_report reports[ARRAY_LEN(all)];
    size_t n = 0;

    if (c->html[0] != '\0' && html_check(f) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i].path[0] == '\0')
            continue;
        if (outfile_check(all[i].option, all[i].path, f) < 0)
            return -1;
        reports[n++] = all[i];
    }
    return clash_check(reports, n, c, f);
}

/* A report that cannot be written costs no other. */
static int
write_reports(const struct conf *c, const struct result *r, struct fail *f)
{
    bool is_taken = outfile_is_stdout(c->json) || outfile_is_stdout(c->html);
    FILE *out = is_taken ? console_stream() : stdout;
    bool has_ink = ink_is_wanted(isatty(fileno(out)) == 1, getenv("NO_COLOR"), getenv("TERM"));
    int err = text_write(out, r, has_ink, f);

    if (c->json[0] != '\0' && outfile_write(JSON_OPTION, c->json, json_write, r, f) < 0)
        err = -1;
    if (c->html[0] != '\0' && outfile_write(HTML_OPTION, c->html, html_write, r, f) < 0)
        err = -1;
    return err == 0 ? streams_flush(f) : -1;
}

/* A result does not tell what there was in a phase that is not measured. */
static void
drop_phases(struct criteria *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n; i++)
        if (c->list[i].phase == PHASE_COUNT)
            c->list[n++] = c->list[i];
    c->n = n;
}

/* The user's criteria, or those that all scenarios have. */
static int
judge(const struct conf *c, struct merge *m, struct criteria *criteria, struct fail *f)
{
    int err = c->criteria[0] != '\0' ? criteria_parse(criteria, c->criteria, f)
                                     : criteria_read(criteria, &m->conf, f);

    if (err < 0)
        return -1;
    drop_phases(criteria);
    m->result.criteria = criteria;
    (void)criteria_judge(criteria, &m->result);
    return 0;
}

static int
merge_list(const struct conf *c, struct earlier *const list[], unsigned n, struct merge *m,
           struct merge_outcome *outcome, struct fail *f)
{
    struct criteria *criteria = calloc(1, sizeof(*criteria));
    int err;

    if (criteria == NULL)
        return fail_set(f, EXIT_HOST, "merge: not enough memory");
    err = merge_results(m, list, n, f);
    if (err < 0) {
        free(criteria);
        return -1;
    }
    *outcome = (struct merge_outcome){m->result.interrupted, m->result.lost};
    memcpy(m->conf.hosts, c->hosts, sizeof(m->conf.hosts));
    err = judge(c, m, criteria, f);
    if (err == 0)
        err = write_reports(c, &m->result, f);
    if (err == 0)
        err = outcome_check(&m->result, f);
    merge_fini(m);
    free(criteria);
    return err;
}

int
merge_paths(const struct conf *c, const char *const paths[], unsigned n,
            struct merge_outcome *outcome, struct fail *f)
{
    struct earlier *list[CONF_RESULTS_MAX];
    struct merge *m = calloc(1, sizeof(*m));
    int err = -1;

    *outcome = (struct merge_outcome){.interrupted = false};
    if (m == NULL) {
        (void)fail_set(f, EXIT_HOST, "merge: not enough memory");
    } else if (earlier_read_all(list, paths, n, f) == 0) {
        err = merge_list(c, list, n, m, outcome, f);
        earlier_free_all(list, n);
    }
    free(m);
    return err;
}

int
merge_files(const struct conf *c, struct fail *f)
{
    struct merge_outcome outcome;

    if (merge_check_places(c, f) < 0)
        return -1;
    return merge_paths(c, c->results.paths, c->results.n, &outcome, f);
}
