/* SPDX-License-Identifier: BSD-3-Clause */
/* A view with figures of everything, and what a screen of it looks like as a text. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "ui/chart.h"
#include "ui/screen.h"

/* 40 seconds of a client on loopback: asked for 1,000 a second, then 2,000, of which a few failed.
 */
static inline void
a_view(struct view *v)
{
    static const uint64_t p99_us[] = {400, 500, 600, 800, 1000, 800, 600, 500};

    memset(v, 0, sizeof(*v));
    strcpy(v->title, " shakedown run on loopback to tcp://198.19.0.1:80 ");
    v->progress = (struct progress){.what = "running", .share = 0.4, .left_s = 60};
    v->t_s = 40;
    strcpy(v->rate_name, "cps");
    v->may_change_rate = v->has_second = true;
    v->achieved = 1990;
    v->asked = 2000;
    v->on_time = 0.99957;
    v->open = 1234;
    v->failed = 210;
    v->attempted = 60000;
    v->history.n = 40;
    v->n_latencies = 1;
    strcpy(v->latencies[0].name, "conn");
    strcpy(v->latencies[0].from, "intended start");
    strcpy(v->latencies[0].to, "established");
    v->latencies[0].max_ns = 3 * NS_PER_MS;
    for (unsigned i = 0; i < 40; i++) {
        v->history.asked[i] = i < 20 ? 1000 : 2000;
        v->history.achieved[i] = i < 20 ? 1000 : 1500 + 25 * (i - 20);
        v->history.failed[i] = i < 30 ? 0 : 21;
        v->history.latency_ns[0][VIEW_P50][i] = 100e3;
        v->history.latency_ns[0][VIEW_P99][i] = (double)p99_us[i % ARRAY_LEN(p99_us)] * 1e3;
        v->history.latency_ns[0][VIEW_P999][i] = i == 5 ? CHART_NONE : 2e6;
    }
    v->n_causes = 2;
    v->causes[0] = (struct view_cause){"timeout", "no answer to the SYN", 200, 20};
    v->causes[1] = (struct view_cause){"refused", "answered with RST", 10, 1};
    v->n_cores = 2;
    v->cores[0] = (struct view_core){1, ROLE_CLIENT, 0.62, 1990, 12, 0.001, 800 * NS_PER_US};
    v->cores[1] = (struct view_core){2, ROLE_SERVER, 0.97, 1985, 0, 0, 0};
    v->has_verdict = true;
    v->verdict = (struct verdict){.is_decided = true, .limited_by = LIMIT_TARGET, .n_evidence = 1};
    strcpy(v->verdict.part, "responses");
    strcpy(v->verdict.evidence[0], "200 of 60,000 connections had no answer");
    v->n_criteria = 1;
    strcpy(v->criteria[0].text, "failed < 0.1%");
    strcpy(v->criteria[0].value, "0.35 %");
    v->criteria[0].has_value = true;
}

/* All rows of @c, a line each. @return @text */
#define SCREEN_TEXT_MAX 65536
static inline const char *
text_of(const struct canvas *c, char text[static SCREEN_TEXT_MAX])
{
    static char row[CANVAS_ROW_TEXT];
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < c->rows && used < SCREEN_TEXT_MAX; i++)
        used +=
            (size_t)snprintf(text + used, SCREEN_TEXT_MAX - used, "%s\n", canvas_row(c, i, row));
    return text;
}
