/* SPDX-License-Identifier: BSD-3-Clause */
/* Comma-separated values (RFC 4180) in memory: the first line names the columns, each further one
 * is a row of as many fields. A field in quotes may hold commas, line breaks, and quotes, doubled.
 * Lines end with CRLF or LF; empty ones are skipped, and so is a byte order mark. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_BYTES_MAX   (UINT64_C(4) << 30)
#define CSV_FIELD_MAX   65535
#define CSV_COLUMNS_MAX 256

struct csv_field {
    uint32_t at; /* of csv.bytes */
    uint16_t len;
};

struct csv {
    char *bytes;              /* of the file; quoted fields lose their quotes in place */
    struct csv_field *fields; /* [row * n_columns + column]; the names are row 0 */
    uint32_t n_columns;
    uint32_t n_rows; /* without the names */
};

struct csv_fault {
    uint32_t line; /* counted from 1 */
    const char *what;
};

/**
 * Find the fields of the @len (< CSV_BYTES_MAX) bytes at @bytes, which @c keeps and changes, and
 * take memory for them.
 *
 * @return 0; -1 with @fault set: they are not of that form, hold no row, or there is no memory
 */
int csv_read(struct csv *c, char *bytes, size_t len, struct csv_fault *fault);

/** Release that memory; the bytes are the caller's. */
void csv_fini(struct csv *c);

/** The column with the @len characters of @name. @return -1: there is none. */
int csv_column(const struct csv *c, const char *name, size_t len);

/* Row @row, counted from 0, of the data. */
static inline struct csv_field
csv_field(const struct csv *c, uint32_t row, uint32_t column)
{
    return c->fields[((size_t)row + 1) * c->n_columns + column];
}
