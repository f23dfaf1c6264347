/* SPDX-License-Identifier: BSD-3-Clause */
/* See likeness.h. */
#include "report/likeness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/options.h"
#include "report/scenario.h"

/* What connections do: of both. */
static const int of_both[] = {
    OPTION_CLOSE,   OPTION_HOLD,       OPTION_CONFIRM, OPTION_PROXY_PROTOCOL,
    OPTION_SEND,    OPTION_RECEIVE,    OPTION_BYTES,   OPTION_AFTER,
    OPTION_ECHO,    OPTION_REQUESTS,   OPTION_THINK,   OPTION_METHOD,
    OPTION_BODY,    OPTION_BODY_BYTES, OPTION_PATH,    OPTION_PIPELINE,
    OPTION_STREAMS, OPTION_HTTP,       OPTION_TLS,     OPTION_RESUME,
    OPTION_SEARCH,  OPTION_PIGGYBACK};

/* Rows of one can only be added to rows of the other when they end at the same instants. */
static const int of_added[] = {OPTION_SAMPLE,  OPTION_SHAPE,     OPTION_INIT, OPTION_RAMP_UP,
                               OPTION_WARM_UP, OPTION_RAMP_DOWN, OPTION_STOP, OPTION_CRITERIA};

/* What is asked for decides what comes. */
static const int of_compared[] = {OPTION_RATE, OPTION_SHAPE, OPTION_REQUEST_RATE,
                                  OPTION_REQUESTS_TOTAL};

/* The value as the scenario has it, to be freed; NULL without memory. */
static char *
value_text(const struct conf *c, unsigned class_idx, int row)
{
    struct json_tree t = {0};
    json_t *value = scenario_value_json(&t, c, class_idx, row);
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

    json_decref(value);
    return text;
}

static bool
row_differs(const struct conf *a, const struct conf *b, unsigned class_idx, int row,
            char why[static LIKENESS_TEXT_MAX])
{
    char *of_a = value_text(a, class_idx, row), *of_b = value_text(b, class_idx, row);
    bool differs = of_a == NULL || of_b == NULL || strcmp(of_a, of_b) != 0;

    if (differs)
        snprintf(why, LIKENESS_TEXT_MAX, "%s is %.100s and %.100s", conf_options[row].key,
                 of_a != NULL ? of_a : "unknown", of_b != NULL ? of_b : "unknown");
    free(of_a);
    free(of_b);
    return differs;
}

static bool
rows_differ(const struct conf *a, const struct conf *b, const int *rows, size_t n,
            char why[static LIKENESS_TEXT_MAX])
{
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < (conf_options[rows[i]].is_of_class ? a->n_classes : 1); k++)
            if (row_differs(a, b, k, rows[i], why))
                return true;
    return false;
}

static const char *
side_of(const struct conf *c)
{
    return c->command == CONF_SERVE ? "a server's" : "a client's";
}

static bool
classes_differ(const struct conf *a, const struct conf *b, char why[static LIKENESS_TEXT_MAX])
{
    if (a->n_classes != b->n_classes) {
        snprintf(why, LIKENESS_TEXT_MAX, "they have %u and %u traffic classes", a->n_classes,
                 b->n_classes);
        return true;
    }
    for (unsigned i = 0; i < a->n_classes; i++) {
        const struct conf_class *of_a = &a->classes[i], *of_b = &b->classes[i];

        if (strcmp(of_a->name, of_b->name) != 0) {
            snprintf(why, LIKENESS_TEXT_MAX, "their traffic classes are %s and %s", of_a->name,
                     of_b->name);
            return true;
        }
        if (of_a->proto != of_b->proto || of_a->is_tls != of_b->is_tls) {
            snprintf(why, LIKENESS_TEXT_MAX, "they speak %s%s and %s%s", of_a->proto->name,
                     of_a->is_tls ? " over TLS" : "", of_b->proto->name,
                     of_b->is_tls ? " over TLS" : "");
            return true;
        }
    }
    return false;
}

bool
likeness_differs(const struct conf *a, const struct conf *b, enum likeness to,
                 char why[static LIKENESS_TEXT_MAX])
{
    if ((a->command == CONF_SERVE) != (b->command == CONF_SERVE)) {
        snprintf(why, LIKENESS_TEXT_MAX, "they are %s and %s", side_of(a), side_of(b));
        return true;
    }
    if (classes_differ(a, b, why) || rows_differ(a, b, of_both, ARRAY_LEN(of_both), why))
        return true;
    if (to == LIKENESS_ADDED)
        return rows_differ(a, b, of_added, ARRAY_LEN(of_added), why);
    if (rows_differ(a, b, of_compared, ARRAY_LEN(of_compared), why))
        return true;
    /* A closed loop goes as fast as its bound lets it. */
    return !conf_is_open_loop(a) && a->command != CONF_SERVE &&
           row_differs(a, b, 0, OPTION_CONNECTIONS, why);
}
