/* SPDX-License-Identifier: BSD-3-Clause */
/* A terminal that shows a screen is given back as it was however the process ends: in order, by a
 * signal that kills it (a fault, an assertion, a panic of EAL, Ctrl-\), by _exit() of another
 * thread; and while it is stopped by Ctrl-Z. The signal then does what it did before. Nothing helps
 * against SIGKILL.
 *
 * One terminal at a time in a process, whose signals' handlers it needs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Remember the modes of the terminal at @fd, and watch over it from here on. @return false, with
 * nothing changed: it is no terminal */
bool rescue_begin(int fd);

/** What gives the terminal its ordinary look back, once it has lost that. @text has to last. */
void rescue_by(const char *text, size_t bytes);

/** It has been given back. */
void rescue_end(void);

/** Give it back: once, from any thread, from a signal's handler; it takes no lock and no memory. A
 * terminal that takes nothing is not waited for. */
void rescue_now(void);

/** Whether the process was stopped since the last call, so that what the terminal shows is gone. */
bool rescue_was_stopped(void);
