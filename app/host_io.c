/* SPDX-License-Identifier: BSD-3-Clause */
/* See host_io.h. */
#include "app/host_io.h"

#include <string.h>

#include "app/tx.h"

void
host_io_update_macs(struct worker *w)
{
    if (w->engine.role != ROLE_CLIENT)
        return;
    for (unsigned i = 0; i < w->engine.client.n_targets; i++) {
        struct client_target *t = &w->engine.client.targets[i];
        const uint8_t *mac = neigh_lookup(&w->hosts[t->network].neigh, w->next_hops[i]);

        if (mac != NULL)
            memcpy(t->mac, mac, 6);
    }
}

static void
act_on(struct worker *w, const struct host_event *ev)
{
    if (ev->kind == HOST_EVENT_UNREACHABLE)
        engine_unreachable(&w->engine, &ev->unreachable);
    if (ev->kind == HOST_EVENT_TOO_BIG)
        engine_too_big(&w->engine, &ev->too_big, ev->mtu);
    host_io_update_macs(w);
}

/* What is neither TCP nor broken. Rare, so that the clock of the iteration serves. */
void __attribute__((noinline))
host_io_input(struct worker *w, const struct packet *p, uint64_t now_ns)
{
    struct host_event ev;
    uint8_t *buf = outbox_buf(&w->outbox);
    uint8_t scratch[HOST_REQUEST_MAX];
    size_t len = host_input(&w->hosts[p->network], p, now_ns, buf != NULL ? buf : scratch,
                            buf != NULL ? w->queue.frame_max : 0, &ev);

    if (len > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER, 0);
    act_on(w, &ev);
}

void __attribute__((noinline))
host_io_snoop(struct worker *w, const struct packet *p, uint64_t now_ns)
{
    struct host_event ev;

    host_snoop(&w->hosts[p->network], p, now_ns, &ev);
    act_on(w, &ev);
}

void
host_io_announce(struct worker *w, uint64_t now_ns)
{
    unsigned wanted = schedule_announcements(w->opts.schedule);

    if (!w->opts.announces || wanted == w->announced)
        return;
    w->announced = wanted;
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        host_announce(&w->hosts[i], now_ns);
}

void
host_io_announce_first(struct worker *w)
{
    uint8_t *buf = outbox_buf(&w->outbox);

    if (buf == NULL)
        return;
    outbox_commit(&w->outbox, (uint16_t)host_write_first(&w->hosts[0], buf, w->queue.frame_max),
                  OUTBOX_OTHER, 0);
}

/* Next hops through which something got on since the last look need not be asked. */
static void
confirm_by_progress(struct worker *w, uint64_t now_ns)
{
    if (w->engine.role != ROLE_CLIENT)
        return;
    for (unsigned i = 0; i < w->engine.client.n_targets; i++) {
        uint32_t progress = w->engine.core.progress[i];
        unsigned network = w->engine.client.targets[i].network;

        if (progress != w->progress_seen[i])
            host_confirm(&w->hosts[network], w->next_hops[i], now_ns);
        w->progress_seen[i] = progress;
    }
}

static void
output_of(struct worker *w, struct host *h, uint64_t now_ns)
{
    uint8_t *buf;
    size_t len;

    if (likely(now_ns < host_deadline_ns(h)))
        return;
    confirm_by_progress(w, now_ns);
    while ((buf = outbox_buf(&w->outbox)) != NULL &&
           (len = host_output(h, now_ns, buf, w->queue.frame_max)) > 0)
        outbox_commit(&w->outbox, (uint16_t)len, OUTBOX_OTHER, 0);
    tx_submit(w);
}

void
host_io_output(struct worker *w, uint64_t now_ns)
{
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        output_of(w, &w->hosts[i], now_ns);
}

const struct host *
host_io_conflict(const struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        if (w->hosts[i].conflicts > 0)
            return &w->hosts[i];
    return NULL;
}

const struct host *
host_io_unresolved(const struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        if (!neigh_all_resolved(&w->hosts[i].neigh))
            return &w->hosts[i];
    return NULL;
}

bool
host_io_have_probed(const struct worker *w)
{
    uint64_t now_ns = schedule_now_ns(w->opts.schedule);

    for (unsigned i = 0; i < w->opts.n_networks; i++)
        if (!host_has_probed(&w->hosts[i], now_ns))
            return false;
    return true;
}

bool
host_io_have_announced(const struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        if (!host_has_announced(&w->hosts[i]))
            return false;
    return true;
}

bool
host_io_are_settled(const struct worker *w)
{
    for (unsigned i = 0; i < w->opts.n_networks; i++)
        if (!neigh_is_settled(&w->hosts[i].neigh))
            return false;
    return true;
}
