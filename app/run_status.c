/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_status.h. */
#include "app/run_status.h"

#include "app/run_progress.h"
#include "base/console.h"

/* What is over sooner is not worth a line. */
static const uint64_t PATIENCE_NS = NS_PER_SEC;
static const uint64_t AGAIN_NS = 250 * NS_PER_MS;

void
run_status_look(struct run *run)
{
    struct run_status *s = &run->status;
    uint64_t now_ns = run_now_ns(run);
    enum run_stage stage;
    struct progress p;
    char text[PROGRESS_TEXT_MAX];

    if (now_ns < s->next_ns)
        return;
    s->next_ns = now_ns + AGAIN_NS;
    stage = run_stage(run);
    if (s->since_ns == 0 || s->stage != stage)
        s->since_ns = now_ns;
    s->stage = stage;
    if (stage == RUN_LOADS || now_ns - s->since_ns < PATIENCE_NS) {
        console_status("");
        return;
    }
    run_progress(run, &p);
    console_status(progress_text(&p, text));
}
