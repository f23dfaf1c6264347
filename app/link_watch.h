/* SPDX-License-Identifier: BSD-3-Clause */
/* A port's link in the course of a run, as control sees it at each look: how often it went down,
 * and for how long. Pure; instants come in by parameter. */
#pragma once

#include <stdint.h>

#include "io/link.h"

struct link_watch {
    enum io_link state; /* at the last look */
    uint64_t since_ns;  /* in which it was first seen so */
    uint64_t downs;     /* times it went down */
    uint64_t down_ns;   /* in all, of those that are over */
};

enum link_event {
    LINK_EVENT_NONE,
    LINK_EVENT_DOWN,
    LINK_EVENT_GONE, /* the interface under the port: nothing brings it back */
    LINK_EVENT_BACK,
};

/** Begin, with a link that is as @state says. */
void link_watch_begin(struct link_watch *w, enum io_link state, uint64_t now_ns);

/** Look again. @return what has changed */
enum link_event link_watch_look(struct link_watch *w, enum io_link state, uint64_t now_ns);

/** How long the link has been down in all, up to now. */
uint64_t link_watch_down_ns(const struct link_watch *w, uint64_t now_ns);
