/* SPDX-License-Identifier: BSD-3-Clause */
/* How far something has come that takes its time. Pure. */
#pragma once

#include "ui/canvas.h"

#define PROGRESS_WHAT_MAX 96
#define PROGRESS_TEXT_MAX 160

struct progress {
    char what[PROGRESS_WHAT_MAX]; /* "draining, 12 open"; "": nothing */
    double share;                 /* 0 to 1; negative: not known */
    double left_s;                /* at most; negative: not known */
};

/** "draining, 12 open: 40 %, 18 s left". @return @buf */
const char *progress_text(const struct progress *p, char buf[static PROGRESS_TEXT_MAX]);

/** The same in line @row of @a, with a bar where the share is known. */
void progress_draw(struct canvas *c, const struct canvas_area *a, unsigned row,
                   const struct progress *p);
