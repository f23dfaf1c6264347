/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_fill.h. */
#include "proto/http_fill.h"

#include <string.h>

#include "base/units.h"

/* A piece that is at least so long goes by itself, without a copy. */
static const size_t LONG_PIECE = 512;

static uint32_t
next_row(const struct http_opts *o, struct http_run *run)
{
    uint64_t row = run->next_row % o->csv->n_rows;

    if (o->csv_order == HTTP_CSV_RANDOM)
        return (uint32_t)rng_below(&run->rng, o->csv->n_rows);
    run->next_row = row + run->stride;
    return (uint32_t)row;
}

void
http_fill_open(struct http_fill *f, const struct http_opts *o, struct http_run *run)
{
    f->values.csv = o->csv;
    if (o->csv != NULL && o->csv_order == HTTP_CSV_CONNECTION)
        f->values.row = next_row(o, run);
}

void
http_fill_start(struct http_fill *f, const struct http_opts *o, struct http_run *run,
                const struct http_request *r, bool is_last, const struct http_jar *jar)
{
    struct http_values *v = &f->values;
    unsigned head = is_last ? r->n_last_head_pieces : r->n_head_pieces;

    f->pieces = r->pieces + (is_last ? r->n_pieces : 0);
    f->next = 0;
    f->end = is_last ? r->n_last_pieces : r->n_pieces;
    f->done = 0;
    v->number = run->next_number;
    run->next_number += run->stride;
    v->seed = rng_next(&run->rng);
    if (o->csv != NULL && o->csv_order != HTTP_CSV_CONNECTION)
        v->row = next_row(o, run);
    v->cookies = jar != NULL ? jar->text : NULL;
    v->cookies_len = jar != NULL ? jar->len : 0;
    v->body_len = http_pieces_len(f->pieces, head, f->end, v);
}

/* What is left of the piece under way. */
static size_t
rest_of_piece(const struct http_fill *f, char buf[static HTTP_VALUE_MAX], const uint8_t **bytes)
{
    size_t len = http_piece_bytes(f->pieces, f->next, &f->values, buf, bytes);

    *bytes += f->done;
    return len - f->done;
}

static void
advance(struct http_fill *f, size_t n, size_t of)
{
    f->done += n;
    if (n < of)
        return;
    f->next++;
    f->done = 0;
}

size_t
http_fill_output(struct http_fill *f, size_t max, uint8_t *scratch, size_t scratch_bytes,
                 const uint8_t **bytes)
{
    char buf[HTTP_VALUE_MAX];
    size_t room = u64_min(max, scratch_bytes), used = 0;

    *bytes = scratch;
    while (f->next < f->end && used < room) {
        const uint8_t *at;
        size_t len = rest_of_piece(f, buf, &at), n;

        if (len >= LONG_PIECE) { /* not one that is made in buf */
            if (used > 0)
                break;
            n = u64_min(len, max);
            advance(f, n, len);
            *bytes = at;
            return n;
        }
        n = u64_min(len, room - used);
        memcpy(scratch + used, at, n);
        used += n;
        advance(f, n, len);
    }
    return used;
}
