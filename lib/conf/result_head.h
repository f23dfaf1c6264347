/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of a result that is needed to run it again: its scenario, which stands early in the
 * file, before the intervals, of which there may be hundreds of megabytes. Pure. */
#pragma once

#include <stddef.h>

/** @return how long @text of @length is up to the end of its second one of "schema", with a name of
 * ours, and "scenario"; 0: it is no result, or not so much of it is there */
size_t result_head_end(const char *text, size_t length);
