/* SPDX-License-Identifier: BSD-3-Clause */
/* The advice about how connections began and ended at the target: more rows for the tables of
 * hints.c. */
#pragma once

#include "report/hints.h"

extern const struct hint hints_ends[];
