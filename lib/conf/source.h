/* SPDX-License-Identifier: BSD-3-Clause */
/* A file that the user wrote, in memory, so that a complaint can show the line that it is about. Of
 * a result there is no more than what is needed to run it again (result_head.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "conf/place.h"

/* A result whose keys somebody has sorted is the largest file there is. */
#define SOURCE_BYTES_MAX (64u << 20)
#define SOURCE_NAME_MAX  512

struct source {
    char name[SOURCE_NAME_MAX]; /* as the user has it; "": there is none */
    char *text;                 /* with a NUL behind it */
    size_t length;
};

/** Read the file at @path. @return 0, or -1 with @f set (EXIT_USAGE): it is not there, a folder,
 * not readable, too large, or no text. */
int source_read(struct source *s, const char *path, struct fail *f);

/** Take a copy of @text instead. @return 0, or -1 with @f set: the same, or no memory. */
int source_from(struct source *s, const char *name, const char *text, size_t length,
                struct fail *f);

void source_fini(struct source *s);

/** Set @f to "NAME:LINE:COLUMN: what is wrong", the line itself, and a caret below @at; nothing but
 * the name where @at is nowhere. @return -1 */
int source_refuse(const struct source *s, struct place at, struct fail *f, const char *fmt, ...)
    __attribute__((format(printf, 4, 5), cold));

/** Say of what @f says already that it is about @at. */
void source_point(const struct source *s, struct place at, struct fail *f);
