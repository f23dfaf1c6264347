/* SPDX-License-Identifier: BSD-3-Clause */
/* This process as one of those that make a run together (--join): it joins them, takes its part of
 * the scenario, and leaves its result where the others' are. Control thread. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "app/crew.h"
#include "conf/conf.h"
#include "io/io.h"
#include "report/result.h"

struct rank {
    bool is_on;   /* it has joined */
    bool has_run; /* so that there is something to keep, here and there */
    struct ranks *ranks;
    struct crew crew;
    char join[PATH_MAX], path[PATH_MAX]; /* of all results, and of this one's */
};

/** Join the others; @c, which was read, becomes what this rank has of it. @return 0, or -1 with @f
 * set */
int rank_join(struct rank *r, struct conf *c, struct fail *f);

/** The device is open: have this thread, and those of the transport, run on CPUs that no worker
 * has, where there are any. */
void rank_keep_off_workers(struct rank *r, const struct io *io);

/** The run is over: write its result. @return 0, or -1 with @f set */
int rank_write(struct rank *r, const struct result *result, struct fail *f);

/** The last thing in the process, whose exit status is @status: leave in order, or, where
 * nothing has run, end all ranks with it. */
void rank_leave(struct rank *r, int status);
