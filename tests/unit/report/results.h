/* SPDX-License-Identifier: BSD-3-Clause */
/* Results in files, for tests of what is made of them. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "conf/options.h"
#include "conf/url.h"
#include "report/earlier.h"
#include "report/json.h"
#include "sample.h"

enum { RESULT_PATH_MAX = 64 };

/* Make the scenario of a sample one that can be written and read: its targets are what their URLs
 * say, and each class has one. */
static inline void
complete(struct sample *s)
{
    struct conf *c = &s->conf;
    struct fail f = {0};
    struct value_why why;
    struct url url;

    option_fill_defaults(c, CONF_RUN);
    c->has_classes = c->n_classes > 1;
    for (unsigned i = 0; c->has_classes && i < c->n_classes; i++)
        c->classes[i].weight = 1;
    for (; c->n_targets < c->n_classes; c->n_targets++) {
        c->targets[c->n_targets].class_idx = (uint8_t)c->n_targets;
        snprintf(c->targets[c->n_targets].url, CONF_TEXT_MAX, "tcp://198.19.0.1:%u",
                 80 + c->n_targets);
    }
    for (unsigned i = 0; i < c->n_targets; i++) {
        struct conf_target *t = &c->targets[i];
        uint8_t class_idx = t->class_idx;
        char text[CONF_TEXT_MAX];

        snprintf(text, sizeof(text), "%s", t->url);
        cr_assert(url_parse(text, &url, &why) == 0, "%s", why.text);
        url_target(text, &url, t);
        t->class_idx = class_idx;
    }
    cr_assert(conf_finish_earlier(c, &f) == 0, "%s", f.text);
}

/* Write @r to a file of its own, whose name is in @path. */
static inline void
write_result(const struct result *r, char path[static RESULT_PATH_MAX])
{
    struct fail f = {0};
    FILE *out;

    snprintf(path, RESULT_PATH_MAX, "/tmp/result-XXXXXX");
    out = fdopen(mkstemp(path), "w");
    cr_assert_not_null(out);
    cr_assert(json_write(out, r, &f) == 0, "%s", f.text);
    fclose(out);
}

/* What was written, read again; the file is gone, its path lasts. At most 32 in a test. */
static inline struct earlier *
read_again(const struct result *r)
{
    static char paths[32][RESULT_PATH_MAX];
    static unsigned n;
    char *path = paths[n++ % 32];
    struct fail f = {0};
    struct earlier *e;

    write_result(r, path);
    e = earlier_read(path, &f);
    unlink(path);
    cr_assert_not_null(e, "%s", f.text);
    return e;
}
