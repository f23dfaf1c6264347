/* SPDX-License-Identifier: BSD-3-Clause */
/* See intr_block.h. An alarm's callback runs in the interrupt thread, and may wait there. */
#include "io/intr_block.h"

#include <assert.h>

#include <rte_alarm.h>

static void
block_handler(void *arg)
{
    struct intr_block *h = arg;

    pthread_mutex_lock(&h->lock);
    h->is_blocked = true;
    pthread_cond_broadcast(&h->changed);
    while (h->is_requested)
        pthread_cond_wait(&h->changed, &h->lock);
    h->is_blocked = false;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

void
intr_block_init(struct intr_block *h)
{
    *h = (struct intr_block){0};
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
}

bool
intr_block_begin(struct intr_block *h)
{
    assert(!h->is_requested);

    h->is_requested = true; /* nobody else looks at it before the alarm is set */
    if (rte_eal_alarm_set(1, block_handler, h) < 0) {
        h->is_requested = false;
        return false;
    }
    pthread_mutex_lock(&h->lock);
    while (!h->is_blocked)
        pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
    return true;
}

void
intr_block_end(struct intr_block *h)
{
    assert(h->is_requested);

    pthread_mutex_lock(&h->lock);
    h->is_requested = false;
    pthread_cond_broadcast(&h->changed);
    while (h->is_blocked)
        pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
}
