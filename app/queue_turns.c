/* SPDX-License-Identifier: BSD-3-Clause */
/* See queue_turns.h. */
#include "app/queue_turns.h"

#include <assert.h>
#include <string.h>

static void
begin_turn(struct queue_turns *t, uint64_t sent, uint64_t now_ns)
{
    t->turn++;
    t->sent = sent;
    t->until_ns = now_ns + t->patience_ns;
}

void
queue_turns_begin(struct queue_turns *t, unsigned n_queues, uint64_t sent, uint64_t now_ns)
{
    assert(n_queues > 0 && n_queues <= QUEUE_TURNS_QUEUES_MAX);

    *t = (struct queue_turns){.n_queues = n_queues, .patience_ns = QUEUE_TURNS_NS};
    begin_turn(t, sent, now_ns);
}

/* All have had their turn. @return false when that was enough. */
static bool
begin_again(struct queue_turns *t)
{
    if (t->n_counted == 0 || t->n_counted == t->n_queues || t->turn > t->n_queues)
        return false;
    t->patience_ns = QUEUE_TURNS_PATIENT_NS;
    t->n_counted = 0;
    memset(t->is_counted, 0, sizeof(t->is_counted));
    return true;
}

bool
queue_turns_step(struct queue_turns *t, uint64_t sent, uint64_t now_ns)
{
    bool is_counted = sent - t->sent >= QUEUE_TURNS_FRAMES;

    if (!is_counted && now_ns < t->until_ns)
        return true;
    if (is_counted) {
        t->is_counted[(t->turn - 1) % t->n_queues] = true;
        t->n_counted++;
    }
    if (t->turn % t->n_queues == 0 && !begin_again(t))
        return false;
    begin_turn(t, sent, now_ns);
    return true;
}

bool
queue_turns_find_mute(const struct queue_turns *t, unsigned *queue)
{
    for (unsigned q = 0; q < t->n_queues && t->n_counted > 0; q++) {
        if (!t->is_counted[q]) {
            *queue = q;
            return true;
        }
    }
    return false;
}
