/* SPDX-License-Identifier: BSD-3-Clause */
/* The scenario of a step, as a JSON object that `shakedown run` reads: what the plan has of all
 * runs, and what RFC 9411 asks of this one. Pure. */
#pragma once

#include <jansson.h>

#include "suite/course.h"

/** Of @step of case @c. @return NULL: there is no memory; else the caller's */
json_t *suite_scenario(const struct suite_plan *p, const struct suite_case *c,
                       const struct suite_step *step);

/** What a mapping of the plan says, as JSON: values are texts, keys with dots are nested. */
json_t *suite_yaml_json(const struct yaml *y, const struct yaml_node *node);
