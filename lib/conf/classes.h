/* SPDX-License-Identifier: BSD-3-Clause */
/* Traffic classes of a scenario: what they take over from the run, and whether they fit together.
 * Pure. */
#pragma once

#include "conf/conf.h"
#include "conf/options.h"

/* What says how much of the load is a class's; it has one of them. */
enum classes_share { SHARE_RATE, SHARE_REQUEST_RATE, SHARE_WEIGHT, CLASSES_SHARES };

/** The share that @key of a class says; CLASSES_SHARES: none. */
enum classes_share classes_share_by_key(const char *key);

/** How it is written; a weight is in no row of the table. */
const struct conf_option *classes_share_option(enum classes_share share);

/** Where it is kept. */
uint64_t *classes_share_of(struct conf_class *k, enum classes_share share);

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

/** Fill in the run's rates, and check rates and weights. @return 0, or -1 with @f set */
int classes_finish(struct conf *c, struct fail *f);

/** How many of the run's requests, per thousand seconds, are class @class_idx's. */
uint64_t classes_request_rate_milli(const struct conf *c, unsigned class_idx);

/** Once their protocols are known: whether loopback can answer all of them. @return 0, or -1 with
 * @f set */
int classes_check_ports(const struct conf *c, struct fail *f);
