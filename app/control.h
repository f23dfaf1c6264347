/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread: it sets the schedule of a run, sleeps between samples, shows the live line,
 * and gathers the result. It never stops a worker. SIGINT and SIGTERM must be blocked in every
 * thread before EAL starts (control_block_signals); control takes them while it sleeps. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "app/calibrate.h"
#include "app/setup.h"
#include "base/fail.h"
#include "conf/conf.h"
#include "io/io.h"
#include "report/result.h"

/** Keep SIGINT and SIGTERM for control; threads made later inherit it. */
void control_block_signals(void);

/** Whether one of them waits to be taken: the user wants to end what goes on before the run. */
bool control_is_interrupted(void);

/* What was worked out before; all of it has to last as long as the run. */
struct control_plan {
    const struct steering *steering;  /* from setup_steer() */
    const struct tls_setup *tls;      /* NULL: no TLS */
    const struct clock_sample *began; /* an instant a while ago, to calibrate the clock by */
};

/**
 * Run the load, or the responder, to its end on the open ports of @io.
 *
 * @param live   where the live line goes
 * @param[out] r  initialised here; the caller calls report_result_fini(), also after an error
 * @return 0, also after an interruption (r->interrupted); -1 with @f when the run could not begin
 */
int control_run(const struct conf *conf, const struct io *io, const struct control_plan *plan,
                FILE *live, struct result *r, struct fail *f);
