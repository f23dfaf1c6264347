/* SPDX-License-Identifier: BSD-3-Clause */
/* See warmup.h. */
#include "sess/warmup.h"

#include <string.h>

static void
set_stat(struct core *core, struct stats *stat)
{
    core->opts.stat = stat;
    core->tcp.stat = stat;
}

static void
only_shakes_hands(struct sess_class *k, struct stats *stat)
{
    k->is_planned = false;
    k->needs_session = true;
    k->n_exchanges = 1;
    k->hold_ns = 0;
    k->close = CLOSE_FIN;
    k->stat = stat;
}

void
warmup_begin(struct warmup *w, struct client *c, struct stats *stat)
{
    struct core *core = &c->core;

    assert(core->n_open == 0);

    *w = (struct warmup){.stat = core->opts.stat};
    memcpy(w->classes, core->classes, sizeof(w->classes));
    set_stat(core, stat);
    for (unsigned i = 0; i < core->opts.n_classes; i++)
        only_shakes_hands(&core->classes[i], stat);
}

bool
warmup_add(struct warmup *w, struct client *c, unsigned target, uint64_t now_ns)
{
    uint32_t idx;

    if (w->n_begun == WARMUP_MAX || outbox_buf(c->core.opts.outbox) == NULL)
        return false;
    idx = client_begin(c, target, now_ns);
    if (idx == RECORD_NONE)
        return false;
    w->records[w->n_begun++] = idx;
    return true;
}

void
warmup_end(struct warmup *w, struct client *c)
{
    struct core *core = &c->core;

    for (unsigned i = 0; i < w->n_begun; i++)
        client_give_up(c, w->records[i]);
    if (core->n_handshakes > 0)
        core_count_handshakes(core);
    set_stat(core, w->stat);
    memcpy(core->classes, w->classes, sizeof(w->classes));

    assert(core->n_open == 0);
}
