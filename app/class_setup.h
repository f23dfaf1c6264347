/* SPDX-License-Identifier: BSD-3-Clause */
/* From a traffic class as the user asked for it to the class of a side's sessions. Pure. */
#pragma once

#include "base/role.h"
#include "conf/conf.h"
#include "sess/class.h"

/** The class of @role's sessions; its tls and stat are the worker's to fill in. @class_idx: of
 * @conf, which has to last. */
struct sess_class class_setup(const struct conf *conf, unsigned class_idx, enum role role);
