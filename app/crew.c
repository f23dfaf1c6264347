/* SPDX-License-Identifier: BSD-3-Clause */
/* See crew.h. */
#include "app/crew.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/timespec.h"
#include "base/units.h"

static const uint64_t BEAT_NS = 100 * NS_PER_MS;

/* Questions about the time come one after the other. */
static const uint64_t SERVE_NS = 300 * NS_PER_US;

/* How often the other thread looks, and who waits for others to be done. */
static const uint64_t BACKGROUND_NS = 20 * NS_PER_MS, DONE_NS = NS_PER_MS;

/* Before all that still hangs is ended: time for those who do not, to leave by themselves; and,
 * where rank 0 is lost and nobody knows of all that they are done, for their files. */
static const uint64_t ORPHAN_NS = 300 * NS_PER_MS;

struct pong {
    uint64_t asked_ns, there_ns;
};

struct loss {
    uint32_t rank;
    uint64_t since_ns; /* by rank 0's clock */
};

static uint64_t
monotonic_ns(const void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return timespec_ns(&now);
}

static uint64_t
now_of(const struct crew *c)
{
    return c->now_ns(c->arg);
}

static void
rest(uint64_t ns)
{
    struct timespec t = timespec_of_ns(ns);

    nanosleep(&t, NULL);
}

void
crew_init(struct crew *c, struct ranks *ranks, const char names[][CREW_NAME_MAX],
          uint64_t patience_ns)
{
    uint64_t now_ns;

    *c = (struct crew){.ranks = ranks, .patience_ns = patience_ns, .now_ns = monotonic_ns};
    now_ns = now_of(c);
    for (unsigned i = 0; i < ranks->n; i++) {
        snprintf(c->members[i].name, CREW_NAME_MAX, "%s", names[i]);
        c->members[i].heard_ns = now_ns;
    }
    atomic_init(&c->is_background, false);
    atomic_init(&c->is_over, false);
}

void
crew_set_clock(struct crew *c, uint64_t (*now_ns)(const void *arg), const void *arg)
{
    c->now_ns = now_ns;
    c->arg = arg;
}

void
crew_reset_clock(struct crew *c)
{
    crew_set_clock(c, monotonic_ns, NULL);
}

/* -- sending -------------------------------------------------------------------------------- */

static bool
send_to(struct crew *c, unsigned to, enum crew_kind kind, const void *data, uint32_t bytes)
{
    struct ranks_message m = {.kind = kind, .bytes = bytes};

    if (bytes > 0)
        memcpy(m.data, data, bytes);
    return ranks_send(c->ranks, to, &m);
}

bool
crew_tell(struct crew *c, enum crew_kind kind, const void *data, uint32_t bytes)
{
    bool all = true;

    if (!crew_is_hub(c))
        return send_to(c, 0, kind, data, bytes);
    for (unsigned i = 1; i < c->ranks->n; i++)
        if (!c->members[i].is_lost)
            all &= send_to(c, i, kind, data, bytes);
    return all;
}

/* -- taking --------------------------------------------------------------------------------- */

static void
note_loss(struct crew *c, unsigned rank, uint64_t since_ns)
{
    c->members[rank].is_lost = true;
    if (!c->lost.has_happened)
        c->lost = (struct crew_loss){.has_happened = true, .rank = rank, .since_ns = since_ns};
}

static void
take_loss(struct crew *c, const struct loss *l)
{
    if (l->rank < c->ranks->n)
        note_loss(c, l->rank, offset_here(&c->offset, l->since_ns));
}

static void
take_pong(struct crew *c, const struct pong *p, uint64_t now_ns)
{
    struct offset_sample s = offset_sample(p->asked_ns, p->there_ns, now_ns);

    if (p->asked_ns != c->asked_ns)
        return; /* too late */
    offset_add(&c->offset, &s);
    c->is_answered = true;
}

/* The hub has it from one, and all have it from the hub. */
static void
take_stop(struct crew *c)
{
    if (crew_is_hub(c))
        crew_stop(c);
    c->wants_stop = true;
}

