/* SPDX-License-Identifier: BSD-3-Clause */
/* Where this program speaks to its user beside its reports: what was standard error when it began.
 * Descriptor 2 and the stream stderr are not for us: while a device is open they belong to DPDK,
 * its drivers and their libraries, which write there what they like (io/eal_log.h).
 *
 * It belongs to the process, as stderr does. Any thread, but where it says otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** First thing in main(), once descriptors 0 to 2 are taken. Without it, and where no descriptor is
 * left, the console is stderr. */
void console_take(void);

/** The stream. Each call that prints is written at once. A status line that stands there goes. */
FILE *console_stream(void);

/** Its descriptor, for those that cannot use a stream: a signal's handler. It is never diverted. */
int console_fd(void);

/**
 * Have what is printed from here on given to @take, a piece at a time and from whatever thread
 * prints: something else has the terminal. console_undivert() ends that.
 *
 * @return false, with nothing changed, without memory
 */
typedef void console_taker(void *arg, const char *text, size_t bytes);
bool console_divert(console_taker *take, void *arg);
void console_undivert(void);
bool console_is_diverted(void);

/**
 * Show @text as a line of its own, in the place of the last such line, until anything else is
 * printed; "": none. Only where the console is a terminal that nothing else has. Whoever writes to
 * the same terminal by another stream takes it away first. Control thread.
 */
void console_status(const char *text);
