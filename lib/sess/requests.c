/* SPDX-License-Identifier: BSD-3-Clause */
/* See requests.h. */
#include "sess/requests.h"

#include <assert.h>

/* Connections that may begin for the sake of a request that is sent again, where none begins of its
 * own accord: one may meet a target that is just coming back. */
static const uint32_t BEGIN_PER_REQUEST = 2;

/* An element of the slab. */
struct again {
    uint32_t next; /* SLAB_NONE: the last */
    uint64_t intended_ns;
};

int
requests_init(struct requests *q, const struct requests_opts *opts)
{
    uint64_t rest = opts->total % opts->n_workers;

    *q = (struct requests){
        .is_paced = opts->load != NULL && opts->load->n > 0,
        .is_counted = opts->is_counted,
        .plan = opts->load,
        .worker = opts->worker,
        .n_workers = opts->n_workers,
        .n_left = opts->total / opts->n_workers + (opts->worker < rest),
    };
    requests_run_from(q, TIME_NEVER);
    requests_stop_at(q, 0);
    return slab_init(&q->again, opts->n_again, sizeof(struct again));
}

void
requests_fini(struct requests *q)
{
    slab_fini(&q->again);
}

void
requests_run_from(struct requests *q, uint64_t start_ns)
{
    if (q->is_paced)
        load_init(&q->load, q->plan, q->worker, q->n_workers, start_ns);
}

void
requests_stop_at(struct requests *q, uint64_t stop_ns)
{
    load_stop_at(&q->load, stop_ns);
}

static bool
take_again(struct requests *q, uint32_t target, struct request *r)
{
    struct requests_list *list = &q->again_of[target];
    uint32_t idx = list->first;
    const struct again *a;

    if (idx == SLAB_NONE)
        return false;
    a = slab_at(&q->again, idx);
    *r = (struct request){.intended_ns = a->intended_ns, .is_again = true};
    list->first = a->next;
    slab_give(&q->again, idx);
    q->n_again--;
    if (q->n_again == 0)
        q->n_begin = 0;
    return true;
}

enum requests_turn
requests_next(struct requests *q, uint32_t target, bool is_new, uint64_t now_ns, struct request *r)
{
    if (unlikely(q->n_again > 0) && is_new && take_again(q, target, r))
        return REQUESTS_NOW;
    *r = (struct request){.intended_ns = now_ns};
    if (q->is_counted && q->n_left == 0)
        return REQUESTS_NONE;
    if (q->is_paced) {
        now_ns = u64_max(now_ns, q->now_ns);
        if (!load_is_due(&q->load, now_ns))
            return load_is_finished(&q->load, now_ns) ? REQUESTS_NONE : REQUESTS_LATER;
        r->intended_ns = load_intended_ns(&q->load);
        load_advance(&q->load);
        q->n_busy += !q->is_dispatching && runq_is_empty(&q->pool);
    }
    q->n_left -= q->is_counted;
    q->n_under_way += q->is_counted;
    return REQUESTS_NOW;
}

bool
requests_put_again(struct requests *q, uint32_t target, const struct request *r)
{
    struct requests_list *list = &q->again_of[target];
    uint32_t idx = r->is_again ? SLAB_NONE : slab_take(&q->again);
    struct again *a;

    if (idx == SLAB_NONE)
        return false;
    a = slab_at(&q->again, idx);
    *a = (struct again){.next = SLAB_NONE, .intended_ns = r->intended_ns};
    if (list->first == SLAB_NONE)
        list->first = idx;
    else
        ((struct again *)slab_at(&q->again, list->last))->next = idx;
    list->last = idx;
    q->n_again++;
    q->n_begin += BEGIN_PER_REQUEST;
    return true;
}

uint32_t
requests_forget(struct requests *q, uint32_t target)
{
    struct request r;
    uint32_t n = 0;

    while (take_again(q, target, &r))
        n++;
    requests_end(q, n);
    return n;
}

uint64_t
requests_wanted(const struct requests *q)
{
    uint64_t n = q->is_counted ? q->n_left : UINT64_MAX - UINT32_MAX;

    if (q->is_paced)
        n = u64_min(n, load_due(&q->load, q->now_ns));
    return n + q->n_again;
}
