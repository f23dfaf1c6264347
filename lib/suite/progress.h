/* SPDX-License-Identifier: BSD-3-Clause */
/* What has been made of a suite, kept in its folder, so that an interrupted one goes on where it
 * was: suite.json has the plan and the steps that are complete, raw/ their results. What those say
 * is judged anew when they are read. Slow path. */
#pragma once

#include <limits.h>

#include <jansson.h>

#include "suite/course.h"

/* Files of a step in the folder. */
#define SUITE_RESULT ".json"
#define SUITE_INPUT  ".scenario.json"
#define SUITE_LOG    ".log"

/** "FOLDER/raw/NAME.json". @return @buf */
const char *suite_raw_path(const char *folder, const char *name, const char *ending,
                           char buf[static PATH_MAX]);

/** The result that @step has left. @return a reference; NULL: there is none */
json_t *suite_raw_result(const char *folder, const struct suite_step *step);

/**
 * Take up what @folder says has been made.
 *
 * @return how many steps that are; -1 with @f set (EXIT_USAGE): they are of another plan, or what
 *         the folder has is none of ours
 */
int suite_progress_load(struct suite *s, const char *folder, struct fail *f);

/** Write what has been made. @return 0, or -1 with @f set (EXIT_HOST); what was there stays */
int suite_progress_save(const struct suite *s, const char *folder, struct fail *f);
