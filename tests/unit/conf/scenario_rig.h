/* SPDX-License-Identifier: BSD-3-Clause */
/* A scenario as text, and a command line beside it. */
#pragma once

#include <unistd.h>

#include "conf_rig.h"

/* @line has "FILE" where the scenario's name belongs. Leaves the failure's text without the name.
 */
static inline int
rig_scenario(struct conf_rig *r, int (*step)(struct conf_rig *, const char *), const char *text,
             const char *line)
{
    static char path[] = "/tmp/shakedown-scenario-XXXXXX", words[16384];
    int fd = mkstemp(strcpy(path, "/tmp/shakedown-scenario-XXXXXX"));
    const char *at = strstr(line, "FILE");
    char *name;

    cr_assert(ge(int, fd, 0));
    cr_assert(eq(sz, (size_t)write(fd, text, strlen(text)), strlen(text)));
    close(fd);
    snprintf(words, sizeof(words), "%.*s%s%s", (int)(at - line), line, path, at + 4);
    step(r, words);
    unlink(path);
    while (r->rc < 0 && (name = strstr(r->fail.text, path)) != NULL) {
        memmove(name + 1, name + strlen(path), strlen(name + strlen(path)) + 1);
        *name = 'F';
    }
    return r->rc;
}

/* One mistake in a scenario of `run`, and how the failure begins. */
struct rig_mistake {
    const char *text;
    const char *begins;
    const char *mentions; /* NULL: no more */
};

static inline void
rig_expect_mistake(int (*step)(struct conf_rig *, const char *), const char *line,
                   const struct rig_mistake *m)
{
    static struct conf_rig r;

    cr_expect(eq(int, rig_scenario(&r, step, m->text, line), -1), "accepted: %s", m->text);
    cr_expect(eq(int, r.fail.status, EXIT_USAGE), "%s", m->text);
    cr_expect(strncmp(r.fail.text, m->begins, strlen(m->begins)) == 0,
              "'%s' is not how it begins: %s", m->begins, r.fail.text);
    cr_expect(m->mentions == NULL || strstr(r.fail.text, m->mentions) != NULL,
              "'%s' is missing from: %s", m->mentions, r.fail.text);
    conf_fini(&r.conf);
}
