/* SPDX-License-Identifier: BSD-3-Clause */
/* See client.h: when connections begin, and when those that wait get a request. */
#include "sess/client_side.h"
#include "sess/half_open.h"

/* Whose turn it is. When no record is free for it the others have their turn all the same. */
static unsigned
take_turn(struct client *c)
{
    unsigned target = c->next_target;

    if (c->turns.n > 0)
        c->next_target = turns_next(&c->turns);
    else
        c->next_target = target + 1 == c->n_targets ? 0 : target + 1;
    return target;
}

/* The same, among the targets of one class. */
static unsigned
take_turn_of(struct client *c, unsigned class_idx)
{
    const struct client_turns *t = &c->turns_of[class_idx];

    return c->core.requests.n_classes > 1 ? turns_next_among(&c->turns, t->first, t->end)
                                          : take_turn(c);
}

/* @return its record; RECORD_NONE when none is free. */
static uint32_t
start_one(struct client *c, unsigned target, uint64_t intended_ns, uint64_t now_ns)
{
    const struct client_target *t = &c->targets[target];
    struct emit_path path;
    uint32_t idx = tuples_take(&c->tuples, client_group(t), t->in_group, target, &path.local);
    struct port_pair ports;
    struct record *r;

    if (unlikely(idx == RECORD_NONE)) {
        STAT_COUNT(c->core.opts.stat, records_exhausted);
        return RECORD_NONE;
    }
    r = &c->core.records[idx];
    r->began_ns = intended_ns;
    client_path_to(t, &path);
    ports = (struct port_pair){.local = r->link.port, .remote = t->port};
    tcp_open(&r->tcp, &c->core.tcp,
             isn_make(&c->core.isn_key, &path.local, r->link.port, &t->addr, t->port, now_ns));
    c->core.n_open++;
    core_note_opening(&c->core, core_class(&c->core, r), 1);
    STAT_COUNT(core_class(&c->core, r)->stat, attempted);
    side_begin(&c->core, idx, r, &path, ports);
    if (unlikely(core_class(&c->core, r)->half_open_ns > 0))
        half_open_watch(&c->core, core_class(&c->core, r), idx, r);
    return idx;
}

uint32_t
client_begin(struct client *c, unsigned target, uint64_t now_ns)
{
    return start_one(c, target, now_ns, now_ns);
}

static void
count_lateness(struct client *c, struct late_batch *b, uint64_t intended_ns, uint64_t now_ns)
{
    stat_latency(c->core.opts.stat, LAT_lateness, now_ns - intended_ns);
    late_add(b, intended_ns, now_ns);
}

static void
count_begun(struct client *c, const struct late_batch *b, uint64_t now_ns)
{
    STAT_ADD(c->core.opts.stat, late_starts, b->n_late);
    if (c->core.opts.late != NULL)
        STAT_ADD(c->core.opts.stat, starts_after_late,
                 late_mark_batch(c->core.opts.late, b, now_ns));
}

/* Connections that will ask for a request, but have not yet. */
static uint64_t
n_seeking(const struct client *c)
{
    return c->core.n_opening + c->core.requests.n_seeking;
}

static uint64_t
n_seeking_of(const struct client *c, unsigned class_idx)
{
    const struct requests_class *k = &c->core.requests.classes[class_idx];

    return c->core.requests.n_classes > 1 ? (uint64_t)k->n_opening + k->n_seeking : n_seeking(c);
}

/* Begin connections at their own instants, or as long as there is room for them. */
static unsigned
start_due(struct client *c, uint64_t now_ns, unsigned budget)
{
    const struct requests *q = &c->core.requests;
    bool is_open_loop = load_is_open_loop(&c->load);
    struct late_batch begun = {0};
    unsigned n = 0;

    while (n < budget && load_is_due(&c->load, now_ns) && outbox_buf(c->core.opts.outbox) != NULL) {
        uint64_t intended_ns = is_open_loop ? load_intended_ns(&c->load) : now_ns;

        if (c->core.n_open >= c->open_max) {
            if (is_open_loop)
                STAT_COUNT(c->core.opts.stat, conn_limit_reached);
            break;
        }
        if (unlikely(q->is_counted) && requests_wanted(q, 0) <= n_seeking(c))
            break;

        if (start_one(c, take_turn(c), intended_ns, now_ns) == RECORD_NONE)
            break;
        if (is_open_loop) {
            count_lateness(c, &begun, intended_ns, now_ns);
            load_advance(&c->load);
        }
        n++;
    }
    if (is_open_loop && n > 0)
        count_begun(c, &begun, now_ns);
    return n;
}

/* The connection of the class that has waited longest takes the request that is due, or is told
 * that none will be. */
static void
go_on(struct client *c, unsigned class_idx)
{
    struct core *core = &c->core;
    uint32_t idx = side_take(core, &core->requests.classes[class_idx].pool);
    struct emit_path path;
    struct port_pair ports;
    bool is_over;

    client_path(core, idx, &path, &ports);
    is_over = session_go_on(core, idx, &core->records[idx]);
    side_finish(&client_side, core, idx, &core->records[idx], &path, ports, is_over, true);
}

