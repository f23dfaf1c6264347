/* SPDX-License-Identifier: BSD-3-Clause */
/* See hold.h. An alarm's callback runs in the interrupt thread, and may wait there. */
#include "io/hold.h"

#include <assert.h>

#include <rte_alarm.h>

static void
wait_inside(void *arg)
{
    struct hold *h = arg;

    pthread_mutex_lock(&h->lock);
    h->is_on = true;
    pthread_cond_broadcast(&h->changed);
    while (h->is_wanted)
        pthread_cond_wait(&h->changed, &h->lock);
    h->is_on = false;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

void
hold_init(struct hold *h)
{
    *h = (struct hold){0};
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
}

bool
hold_begin(struct hold *h)
{
    assert(!h->is_wanted);

    h->is_wanted = true; /* nobody else looks at it before the alarm is set */
    if (rte_eal_alarm_set(1, wait_inside, h) < 0) {
        h->is_wanted = false;
        return false;
    }
    pthread_mutex_lock(&h->lock);
    while (!h->is_on)
        pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
    return true;
}

void
hold_end(struct hold *h)
{
    assert(h->is_wanted);

    pthread_mutex_lock(&h->lock);
    h->is_wanted = false;
    pthread_cond_broadcast(&h->changed);
    while (h->is_on)
        pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
}
