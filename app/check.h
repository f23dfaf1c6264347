/* SPDX-License-Identifier: BSD-3-Clause */
/* What `shakedown check` says of a host and a load that fit together. Pure but for the text it
 * writes. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "app/steering.h"
#include "conf/conf.h"
#include "conf/plan.h"
#include "io/io.h"
#include "report/result.h"

struct check_facts {
    const struct conf *conf;
    const struct plan *plan;
    const struct io *io;
    const struct steering *steering;
    uint64_t available_bytes; /* of memory */
    uint64_t headroom_bytes;  /* of that, for connections */
};

void check_print(FILE *out, const struct check_facts *c);

/** The same as a result without a run, for machines. */
void check_fill(const struct check_facts *c, struct result *r);
