/* SPDX-License-Identifier: BSD-3-Clause */
/* See registry.h. */
#include "load/registry.h"

#include <string.h>

/* One line a shape: its file is lib/load/<name>.c, its table load_<name>. */
#define SHAPES(X)                                                                                  \
    X(constant)                                                                                    \
    X(closed)                                                                                      \
    X(ramp)                                                                                        \
    X(steps)                                                                                       \
    X(sine)                                                                                        \
    X(poisson)

#define DECLARE(name) extern const struct load_shape load_##name;
#define ENTRY(name)   &load_##name,

SHAPES(DECLARE)

const struct load_shape *const load_shapes[] = {SHAPES(ENTRY)};

const unsigned load_shapes_count = ARRAY_LEN(load_shapes);

const struct load_shape *
load_shape_by_name(const char *name)
{
    for (unsigned i = 0; i < load_shapes_count; i++)
        if (strcmp(load_shapes[i]->name, name) == 0)
            return load_shapes[i];
    return NULL;
}
