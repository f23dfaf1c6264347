/* SPDX-License-Identifier: BSD-3-Clause */
/* A load shape as a user writes it: "poisson", "ramp:10k..100k/30s", "steps:10k,20k,50k/10s". */
#pragma once

#include "conf/value.h"
#include "load/registry.h"

#define VALUE_SHAPE_TEXT_MAX 512

struct value_shape {
    const struct load_shape *shape; /* NULL: not set */
    struct load_args args;          /* rate_milli and seed are not set */
    char text[VALUE_SHAPE_TEXT_MAX];
};

/** @return 0, or -1 with @why set and @s untouched. */
int value_shape(const char *text, struct value_shape *s, struct value_why *why);

/** The shapes there are and what stands behind each, for people. Returns @buf. */
const char *value_shape_forms(char *buf, size_t size);
