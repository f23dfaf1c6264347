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

    assert(opts->n_classes <= REQUESTS_CLASSES_MAX);

    *q = (struct requests){
        .is_paced = opts->n_classes > 0 && opts->paces[0].load->n > 0,
        .is_counted = opts->is_counted,
        .n_classes = 1,
        .turn = load_turn_or(opts->turn, opts->worker, opts->n_workers),
        .n_left = opts->total / opts->n_workers + (opts->worker < rest),
    };
    for (unsigned i = 0; q->is_paced && i < opts->n_classes; i++)
        q->classes[i].pace = opts->paces[i];
    if (q->is_paced)
        q->n_classes = opts->n_classes;
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
    for (unsigned i = 0; q->is_paced && i < q->n_classes; i++) {
        struct requests_class *k = &q->classes[i];

        load_init(&k->load, k->pace.load, q->turn.first, q->turn.of, start_ns);
        k->start_ns = start_ns;
        k->has_changed = false;
    }
}

void
requests_stop_at(struct requests *q, uint64_t stop_ns)
{
    for (unsigned i = 0; i < q->n_classes; i++)
        load_stop_at(&q->classes[i].load, stop_ns);
}

/* @part of @whole of @n, rounded down. */
static uint64_t
part_of(uint64_t n, uint64_t part, uint64_t whole)
{
    return (uint64_t)((unsigned __int128)n * part / whole);
}

/* Shares end where the next ones begin, so what is rounded is lost to none. */
uint64_t
requests_share(const struct requests *q, unsigned class_idx, uint64_t rate)
{
    uint64_t before = 0, whole = 0;

    if (q->n_classes == 1)
        return rate;
    for (unsigned i = 0; i < q->n_classes; i++) {
        before += i < class_idx ? q->classes[i].pace.share : 0;
        whole += q->classes[i].pace.share;
    }
    return part_of(rate, before + q->classes[class_idx].pace.share, whole) -
           part_of(rate, before, whole);
}

/* What the class's own rates have added up to by then is a part of its change. */
static void
follow(struct requests *q, unsigned class_idx, const struct load_change *change)
{
    struct requests_class *k = &q->classes[class_idx];
    struct load_change mine = *change;

    if (q->n_classes > 1) {
        mine.rate = requests_share(q, class_idx, change->rate);
        mine.before = k->has_changed ? load_change_sum(&k->last, change->at_ns)
                                     : load_plan_sum(k->pace.load, change->at_ns - k->start_ns);
    }
    load_follow(&k->load, &mine);
    k->last = mine;
    k->has_changed = true;
}

void
requests_follow(struct requests *q, const struct load_change *change)
{
    for (unsigned i = 0; i < q->n_classes; i++)
        follow(q, i, change);
}

uint64_t
requests_skip_to(struct requests *q, uint64_t ns)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < q->n_classes; i++)
        n += load_skip_to(&q->classes[i].load, ns);
    return n;
}

bool
requests_have_stopped(const struct requests *q, uint64_t now_ns)
{
    for (unsigned i = 0; i < q->n_classes; i++)
        if (!load_is_finished(&q->classes[i].load, now_ns))
            return false;
    return true;
}

uint64_t
requests_dropped(const struct requests *q)
{
    uint64_t n = 0;

    for (unsigned i = 0; q->is_paced && i < q->n_classes; i++)
        n += load_left(&q->classes[i].load);
    return q->is_counted ? u64_min(q->n_left, n) : n;
}

static struct requests_class *
own(struct requests *q, unsigned class_idx)
{
    return (struct requests_class *)(uintptr_t)requests_class(q, class_idx);
}

static bool
take_again(struct requests *q, unsigned class_idx, uint32_t target, struct request *r)
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
    own(q, class_idx)->n_again--;
    if (q->n_again == 0)
        q->n_begin = 0;
    return true;
}

enum requests_turn
requests_next(struct requests *q, unsigned class_idx, uint32_t target, bool is_new, uint64_t now_ns,
              struct request *r)
{
    struct requests_class *k = own(q, class_idx);

    if (unlikely(q->n_again > 0) && is_new && take_again(q, class_idx, target, r))
        return REQUESTS_NOW;
    *r = (struct request){.intended_ns = now_ns};
    if (q->is_counted && q->n_left == 0)
        return REQUESTS_NONE;
    if (q->is_paced) {
        now_ns = u64_max(now_ns, q->now_ns);
        if (!load_is_due(&k->load, now_ns))
            return load_is_finished(&k->load, now_ns) ? REQUESTS_NONE : REQUESTS_LATER;
        r->intended_ns = load_intended_ns(&k->load);
        load_advance(&k->load);
        k->n_busy += !q->is_dispatching && runq_is_empty(&k->pool);
    }
    q->n_left -= q->is_counted;
    q->n_under_way += q->is_counted;
    return REQUESTS_NOW;
}

bool
requests_put_again(struct requests *q, unsigned class_idx, uint32_t target, const struct request *r)
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
    own(q, class_idx)->n_again++;
    q->n_begin += BEGIN_PER_REQUEST;
    return true;
}

uint32_t
requests_forget(struct requests *q, unsigned class_idx, uint32_t target)
{
    struct request r;
    uint32_t n = 0;

    while (take_again(q, class_idx, target, &r))
        n++;
    requests_end(q, n);
    return n;
}

uint64_t
requests_wanted(const struct requests *q, unsigned class_idx)
{
    const struct requests_class *k = requests_class(q, class_idx);
    uint64_t n = q->is_counted ? q->n_left : UINT64_MAX - UINT32_MAX;

    if (!q->is_paced)
        return n + q->n_again;
    return u64_min(n, load_due(&k->load, q->now_ns)) + k->n_again;
}
