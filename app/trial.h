/* SPDX-License-Identifier: BSD-3-Clause */
/* A trial within a run: load of a height for a time, then a pause in which what was begun comes to
 * its end, and the difference of before and after as a result of its own (app/window.h). A run may
 * have any number of them, one after the other.
 *
 *     announced    load                pause, until nothing is open     block ends    complete
 *        |----------|===================|----------------------------------|-----------|
 *                  begin                end                               mark
 *
 * What a trial measures is of the connections that it began, if none were open before and all ended
 * by the mark. Pure: instants and facts come in by parameter. Control thread. */
#pragma once

#include "app/course.h"
#include "app/window.h"

struct trial_opts {
    bool has_rate; /* else connections are the load */
    uint64_t rate_milli;
    uint64_t connections;
    uint64_t load_ns;  /* at least COURSE_DELAY_NS */
    uint64_t drain_ns; /* the longest pause */
};

enum trial_state {
    TRIAL_BEGINS, /* waits for the course to be free */
    TRIAL_LOADS,
    TRIAL_DRAINS,
    TRIAL_SETTLES, /* waits for the last blocks */
    TRIAL_DONE,    /* the window has what was measured, after window_sum() with
                      end_ns - begin_ns */
};

struct trial {
    struct trial_opts opts;
    enum trial_state state;
    uint64_t begin_ns, end_ns, mark_ns; /* of the picture; as far as it has come */
};

/* What control sees. */
struct trial_facts {
    bool course_is_free; /* every worker has passed the last waypoint */
    bool has_open;       /* any client has connections open */
    bool window_is_complete;
};

void trial_begin(struct trial *t, const struct trial_opts *opts);

/** Look after it, a hundred times a second or more often; it announces waypoints. @return its
 * state.
 */
enum trial_state trial_look(struct trial *t, struct course *c, struct window *w,
                            const struct trial_facts *facts, uint64_t now_ns);
