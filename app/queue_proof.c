/* SPDX-License-Identifier: BSD-3-Clause */
/* See queue_proof.h. */
#include "app/queue_proof.h"

#include <assert.h>
#include <stdio.h>

/* Fewer answers that are missing may be lost on the way. */
static const unsigned MISSING_MIN = 3;

/* Probes to targets that answered somebody. */
struct count {
    unsigned sent, answered;
};

static void
find_answering(const struct queue_seen *seen, unsigned n, bool answers[static CLIENT_TARGETS_MAX])
{
    for (unsigned q = 0; q < n; q++)
        for (unsigned i = 0; i < seen[q].check->sent; i++)
            if (seen[q].check->has_answer[i])
                answers[seen[q].check->probes[i].target] = true;
}

static struct count
count_of(const struct queue_check *c, const bool answers[static CLIENT_TARGETS_MAX])
{
    struct count count = {0};

    for (unsigned i = 0; i < c->sent; i++) {
        if (!answers[c->probes[i].target])
            continue;
        count.sent++;
        count.answered += c->has_answer[i];
    }
    return count;
}

/* All queues, and the sum. */
struct view {
    const struct queue_seen *seen;
    struct count counts[QUEUE_PROOF_QUEUES_MAX], sum;
    unsigned n;
};

static bool
has_no_answer(const struct view *v, unsigned q)
{
    return v->counts[q].sent > 0 && v->counts[q].answered == 0;
}

/* And hardly another queue's answer is missing. */
static bool
alone_has_no_answer(const struct view *v, unsigned q)
{
    return has_no_answer(v, q) && v->sum.sent - v->sum.answered - v->counts[q].sent < MISSING_MIN;
}

static bool
has_nothing(const struct view *v, unsigned q)
{
    return has_no_answer(v, q) && v->seen[q].n_received == 0;
}

/* Nothing came, and about as much is missing as should have: a quarter, for a hash that nobody
 * knows gives shares of any size. */
static bool
misses_its_share(const struct view *v, unsigned q)
{
    unsigned missing = v->sum.sent - v->sum.answered;

    return v->seen[q].n_received == 0 && missing >= MISSING_MIN &&
           missing >= v->sum.sent / (4 * v->n);
}

static enum queue_fault
fault_of(const struct view *v, unsigned q)
{
    if (!has_no_answer(v, q))
        return QUEUE_FAULT_DEAF;
    return v->seen[q].n_received > 0 ? QUEUE_FAULT_MUTE : QUEUE_FAULT_SILENT;
}

static void
look(struct view *v, const struct queue_seen *seen, unsigned n)
{
    bool answers[CLIENT_TARGETS_MAX] = {false};

    *v = (struct view){.seen = seen, .n = n};
    find_answering(seen, n, answers);
    for (unsigned q = 0; q < n; q++) {
        v->counts[q] = count_of(seen[q].check, answers);
        v->sum.sent += v->counts[q].sent;
        v->sum.answered += v->counts[q].answered;
    }
}

enum queue_fault
queue_proof_judge(const struct queue_seen *seen, unsigned n, unsigned *queue)
{
    /* What is plain before what may have several causes. */
    static bool (*const signs[])(const struct view *, unsigned) = {alone_has_no_answer, has_nothing,
                                                                   misses_its_share, has_no_answer};
    struct view v;

    assert(n <= QUEUE_PROOF_QUEUES_MAX);

    look(&v, seen, n);
    for (unsigned i = 0; i < ARRAY_LEN(signs); i++) {
        for (unsigned q = 0; q < n; q++) {
            if (signs[i](&v, q)) {
                *queue = q;
                return fault_of(&v, q);
            }
        }
    }
    return QUEUE_FAULT_NONE;
}

int
queue_proof_fail(enum queue_fault fault, unsigned queue, unsigned n_queues, const char *device,
                 struct fail *f)
{
    static const char *const texts[] = {
        [QUEUE_FAULT_NONE] = "",
        [QUEUE_FAULT_MUTE] = "sends nothing: what it was given never left, unlike what others were",
        [QUEUE_FAULT_SILENT] = "sends or receives nothing: no answer came to what it sent, while "
                               "others got theirs",
        [QUEUE_FAULT_DEAF] = "receives nothing: as many answers are missing as should have come "
                             "to it",
    };
    char cure[64] = "use --lcores 1, or another device or driver";

    if (queue > 0)
        snprintf(cure, sizeof(cure), "use --lcores %u", queue);
    return fail_set(f, EXIT_HOST,
                    "device %s: queue %u of its %u, counted from 0, %s; the driver claims more "
                    "queues than work: %s",
                    device, queue, n_queues, texts[fault], cure);
}
