/* SPDX-License-Identifier: BSD-3-Clause */
/* What control has of a run, for the parts of control: run_start.h until the load begins,
 * run_link.h for what becomes of the link, control.c for the rest. Control thread. */
#pragma once

#include "app/control.h"
#include "app/course.h"
#include "app/crew_rows.h"
#include "app/dead_man.h"
#include "app/link_watch.h"
#include "app/pcap_writer.h"
#include "app/run_middle.h"
#include "app/run_status.h"
#include "app/sampler.h"
#include "app/schedule.h"
#include "app/searching.h"
#include "app/setup.h"
#include "app/workers.h"
#include "conf/phases.h"

struct run_ui;

/* Between two looks at workers that are about to be ready. */
#define RUN_READY_NS NS_PER_MS

struct run {
    const struct control_opts *opts;
    struct schedule schedule;
    struct course course;
    struct setup setup;
    struct workers workers;
    struct pcap_writer pcap;
    struct run_middle middle;
    struct limit limit; /* with conf's limit_cps: all servers share it */
    struct late late;   /* all clients share it */
    struct sampler sampler;
    struct searching searching;
    struct window window; /* what is measured, where that is a part of the run: sampler.n_windows */
    struct window *phases[PHASE_COUNT]; /* those that are watched; NULL: it is not. sustain's is
                                           window, others have one where criteria are of them */
    struct result *result;
    struct silence silence; /* the target's */
    bool has_link;
    uint64_t phases_done_ns; /* from the start: waypoints of phases are announced so far */
    uint64_t next_link_ns;   /* when to look at it again */
    struct link_watch links[IO_DEVICES_MAX]; /* by device */
    uint64_t resident_bytes; /* of the process before the workers took theirs; 0: unknown */
    struct run_ui *ui;       /* the live screen; NULL: there is none */
    struct run_status status;
    /* -- with opts->crew -- */
    struct crew_rows rows; /* rank 0: seconds of all ranks */
    uint64_t next_date_ns; /* when clocks are looked at again; 0: not yet */
    bool is_crew_told;     /* that this rank is ready */
};

static inline uint64_t
run_now_ns(const struct run *run)
{
    return schedule_now_ns(&run->schedule);
}

/* Since the load began. */
static inline double
run_s(const struct run *run)
{
    return (double)(run_now_ns(run) - schedule_start_ns(&run->schedule)) / (double)NS_PER_SEC;
}

/* Whether every worker has passed the last waypoint, so that another can be announced. */
static inline bool
run_course_is_free(const struct run *run)
{
    return workers_have_passed(&run->workers, course_announced(&run->course));
}

/** Have the result be what the run has had until its last row; nothing of it stays. @return false:
 * there is no row yet. */
bool run_sum_so_far(struct run *run);

/** What is measured so far, or, of @phase unless that is PHASE_COUNT, what there was in it: in sum,
 * and for how long. It stays the run's. @return NULL: nothing is yet, or not any more */
struct result *run_measured_so_far(struct run *run, enum conf_phase_id phase,
                                   uint64_t *measured_ns);

/** The user wants to end it. */
void run_interrupt(struct run *run);
