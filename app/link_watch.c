/* SPDX-License-Identifier: BSD-3-Clause */
/* See link_watch.h. */
#include "app/link_watch.h"

void
link_watch_begin(struct link_watch *w, enum io_link state, uint64_t now_ns)
{
    *w = (struct link_watch){.state = state, .since_ns = now_ns};
}

uint64_t
link_watch_down_ns(const struct link_watch *w, uint64_t now_ns)
{
    return w->down_ns + (w->state == IO_LINK_UP || w->downs == 0 ? 0 : now_ns - w->since_ns);
}

static enum link_event
event_of(enum io_link before, enum io_link after)
{
    if (after == IO_LINK_UP)
        return LINK_EVENT_BACK;
    if (after == IO_LINK_GONE)
        return LINK_EVENT_GONE;
    return before == IO_LINK_UP ? LINK_EVENT_DOWN : LINK_EVENT_NONE;
}

enum link_event
link_watch_look(struct link_watch *w, enum io_link state, uint64_t now_ns)
{
    enum io_link before = w->state;

    if (state == before)
        return LINK_EVENT_NONE;
    w->down_ns = link_watch_down_ns(w, now_ns);
    w->since_ns = now_ns;
    w->state = state;
    w->downs += before == IO_LINK_UP;
    return event_of(before, state);
}
