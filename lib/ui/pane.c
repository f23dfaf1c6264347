/* SPDX-License-Identifier: BSD-3-Clause */
/* See pane.h. */
#include "ui/pane.h"

#include "base/units.h"

#define PANES(X)                                                                                   \
    X(rate)                                                                                        \
    X(latency)                                                                                     \
    X(failures)                                                                                    \
    X(cores)                                                                                       \
    X(classes)                                                                                     \
    X(search)                                                                                      \
    X(verdict)                                                                                     \
    X(messages)

#define DECLARE(name) extern const struct pane pane_##name;
#define ENTRY(name)   &pane_##name,

PANES(DECLARE)

static unsigned
wish_for_all(const struct view *v)
{
    (void)v;
    return CANVAS_ROWS_MAX;
}

static const struct pane overview = {
    .name = "Overview", .wish = wish_for_all, .draw = pane_draw_all};

static const struct pane *const all[] = {&overview, PANES(ENTRY)};

static_assert(ARRAY_LEN(all) <= PANES_MAX, "there is a place for each");

unsigned
panes_of(const struct view *v, const struct pane *panes[static PANES_MAX])
{
    unsigned n = 0;

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i]->is_there == NULL || all[i]->is_there(v))
            panes[n++] = all[i];
    return n;
}

static unsigned
least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Up to @to rows of what is left for one that has @has. */
static unsigned
add_rows(unsigned has, unsigned to, unsigned *left)
{
    unsigned more = to > has ? least_of(to - has, *left) : 0;

    *left -= more;
    return has + more;
}

/* A line of each, then what they need, the first ones first; the rest by turns to those that wish
 * for more. */
static void
share_rows(const struct pane *const panes[], unsigned n, const struct view *v, unsigned rows,
           unsigned shares[])
{
    unsigned before;

    for (unsigned i = 0; i < n; i++)
        shares[i] = add_rows(0, least_of(panes[i]->least, 1), &rows);
    for (unsigned i = 0; i < n; i++)
        shares[i] = add_rows(shares[i], least_of(panes[i]->least, panes[i]->wish(v)), &rows);
    do {
        before = rows;
        for (unsigned i = 0; i < n; i++)
            if (shares[i] < panes[i]->wish(v))
                shares[i] = add_rows(shares[i], shares[i] + 1, &rows);
    } while (rows > 0 && rows < before);
}

void
pane_draw_all(struct canvas *c, const struct canvas_area *a, const struct view *v)
{
    const struct pane *panes[PANES_MAX];
    unsigned shares[PANES_MAX], n = panes_of(v, panes);
    struct canvas_area part = *a;

    share_rows(panes + 1, n - 1, v, a->rows, shares);
    for (unsigned i = 0; i + 1 < n; i++) {
        part.rows = shares[i];
        if (part.rows > 0)
            panes[i + 1]->draw(c, &part, v);
        part.row += shares[i];
    }
}
