/* SPDX-License-Identifier: BSD-3-Clause */
/* The standard streams as a process finds them: closed, full, or with nobody who reads. What is
 * lost on them is lost; a result that was asked for elsewhere is not, and the exit status tells. */
#pragma once

#include "base/fail.h"

/**
 * First thing in main(): have descriptors 0 to 2 taken, so that no device's socket and no result
 * gets the number of one that was closed. Writing to one that was is an error, as it should be.
 */
void streams_take(void);

/** Last thing: whether all that was written to standard output has got there. @return 0, or -1 with
 * @f set (EXIT_HOST). */
int streams_flush(struct fail *f);
