/* SPDX-License-Identifier: BSD-3-Clause */
/* The machines of a run that several make together, and what of it each process has. A *rank* is
 * one of those processes, numbered from 0 on in the order of the hosts. Pure. */
#pragma once

#include "base/fail.h"
#include "conf/conf.h"
#include "conf/value.h"

/* As many as there may be results of. */
#define HOSTS_RANKS_MAX CONF_RESULTS_MAX

#define HOSTS_NAME_MAX 64

struct hosts_host {
    char name[HOSTS_NAME_MAX];
    unsigned n_ranks;
    char settings[CONF_TEXT_MAX]; /* of its ranks: OPTION=VALUE and "\n" each */
};

struct hosts {
    struct hosts_host list[HOSTS_RANKS_MAX];
    unsigned n, n_ranks;
};

/**
 * Read "a:2,b,c": names of machines with the number of ranks each has, 1 unless it is said; behind
 * a name NAME=VALUE sets an option of the device for its ranks ("b,device=loopback,lcores=2"). A
 * word that is no such option belongs to the value before it. @text may have several lines.
 *
 * @return 0, or -1 with @why set
 */
int hosts_read(const char *text, struct hosts *h, struct value_why *why);

/** The same as the check of an option's text. */
int hosts_check(const char *text, struct value_why *why);

/** The host of @rank; NULL: there is no such rank. */
const struct hosts_host *hosts_of_rank(const struct hosts *h, unsigned rank);

/** How many ranks before @rank, and in all, have its host's name: they share a machine. */
unsigned hosts_neighbors(const struct hosts *h, unsigned rank, unsigned *before);

/**
 * Make @c, which has been read and is to be finished yet, that of @rank: its host's settings, its
 * part of local ranges that hosts have in common, and its share (conf.share), by the number of
 * cores.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE)
 */
int hosts_take_rank(struct conf *c, unsigned rank, struct fail *f);

/**
 * Of a rank whose loads are compiled: keep them as those of all ranks together, and have rates,
 * bounds and numbers be this rank's part, so that the parts of all ranks add up to what was asked
 * for. The loads are to be compiled again.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE): the part would be nothing
 */
int hosts_take_share(struct conf *c, struct fail *f);

/** A load with rates of its own, which are not the rank's part yet. */
void hosts_scale_plan(const struct conf *c, struct load_plan *plan);
