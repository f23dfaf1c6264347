/* SPDX-License-Identifier: BSD-3-Clause */
/* The course of the run, for people: what of it is measured, and how its rate was changed. */
#pragma once

#include <stdio.h>

#include "report/result.h"

void text_course(FILE *out, const struct result *r);
