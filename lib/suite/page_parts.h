/* SPDX-License-Identifier: BSD-3-Clause */
/* What sections of the report are made of. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "suite/course.h"

/* @text with what HTML would take for its own replaced. */
void part_text(FILE *out, const char *text);

/* A cell: <td class="@class">, or th of @is_head; formatted, then escaped. */
void part_cell(FILE *out, const char *class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void part_head(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A value of a KPI as RFC 9411 6.3 has it: throughput in Gbit/s with two places and the exact
 * kbit/s behind it. @return @buf */
#define PART_VALUE_MAX 80
const char *part_kpi(enum suite_kpi kpi, double value, char buf[static PART_VALUE_MAX]);

/* The same of an objective of @c. */
const char *part_objective(const struct suite_case *c, double value,
                           char buf[static PART_VALUE_MAX]);

/* A share: "0.001 %". @return @buf */
const char *part_share(double share, char buf[static PART_VALUE_MAX]);

/* "16 KB, 10 transactions a connection": what tells the cases of a test apart. @return @buf */
const char *part_case(const struct suite_case *c, char buf[static PART_VALUE_MAX]);

/* That figures are none of the standard's, on every printed page and in each section. */
void part_banner(FILE *out, const struct suite_plan *p);

/* The step whose figures stand for the case: the last one that has some; NULL. */
const struct suite_outcome *part_telling(const struct suite_course *course);

/* Whether what it found was the limit of the generator: it did not do what was asked, or that was
 * no more than the generator could. */
bool part_is_ours(const struct suite_outcome *o);

/* All about @test: its cases' indicators, criteria, charts, steps. */
void part_test(FILE *out, const struct suite *s, enum suite_id test, const char *folder);

/* Charts of the sustain phase of @result. */
void part_charts(FILE *out, const json_t *result, const struct suite_case *c);
