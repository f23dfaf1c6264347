/* SPDX-License-Identifier: BSD-3-Clause */
/* The files that HTTP options name, in memory: read once, before the run, and shared by all
 * workers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/fail.h"

/** The most that a body may have. */
#define HTTP_BODY_MAX (UINT64_C(256) << 20)

struct http_body {
    uint8_t *bytes; /* NULL: none */
    size_t len;
};

struct http_table {
    struct csv csv; /* no rows: none */
    char *bytes;    /* of the file, mapped */
    size_t len;
};

/** The body that @text is, or "@FILE" has; none for "". @return 0, or -1 with @f set. */
int http_body_read(const char *text, struct http_body *b, struct fail *f);
void http_body_fini(struct http_body *b);

/** The CSV file @path; none for "". @return 0, or -1 with @f set. */
int http_table_read(const char *path, struct http_table *t, struct fail *f);
void http_table_fini(struct http_table *t);
