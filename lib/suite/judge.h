/* SPDX-License-Identifier: BSD-3-Clause */
/* What a step's result says by RFC 9411: its key performance indicators over the sustain phase, and
 * the validation criteria. Reads a result as --json writes it; decides nothing further. Pure. */
#pragma once

#include <jansson.h>

#include "suite/course.h"

/**
 * Judge @result, of @step of @c, by the limits of @p; NULL: there is none, as @why says.
 */
void suite_judge(struct suite_outcome *o, const struct suite_plan *p, const struct suite_case *c,
                 const struct suite_step *step, const json_t *result, const char *why);

/** Rows of @result that lie within what is measured: [*begin, *end) of its intervals. */
void suite_rows(const json_t *result, size_t *begin, size_t *end);

/** @key of a row, or of its latency @latency in ms. @return 0 where there is none */
double suite_row_value(const json_t *row, const char *latency, const char *key);
