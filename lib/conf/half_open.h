/* SPDX-License-Identifier: BSD-3-Clause */
/* Classes whose connections are left half open: what keeps such a load where it belongs, and what
 * it needs. Pure. */
#pragma once

#include "conf/conf.h"

/** Whether class @k, whose protocol is known, may be such a one, if it is. @return 0, or -1 with @f
 * set */
int half_open_check(const struct conf *c, const struct conf_class *k, struct fail *f);

/** Whether all targets of such classes, whose addresses are known, may get such a load. @return 0,
 * or -1 with @f set */
int half_open_check_targets(const struct conf *c, struct fail *f);

/** Where there is such a class, and the user has not said how long addresses and ports rest, let
 * them rest until a target has forgotten what it had of them. */
void half_open_rest(struct conf *c);
