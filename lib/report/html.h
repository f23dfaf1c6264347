/* SPDX-License-Identifier: BSD-3-Clause */
/* The result as one page for a browser: charts and tables in one file that needs no network. The
 * page has its figures as JSON and draws them itself, by dygraphs, which is embedded when shakedown
 * is built. Control thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "report/result.h"

#define HTML_OPTION "--html"

/** Write @r as a page to @out. @return 0, or -1 with @f set (EXIT_HOST): no memory, or @out did not
 * take it */
int html_write(FILE *out, const struct result *r, struct fail *f);

/** The same of a result as json.h has it. @root is changed. */
int html_write_json(FILE *out, json_t *root, struct fail *f);

struct comparisons; /* report/text_compare.h */

/** Comparisons as a page, which has no charts of dygraphs'. @return the same */
int html_write_comparisons(FILE *out, const struct comparisons *all, struct fail *f);

/** Whether dygraphs is embedded. @return 0, or -1 with @f set (EXIT_USAGE): without it there are no
 * charts */
int html_check(struct fail *f);