/* Give requests that are due to connections that wait for one. */
static unsigned
dispatch(struct client *c, unsigned class_idx, unsigned budget)
{
    struct requests *q = &c->core.requests;
    struct requests_class *k = &q->classes[class_idx];
    struct late_batch begun = {0};
    unsigned n = 0;

    q->is_dispatching = true;
    while (n < budget && !runq_is_empty(&k->pool) && requests_are_due(q, class_idx) &&
           outbox_buf(c->core.opts.outbox) != NULL) {
        uint64_t intended_ns = load_intended_ns(&k->load);

        go_on(c, class_idx);
        if (intended_ns != load_intended_ns(&k->load)) /* else it took one that is sent again */
            count_lateness(c, &begun, intended_ns, q->now_ns);
        n++;
    }
    q->is_dispatching = false;
    if (n > 0)
        count_begun(c, &begun, q->now_ns);
    return n;
}

/* No request will be due any more, which those that wait for one have to be told. */
static unsigned
close_pool(struct client *c, unsigned class_idx, unsigned budget)
{
    const struct runq *pool = &c->core.requests.classes[class_idx].pool;
    unsigned n = 0;

    for (; n < budget && !runq_is_empty(pool) && outbox_buf(c->core.opts.outbox) != NULL; n++)
        go_on(c, class_idx);
    return n;
}

/* The pool grows by as many as there are requests for which no connection is on its way. */
static unsigned
grow_pool(struct client *c, unsigned class_idx, unsigned budget)
{
    struct requests *q = &c->core.requests;
    const struct runq *pool = &q->classes[class_idx].pool;
    unsigned n = 0;

    while (n < budget && runq_is_empty(pool) &&
           requests_wanted(q, class_idx) > n_seeking_of(c, class_idx) &&
           outbox_buf(c->core.opts.outbox) != NULL) {
        if (c->core.n_open >= c->open_max) {
            STAT_COUNT(c->core.opts.stat, conn_limit_reached);
            break;
        }
        if (start_one(c, take_turn_of(c, class_idx), q->now_ns, q->now_ns) == RECORD_NONE)
            break;
        n++;
    }
    return n;
}

/* The next target that a request is to be sent to again. */
static unsigned
target_of_again(const struct client *c)
{
    const struct requests *q = &c->core.requests;
    unsigned target = c->next_target;

    for (unsigned i = 0; i < c->n_targets && q->again_of[target].first == SLAB_NONE; i++)
        target = target + 1 == c->n_targets ? 0 : target + 1;
    return target;
}

/* Requests that are to be sent again have nobody to wait for once no connection begins of its own
 * accord, and with several targets none may be of theirs. */
static unsigned
start_for_again(struct client *c, unsigned budget)
{
    struct requests *q = &c->core.requests;
    unsigned n = 0;
    bool begins_anyway = load_is_due(&c->load, q->now_ns) && !load_is_open_loop(&c->load) &&
                         !q->is_paced && !requests_are_finished(q, 0);

    if (begins_anyway)
        return 0;
    while (n < budget && q->n_again > n_seeking(c) && q->n_begin > 0 &&
           c->core.n_open < c->open_max && outbox_buf(c->core.opts.outbox) != NULL) {
        if (client_begin(c, target_of_again(c), q->now_ns) == RECORD_NONE)
            break;
        q->n_begin--;
        n++;
    }
    return n;
}

void
client_forget_requests(struct client *c)
{
    for (unsigned target = 0; target < c->n_targets; target++) {
        const struct sess_class *k = c->core.class_of[target];
        uint32_t n = requests_forget(&c->core.requests, core_class_idx(&c->core, k), target);
        uint64_t *own = k->stat->now->counters + CTR_COUNT;

        if (n == 0)
            continue;
        STAT_ADD(k->stat, requests, n);
        if (k->proto->forgotten != NULL)
            k->proto->forgotten(n, own + proto_counter_base(k->proto));
    }
}

/* Requests that are due to those that wait, of each class; another is the first at each turn, so
 * none goes without for long. */
static unsigned
dispatch_all(struct client *c, unsigned budget)
{
    unsigned n_classes = c->core.requests.n_classes, n = 0;

    for (unsigned i = 0; i < n_classes; i++)
        n += dispatch(c, (c->first_class + i) % n_classes, budget - n);
    return n;
}

/* A pool grows, or is told that there is nothing to wait for. */
static unsigned
fit_pools(struct client *c, unsigned budget)
{
    struct requests *q = &c->core.requests;
    unsigned n = 0;

    for (unsigned i = 0; i < q->n_classes; i++) {
        unsigned class_idx = (c->first_class + i) % q->n_classes;
        struct requests_class *k = &q->classes[class_idx];

        n += requests_are_finished(q, class_idx) ? close_pool(c, class_idx, budget - n)
                                                 : grow_pool(c, class_idx, budget - n);
        STAT_ADD(c->core.classes[class_idx].stat, connections_busy, k->n_busy);
        k->n_busy = 0;
    }
    c->first_class = c->first_class + 1 >= q->n_classes ? 0 : c->first_class + 1;
    return n;
}

unsigned
client_start(struct client *c, uint64_t now_ns, unsigned budget)
{
    struct requests *q = &c->core.requests;
    unsigned n = 0;

    if (likely(!q->is_paced && q->n_again == 0))
        return start_due(c, now_ns, budget);
    q->now_ns = now_ns;
    if (q->is_paced)
        n += dispatch_all(c, budget);
    if (q->n_again > 0)
        n += start_for_again(c, budget - n);
    return n + (q->is_paced ? fit_pools(c, budget - n) : start_due(c, now_ns, budget - n));
}
