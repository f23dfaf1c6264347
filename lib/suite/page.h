/* SPDX-License-Identifier: BSD-3-Clause */
/* The report of a suite: one HTML page, fit for print, that needs neither network nor script. Raw
 * results are beside it, and it reads what its charts show from there. Slow path. */
#pragma once

#include "suite/course.h"

#define SUITE_PAGE "report.html"

/** Write it into @folder. @return 0, or -1 with @f set (EXIT_HOST) */
int suite_page_write(const struct suite *s, const char *folder, const char *version,
                     struct fail *f);

/** Whether all that was asked for was made, and passed. */
bool suite_has_passed(const struct suite *s);
