/* SPDX-License-Identifier: BSD-3-Clause */
/* A command line written as one string, and what conf made of it. */
#pragma once

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

/* Options of a run that needs no default: a device that is not loopback, and on-link addresses. */
#define RIG_DEVICE "--device net_af_packet0,iface=veth0 "
#define RIG_LOCAL  RIG_DEVICE "--local 198.18.0.10-198.18.0.13/15 "

struct conf_rig {
    struct conf conf;
    struct fail fail;
    int rc; /* of the last call */
    char line[16384];
    char *argv[512];
};

/* Words are parted by spaces; a word "''" is empty. */
static inline int
rig_parse(struct conf_rig *r, const char *line)
{
    static char program[] = "shakedown", empty[] = "";
    int argc = 1;

    *r = (struct conf_rig){.argv = {program}};
    cr_assert(lt(int, snprintf(r->line, sizeof(r->line), "%s", line), (int)sizeof(r->line)));
    for (char *word = strtok(r->line, " "); word != NULL; word = strtok(NULL, " "))
        r->argv[argc++] = strcmp(word, "''") == 0 ? empty : word;
    r->rc = conf_parse_args(&r->conf, argc, r->argv, &r->fail);
    return r->rc;
}

static inline int
rig_finish(struct conf_rig *r, const char *line)
{
    if (rig_parse(r, line) == 0)
        r->rc = conf_finish(&r->conf, &r->fail);
    return r->rc;
}

/* One misuse: the command line, and what the one sentence must name. */
struct rig_misuse {
    const char *line;
    enum exit_status status;
    const char *mentions[4]; /* option, value, what is allowed; NULL: no more */
};

/* @step is rig_parse or rig_finish. */
static inline void
rig_expect_misuse(int (*step)(struct conf_rig *, const char *), const struct rig_misuse *m)
{
    static struct conf_rig r;

    cr_expect(eq(int, step(&r, m->line), -1), "accepted: %s", m->line);
    cr_expect(eq(int, r.fail.status, m->status), "%s", m->line);
    for (size_t i = 0; i < 4 && m->mentions[i] != NULL; i++)
        cr_expect(strstr(r.fail.text, m->mentions[i]) != NULL, "'%s' is missing from: %s (%s)",
                  m->mentions[i], r.fail.text, m->line);
    cr_expect(strchr(r.fail.text, '\n') == NULL, "more than one line: %s", r.fail.text);
    cr_expect(strlen(r.fail.text) < 500, "too long: %s", r.fail.text);
}

#define RIG_ROWS(table) (sizeof(table) / sizeof((table)[0]))
