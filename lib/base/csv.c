/* SPDX-License-Identifier: BSD-3-Clause */
/* See csv.h. */
#include "base/csv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where the reading has got to. */
struct reader {
    char *bytes;
    size_t at, len;
    uint32_t line;
    const char *what; /* why it cannot go on; NULL: it can */
};

static bool
is_line_end(const struct reader *r)
{
    return r->at == r->len || r->bytes[r->at] == '\n' ||
           (r->bytes[r->at] == '\r' && r->at + 1 < r->len && r->bytes[r->at + 1] == '\n');
}

static void
skip_line_end(struct reader *r)
{
    if (r->at < r->len && r->bytes[r->at] == '\r')
        r->at++;
    if (r->at < r->len)
        r->at++;
    r->line++;
}

static void
skip_empty_lines(struct reader *r)
{
    while (r->at < r->len && is_line_end(r))
        skip_line_end(r);
}

/* A field in quotes: what is between them moves to its beginning, without doubled quotes. */
static size_t
read_quoted(struct reader *r, size_t begin)
{
    size_t to = begin;

    for (r->at++; r->at < r->len; r->at++) {
        if (r->bytes[r->at] == '"') {
            if (r->at + 1 == r->len || r->bytes[r->at + 1] != '"')
                break;
            r->at++;
        }
        r->line += r->bytes[r->at] == '\n';
        r->bytes[to++] = r->bytes[r->at];
    }
    if (r->at == r->len)
        r->what = "a quote is not closed";
    else
        r->at++;
    if (r->what == NULL && !is_line_end(r) && r->bytes[r->at] != ',')
        r->what = "something follows a closing quote";
    return to - begin;
}

static struct csv_field
read_field(struct reader *r)
{
    size_t begin = r->at, len;

    if (r->at < r->len && r->bytes[r->at] == '"') {
        len = read_quoted(r, begin);
    } else {
        while (!is_line_end(r) && r->bytes[r->at] != ',')
            r->at++;
        len = r->at - begin;
    }
    if (r->what == NULL && len > CSV_FIELD_MAX)
        r->what = "a field has more than 65535 bytes";
    return (struct csv_field){(uint32_t)begin, (uint16_t)len};
}

/* The array grows by doubling. */
static bool
has_room(struct csv *c, size_t *room, size_t n)
{
    struct csv_field *bigger;

    if (n <= *room)
        return true;
    *room = *room == 0 ? 1024 : 2 * *room;
    bigger = realloc(c->fields, *room * sizeof(*bigger));
    if (bigger != NULL)
        c->fields = bigger;
    return bigger != NULL;
}

/* One line, its end included. @return its fields, whose first is fields[@n]. */
static uint32_t
read_line(struct csv *c, struct reader *r, size_t n, size_t *room)
{
    uint32_t columns = 0;
    bool goes_on = true;

    while (goes_on && r->what == NULL) {
        if (columns == CSV_COLUMNS_MAX) {
            r->what = "there are more than 256 columns";
        } else if (!has_room(c, room, n + columns + 1)) {
            r->what = "there is no memory for so many fields";
        } else {
            c->fields[n + columns++] = read_field(r);
            goes_on = r->what == NULL && r->at < r->len && r->bytes[r->at] == ',';
            r->at += goes_on;
        }
    }
    if (r->what == NULL)
        skip_line_end(r);
    return columns;
}

static int
refuse(struct csv *c, struct csv_fault *fault, uint32_t line, const char *what)
{
    *fault = (struct csv_fault){line, what};
    csv_fini(c);
    return -1;
}

int
csv_read(struct csv *c, char *bytes, size_t len, struct csv_fault *fault)
{
    static const char MARK[] = "\xef\xbb\xbf";
    struct reader r = {.bytes = bytes, .len = len, .line = 1};
    size_t room = 0;
    uint32_t n, line;

    assert(len < CSV_BYTES_MAX);

    *c = (struct csv){.bytes = bytes};
    if (len >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0)
        r.at = strlen(MARK);
    skip_empty_lines(&r);
    if (r.at == r.len)
        return refuse(c, fault, r.line, "there is no line that names the columns");
    c->n_columns = read_line(c, &r, 0, &room);
    for (skip_empty_lines(&r); r.what == NULL && r.at < r.len; skip_empty_lines(&r)) {
        line = r.line;
        n = read_line(c, &r, ((size_t)c->n_rows + 1) * c->n_columns, &room);
        if (r.what == NULL && n != c->n_columns)
            return refuse(c, fault, line, "it has another number of fields than the first line");
        c->n_rows++;
    }
    if (r.what != NULL)
        return refuse(c, fault, r.line, r.what);
    if (c->n_rows == 0)
        return refuse(c, fault, r.line, "there is no row below the names of the columns");
    return 0;
}

void
csv_fini(struct csv *c)
{
    free(c->fields);
    *c = (struct csv){0};
}

int
csv_column(const struct csv *c, const char *name, size_t len)
{
    for (uint32_t i = 0; i < c->n_columns; i++)
        if (c->fields[i].len == len && memcmp(c->bytes + c->fields[i].at, name, len) == 0)
            return (int)i;
    return -1;
}
