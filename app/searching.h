/* SPDX-License-Identifier: BSD-3-Clause */
/* A search for the maximum while the run goes on: it has the controller say which trial comes next
 * (search/search.h), has what the user wants done before it, makes the trial (app/trial.h), and
 * tells the controller what became of it. Control thread. */
#pragma once

#include "app/reset_hook.h"
#include "app/trial.h"
#include "report/criteria.h"
#include "report/search.h"

struct run;

enum searching_state {
    SEARCHING_OFF, /* the run is no search */
    SEARCHING_RESETS,
    SEARCHING_PAUSES,
    SEARCHING_TRIES,
    SEARCHING_OVER,
};

struct searching {
    enum searching_state state;
    struct reset_hook hook;
    uint64_t until_ns; /* of a pause */
    struct trial trial;
    struct result_search *found;
    struct criteria *criteria; /* by which each trial is judged; none: by loss */
    struct fail fail;          /* of the hook; text "": it has not failed */
};

/** Before the start. A run that is no search has nothing to do here, nor in what follows. @return
 * 0, or -1 with @f (EXIT_HOST): there is no memory */
int searching_init(struct searching *s, struct run *run, struct fail *f);

/** The load begins, with nothing. */
void searching_begin(struct searching *s, struct run *run);

/** Look after it. Ends the load when the search is over. */
void searching_look(struct searching *s, struct run *run);

/** The run is over. @return 0; -1 with @f set: the hook had failed */
int searching_end(struct searching *s, struct fail *f);
