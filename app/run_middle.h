/* SPDX-License-Identifier: BSD-3-Clause */
/* Control's part where a device under test is between two ports: takes from workers what they tell
 * of handshakes' segments (crossings.h), compares both sides, and has the result. */
#pragma once

#include "app/workers.h"
#include "middle/match.h"

struct run_middle {
    struct match *match; /* NULL: nothing is in between */
    struct middle_tally *tally;
    struct workers *workers;
};

/** Take memory for the run of @conf and have its workers, whose options are filled in, tell.
 * @return 0, or -1 with @f set (EXIT_HOST) */
int run_middle_init(struct run_middle *m, const struct conf *conf, struct workers *ws,
                    struct fail *f);

/** Take in what was told; some tens of times a second. */
void run_middle_look(struct run_middle *m);

/** All workers have returned: sum up. @return what the result takes over; NULL: nothing is in
 * between */
struct middle_tally *run_middle_end(struct run_middle *m);

void run_middle_fini(struct run_middle *m);
