/* SPDX-License-Identifier: BSD-3-Clause */
/* What `doctor` saw, for people: a row each, and the command that mends it on a line of its own. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct doctor;

/** @has_ink: with colour. Lines fit a terminal but for commands, which are not broken. */
void text_doctor_print(FILE *out, const struct doctor *d, bool has_ink);
