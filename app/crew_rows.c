/* SPDX-License-Identifier: BSD-3-Clause */
/* See crew_rows.h. */
#include "app/crew_rows.h"

#include "report/merge_rows.h"

/* Of those that there are, the first; NULL: there is none. */
static struct crew_rows_second *
first_of(struct crew_rows *r)
{
    struct crew_rows_second *first = NULL;

    for (unsigned i = 0; i < CREW_ROWS_MAX; i++)
        if (r->seconds[i].second > 0 && (first == NULL || r->seconds[i].second < first->second))
            first = &r->seconds[i];
    return first;
}

/* The place of a second, which may have to be made; NULL: there is none. */
static struct crew_rows_second *
place_of(struct crew_rows *r, uint64_t second)
{
    struct crew_rows_second *place = NULL;

    for (unsigned i = 0; i < CREW_ROWS_MAX; i++) {
        if (r->seconds[i].second == second)
            return &r->seconds[i];
        if (r->seconds[i].second == 0)
            place = &r->seconds[i];
    }
    if (place != NULL)
        *place = (struct crew_rows_second){.second = second};
    return place;
}

void
crew_rows_add(struct crew_rows *r, const struct crew_row *row)
{
    uint64_t second = (uint64_t)(row->row.t_s + 0.5);
    struct crew_rows_second *to;

    if (second == 0)
        second = 1;
    to = second > r->n_shown ? place_of(r, second) : NULL;
    if (to == NULL)
        return;
    merge_interval(&to->sum.row, to->sum.n_cores, &row->row, row->n_cores);
    for (enum role role = 0; role < ROLE_COUNT; role++)
        to->sum.n_cores[role] += row->n_cores[role];
    to->n_ranks++;
}

static bool
has_later(const struct crew_rows *r, uint64_t second)
{
    for (unsigned i = 0; i < CREW_ROWS_MAX; i++)
        if (r->seconds[i].second >= second + CREW_ROWS_MAX - 1)
            return true;
    return false;
}

bool
crew_rows_next(struct crew_rows *r, unsigned n_ranks, bool is_last, struct result_interval *row)
{
    struct crew_rows_second *first = first_of(r);

    if (first == NULL || (first->n_ranks < n_ranks && !is_last && !has_later(r, first->second)))
        return false;
    *row = first->sum.row;
    r->n_shown = first->second;
    first->second = 0;
    return true;
}
