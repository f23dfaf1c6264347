/* SPDX-License-Identifier: BSD-3-Clause */
/* Traffic classes of a scenario: what they take over from the run, and whether they fit together.
 * Pure. */
#pragma once

#include "conf/conf.h"
#include "conf/options.h"

/* How a weight is written; it is in no row of the table. */
extern const struct conf_option classes_weight;

/** Letters, digits, "-" and "_". */
bool classes_is_name(const char *name);

/**
 * Give each class what is said of all, in @all and not in the class itself: options that say
 * something to what it speaks. One that says nothing to any class goes to all of them, which will
 * be told so. @rules: by row, what counts instead of what the class says.
 */
void classes_inherit(struct conf *c, const struct conf_class *all, const bool *rules);

/** Whether what is to be proof of connections that speak @proto, with so many exchanges each, can
 * come. */
bool classes_may_confirm(const struct conf_class *k, const struct proto_ops *proto,
                         uint64_t n_exchanges, enum conf_confirm confirm);

/** Fill in the run's rate, and check rates and weights, and what cannot be said of several classes.
 * @return 0, or -1 with @f set */
int classes_finish(struct conf *c, struct fail *f);

/** Once their protocols are known: whether loopback can answer all of them. @return 0, or -1 with
 * @f set */
int classes_check_ports(const struct conf *c, struct fail *f);
