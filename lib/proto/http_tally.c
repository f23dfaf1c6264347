/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_tally.h. */
#include "proto/http_tally.h"

#include <string.h>

#include "base/units.h"

const enum http_counter http_failure_counters[HTTP_FAILURE_COUNT] = {
#define X(name) [HTTP_FAILED_##name] = HTTP_COUNT_##name,
    HTTP_FAILURES(X)
#undef X
};

/* Bytes that lie in two pieces. */
struct pieces {
    const char *at[2];
    size_t len[2];
};

static size_t
total(const struct pieces *p)
{
    return p->len[0] + p->len[1];
}

static char
byte_at(const struct pieces *p, size_t i)
{
    return i < p->len[0] ? p->at[0][i] : p->at[1][i - p->len[0]];
}

/* Where the head that begins at @from ends, with its empty line; the end of all when it does not.
 */
static size_t
head_end(const struct pieces *p, size_t from)
{
    for (size_t i = from; i + 4 <= total(p); i++)
        if (byte_at(p, i) == '\r' && byte_at(p, i + 1) == '\n' && byte_at(p, i + 2) == '\r' &&
            byte_at(p, i + 3) == '\n')
            return i + 4;
    return total(p);
}

/* Whether a status of 1xx begins at @from: "HTTP/1.1 100". */
static bool
is_informational(const struct pieces *p, size_t from)
{
    static const char BEGINS[] = "HTTP/1.";

    for (size_t i = 0; i < strlen(BEGINS); i++)
        if (from + i >= total(p) || byte_at(p, from + i) != BEGINS[i])
            return false;
    return from + 12 <= total(p) && byte_at(p, from + 9) == '1' && byte_at(p, from + 10) == '0';
}

static uint16_t
copy(const struct pieces *p, size_t from, size_t end, char *into, size_t room)
{
    size_t n = u64_min(end - from, room);

    for (size_t i = 0; i < n; i++)
        into[i] = byte_at(p, from + i);
    return (uint16_t)n;
}

void
http_tally_keep(struct http_tally *t, enum http_failure failure, const void *first,
                size_t first_len, const void *more, size_t more_len)
{
    const struct pieces p = {{first, more}, {first_len, more_len}};
    struct http_example *e = &t->examples[failure];
    size_t begin = 0, end;

    if (e->head_len > 0 || total(&p) == 0)
        return;
    t->n_kept++;
    while (is_informational(&p, begin) && head_end(&p, begin) < total(&p))
        begin = head_end(&p, begin);
    end = head_end(&p, begin);
    e->head_len = copy(&p, begin, end, e->head, sizeof(e->head));
    e->body_len = copy(&p, end, total(&p), e->body, sizeof(e->body));
    e->is_cut = e->head_len < end - begin || e->body_len < total(&p) - end;
}

void
http_tally_merge(struct http_tally *into, const struct http_tally *from)
{
    for (unsigned i = 0; i < HTTP_STATUSES; i++)
        into->statuses[i] += from->statuses[i];
    for (unsigned i = 0; i < HTTP_FAILURE_COUNT; i++) {
        if (into->examples[i].head_len > 0 || from->examples[i].head_len == 0)
            continue;
        into->examples[i] = from->examples[i];
        into->n_kept++;
    }
}