static void
take(struct crew *c, unsigned from, const struct ranks_message *m)
{
    uint64_t now_ns = now_of(c), ns;
    struct pong pong;
    struct loss loss;

    c->members[from].heard_ns = now_ns;
    switch ((enum crew_kind)m->kind) {
    case CREW_BEAT:
        break;
    case CREW_PING:
        memcpy(&pong.asked_ns, m->data, sizeof(pong.asked_ns));
        pong.there_ns = now_ns;
        (void)send_to(c, from, CREW_PONG, &pong, sizeof(pong));
        c->serve_until_ns = now_ns + SERVE_NS;
        break;
    case CREW_PONG:
        memcpy(&pong, m->data, sizeof(pong));
        take_pong(c, &pong, now_ns);
        break;
    case CREW_MET:
        c->members[from].has_met = true;
        break;
    case CREW_READY:
        c->members[from].is_ready = true;
        break;
    case CREW_GO:
        memcpy(&ns, m->data, sizeof(ns));
        c->go_ns = offset_here(&c->offset, ns);
        c->has_go = true;
        break;
    case CREW_RATE:
        memcpy(&c->rate, m->data, sizeof(c->rate));
        break;
    case CREW_STOP:
        take_stop(c);
        break;
    case CREW_LOST:
        memcpy(&loss, m->data, sizeof(loss));
        take_loss(c, &loss);
        break;
    case CREW_ROW:
    case CREW_FILE:
        if (c->take != NULL)
            c->take(c->taker, from, m);
        break;
    case CREW_DONE:
        c->members[from].is_done = true;
        break;
    case CREW_BYE:
        c->has_bye = true;
        c->all_are_there = m->data[0] != 0;
        break;
    }
}

static void
take_all(struct crew *c)
{
    struct ranks_message m;
    unsigned from;

    while (ranks_take(c->ranks, &m, &from))
        take(c, from, &m);
}

/* -- who is there --------------------------------------------------------------------------- */

static bool
is_silent(const struct crew *c, const struct crew_member *m, uint64_t now_ns)
{
    return !m->is_lost && c->patience_ns < TIME_NEVER && now_ns > m->heard_ns + c->patience_ns;
}

static void
look_for_the_lost(struct crew *c, uint64_t now_ns)
{
    unsigned n = crew_is_hub(c) ? c->ranks->n : 1;

    for (unsigned i = crew_is_hub(c) ? 1 : 0; i < n && !c->has_bye; i++) {
        struct loss loss = {.rank = i, .since_ns = c->members[i].heard_ns};

        if (!is_silent(c, &c->members[i], now_ns))
            continue;
        if (c->members[i].is_done) { /* its result is whole: nobody has to stop for it */
            c->members[i].is_lost = true;
            continue;
        }
        note_loss(c, i, loss.since_ns);
        c->is_loss_due = crew_is_hub(c);
    }
}

/* What must reach the others is sent until there was room for it; twice does no harm. */
static void
tell_what_is_due(struct crew *c)
{
    struct loss loss = {.rank = c->lost.rank, .since_ns = c->lost.since_ns};
    struct crew_rate rate = c->rate;

    if (c->is_stop_due)
        c->is_stop_due = !crew_tell(c, CREW_STOP, NULL, 0);
    if (c->is_loss_due)
        c->is_loss_due = !crew_tell(c, CREW_LOST, &loss, sizeof(loss));
    rate.is_pending = true; /* there, whether or not it is followed here already */
    if (c->is_rate_due)
        c->is_rate_due = !crew_tell(c, CREW_RATE, &rate, sizeof(rate));
}

void
crew_tell_rate(struct crew *c, const struct crew_rate *rate)
{
    c->rate = *rate;
    c->is_rate_due = true;
    tell_what_is_due(c);
}

void
crew_look(struct crew *c)
{
    uint64_t now_ns;

    do {
        take_all(c);
        now_ns = now_of(c);
    } while (now_ns < c->serve_until_ns);
    if (now_ns >= c->next_beat_ns) {
        (void)crew_tell(c, CREW_BEAT, NULL, 0);
        c->next_beat_ns = now_ns + BEAT_NS;
    }
    look_for_the_lost(c, now_ns);
    tell_what_is_due(c);
}

static void *
run_background(void *arg)
{
    struct crew *c = arg;

    while (!atomic_load_explicit(&c->is_over, memory_order_acquire)) {
        crew_look(c);
        rest(BACKGROUND_NS);
    }
    return NULL;
}

