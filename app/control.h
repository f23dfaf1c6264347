/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread: it sets the schedule of a run, sleeps between samples, shows how it goes,
 * and gathers the result. It never stops a worker. signals_block() must have been called before. */
#pragma once

#include "app/calibrate.h"
#include "app/crew.h"
#include "app/ctl_socket.h"
#include "app/hang_watch.h"
#include "app/http_setup.h"
#include "app/privilege.h"
#include "app/steering.h"
#include "app/tls_setup.h"
#include "base/fail.h"
#include "conf/conf.h"
#include "io/io.h"
#include "report/registry.h"

/* What was worked out before; all of it has to last as long as the run. */
struct control_opts {
    const struct conf *conf;
    const struct plan *plan;
    struct io *io; /* its ports are open */
    const struct steering *steering;
    const struct privilege *privilege; /* whom to become when all that takes root is done */
    const struct tls_setup *tls;       /* by class; of those that speak TLS */
    const struct lanes *lanes;         /* as struct tls_computing has them */
    const struct http_setup *http;     /* by class; of those that speak HTTP */
    const struct clock_sample *began;  /* an instant a while ago, to calibrate the clock by */
    struct criteria *criteria;         /* a search's trials are judged by them, and what ends the
                                          load is looked at meanwhile */
    struct result_search *search;      /* what becomes of it; the result refers to it */
    struct report *report;             /* open; it is given each row */
    enum conf_ui ui;                   /* how people see it: not UI_AUTO */
    bool has_ink;                      /* with UI_TUI: in colours */
    /* What a snapshot says of program and host; called once, before the run. */
    void (*describe)(struct result *r, void *arg);
    void *describe_arg;
    struct monitor *monitor;  /* open; it begins when all that takes root is done */
    struct ctl_socket *ctl;   /* initialised; made when all that takes root is done */
    struct crew *crew;        /* the ranks that make the run together; NULL: this process does */
    struct hang_watch *watch; /* running; it sees an interruption, and that control goes on */
};

/**
 * Run the load, or the server, to its end.
 *
 * @param[out] r  initialised here; the caller calls report_result_fini(), also after an error
 * @return 0, also after an interruption (r->interrupted); -1 with @f when the run could not begin
 */
int control_run(const struct control_opts *opts, struct result *r, struct fail *f);
