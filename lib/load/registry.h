/* SPDX-License-Identifier: BSD-3-Clause */
/* The load shapes there are. */
#pragma once

#include "load/shape.h"

extern const struct load_shape *const load_shapes[];
extern const unsigned load_shapes_count;

/** @return NULL: there is none of that name. */
const struct load_shape *load_shape_by_name(const char *name);
