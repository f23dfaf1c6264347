/* SPDX-License-Identifier: BSD-3-Clause */
/* Where this program speaks to its user beside its reports: what was standard error when it began.
 * Descriptor 2 and the stream stderr are not for us: while a device is open they belong to DPDK,
 * its drivers and their libraries, which write there what they like (io/eal_log.h).
 *
 * It belongs to the process, as stderr does. Any thread. */
#pragma once

#include <stdio.h>

/** First thing in main(), once descriptors 0 to 2 are taken. Without it, and where no descriptor is
 * left, the console is stderr. */
void console_take(void);

/** The stream. Each call that prints is written at once. */
FILE *console_stream(void);

/** Its descriptor, for those that cannot use a stream: a signal's handler. */
int console_fd(void);