void
crew_background_begin(struct crew *c)
{
    atomic_store_explicit(&c->is_over, false, memory_order_release);
    if (pthread_create(&c->thread, NULL, run_background, c) == 0)
        atomic_store(&c->is_background, true);
}

void
crew_background_end(struct crew *c)
{
    if (!atomic_exchange(&c->is_background, false))
        return;
    atomic_store_explicit(&c->is_over, true, memory_order_release);
    pthread_join(c->thread, NULL);
}

/* -- the time ------------------------------------------------------------------------------- */

void
crew_measure(struct crew *c, uint64_t until_ns)
{
    uint64_t now_ns;

    while ((now_ns = now_of(c)) < until_ns) {
        c->asked_ns = now_ns;
        c->is_answered = false;
        (void)crew_tell(c, CREW_PING, &now_ns, sizeof(now_ns));
        while (!c->is_answered && now_of(c) < until_ns)
            take_all(c);
    }
}

void
crew_serve(struct crew *c, uint64_t until_ns)
{
    c->serve_until_ns = until_ns;
    crew_look(c);
}

/* -- together ------------------------------------------------------------------------------- */

void
crew_stop(struct crew *c)
{
    c->is_stop_due |= !c->wants_stop;
    c->wants_stop = true;
    tell_what_is_due(c);
}

bool
crew_all_met(const struct crew *c)
{
    for (unsigned i = 1; i < c->ranks->n; i++)
        if (!c->members[i].has_met)
            return false;
    return true;
}

bool
crew_all_ready(const struct crew *c)
{
    for (unsigned i = 1; i < c->ranks->n; i++)
        if (!c->members[i].is_ready)
            return false;
    return true;
}

bool
crew_all_done(const struct crew *c)
{
    for (unsigned i = 1; i < c->ranks->n; i++)
        if (!c->members[i].is_done && !c->members[i].is_lost)
            return false;
    return true;
}

void
crew_go(struct crew *c, uint64_t go_ns)
{
    c->go_ns = go_ns;
    c->has_go = crew_tell(c, CREW_GO, &go_ns, sizeof(go_ns));
}

int
crew_explain(const struct crew *c, uint64_t start_ns, struct fail *f)
{
    const struct crew_loss *l = &c->lost;
    const char *name = c->members[l->rank].name;

    if (start_ns == TIME_NEVER || l->since_ns < start_ns)
        return fail_set(f, EXIT_HOST,
                        "host %s (rank %u) has not been heard of for %.1f s, since before the load "
                        "began; the others have stopped (--dead-man)",
                        name, l->rank, (double)c->patience_ns / (double)NS_PER_SEC);
    return fail_set(f, EXIT_HOST,
                    "host %s (rank %u) has not been heard of since %.1f s of the run; the others "
                    "have stopped (--dead-man)",
                    name, l->rank, (double)(l->since_ns - start_ns) / (double)NS_PER_SEC);
}

/* All that are there have written their results. */
static void
end_hub(struct crew *c)
{
    uint8_t all_are_there = 1;

    while (!crew_all_done(c)) {
        crew_look(c);
        rest(DONE_NS);
    }
    for (unsigned i = 1; i < c->ranks->n; i++)
        all_are_there &= !c->members[i].is_lost;
    c->all_are_there = all_are_there != 0;
    while (!crew_tell(c, CREW_BYE, &all_are_there, sizeof(all_are_there))) {
        crew_look(c);
        rest(DONE_NS);
    }
}

static void
end_other(struct crew *c)
{
    while (!c->has_bye && !c->members[0].is_lost && !crew_tell(c, CREW_DONE, NULL, 0)) {
        crew_look(c);
        rest(DONE_NS);
    }
    while (!c->has_bye && !c->members[0].is_lost) {
        crew_look(c);
        rest(DONE_NS);
    }
}

void
crew_leave(struct crew *c)
{
    crew_background_end(c);
    if (crew_is_hub(c))
        end_hub(c);
    else
        end_other(c);
    if (c->all_are_there) {
        ranks_leave(c->ranks, true);
        return;
    }
    rest(ORPHAN_NS);
    if (crew_is_hub(c) || c->members[0].is_lost)
        ranks_abort(c->ranks, EXIT_HOST);
    ranks_leave(c->ranks, false);
}
