/* SPDX-License-Identifier: BSD-3-Clause */
/* See trial.h. */
#include "app/trial.h"

/* Of so much load, or of none. */
static struct course_wish
wish_of(const struct trial_opts *o, bool is_on)
{
    return (struct course_wish){
        .has_rate = o->has_rate,
        .rate_milli = is_on ? o->rate_milli : 0,
        .has_connections = !o->has_rate,
        .connections = is_on ? o->connections : 0,
        .skips = true,
    };
}

void
trial_begin(struct trial *t, const struct trial_opts *opts)
{
    *t = (struct trial){.opts = *opts, .state = TRIAL_BEGINS};
}

static void
begin_load(struct trial *t, struct course *c, struct window *w, uint64_t now_ns)
{
    struct course_wish wish = wish_of(&t->opts, true);

    t->begin_ns = course_announce(c, &wish, now_ns);
    window_begin(w, t->begin_ns);
    t->state = TRIAL_LOADS;
}

static void
announce_pause(struct trial *t, struct course *c, uint64_t now_ns)
{
    struct course_wish wish = wish_of(&t->opts, false);

    wish.at_ns = t->begin_ns + t->opts.load_ns;
    t->end_ns = course_announce(c, &wish, now_ns);
    t->state = TRIAL_DRAINS;
}

static void
announce_mark(struct trial *t, struct course *c, struct window *w, uint64_t now_ns)
{
    struct course_wish wish = {0};

    t->mark_ns = course_announce(c, &wish, now_ns);
    window_end_at(w, t->mark_ns);
    t->state = TRIAL_SETTLES;
}

enum trial_state
trial_look(struct trial *t, struct course *c, struct window *w, const struct trial_facts *facts,
           uint64_t now_ns)
{
    switch (t->state) {
    case TRIAL_BEGINS:
        if (facts->course_is_free)
            begin_load(t, c, w, now_ns);
        break;
    case TRIAL_LOADS:
        if (facts->course_is_free)
            announce_pause(t, c, now_ns);
        break;
    case TRIAL_DRAINS:
        if (facts->course_is_free && (!facts->has_open || now_ns >= t->end_ns + t->opts.drain_ns))
            announce_mark(t, c, w, now_ns);
        break;
    case TRIAL_SETTLES:
        if (facts->course_is_free && facts->window_is_complete)
            t->state = TRIAL_DONE;
        break;
    case TRIAL_DONE:
        break;
    }
    return t->state;
}
