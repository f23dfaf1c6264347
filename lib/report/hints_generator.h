/* SPDX-License-Identifier: BSD-3-Clause */
/* The advice about a generator, or a server of ours, that was late itself: more rows for the tables
 * of hints.c. */
#pragma once

#include "report/hints.h"

extern const struct hint hints_generator[];
