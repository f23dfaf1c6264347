/* SPDX-License-Identifier: BSD-3-Clause */
/* See accept.h. */
#include "metrics/accept.h"

#include <string.h>
#include <strings.h>

#include "base/units.h"

static const char SPACES[] = " \t";

/* A piece of the field, without the spaces around it. */
struct piece {
    const char *text;
    size_t length;
};

/* The next piece of @rest up to a @mark, which is taken away with it; marks in quotes are none. */
static struct piece
take_piece(struct piece *rest, char mark)
{
    struct piece p = {rest->text, 0};
    bool in_quotes = false;
    size_t taken = 0;

    for (; taken < rest->length; taken++) {
        if (rest->text[taken] == '"')
            in_quotes = !in_quotes;
        if (rest->text[taken] == mark && !in_quotes)
            break;
    }
    p.length = taken;
    taken += taken < rest->length;
    *rest = (struct piece){rest->text + taken, rest->length - taken};
    while (p.length > 0 && strchr(SPACES, p.text[0]) != NULL)
        p = (struct piece){p.text + 1, p.length - 1};
    while (p.length > 0 && strchr(SPACES, p.text[p.length - 1]) != NULL)
        p.length--;
    return p;
}

static bool
is_text(struct piece p, const char *text)
{
    return p.length == strlen(text) && strncasecmp(p.text, text, p.length) == 0;
}

/* "0.85" in thousandths (RFC 9110 12.4.2); what is no weight is none: 1000. */
static unsigned
read_weight(struct piece p)
{
    unsigned milli = 0, place = 1000;

    for (size_t i = 0; i < p.length; i++) {
        if (p.text[i] == '.' && i == 1)
            continue;
        if (p.text[i] < '0' || p.text[i] > '9' || place == 0)
            return 1000;
        milli += (unsigned)(p.text[i] - '0') * place;
        place /= 10;
    }
    return p.length > 0 && milli < 1000 ? milli : 1000;
}

/* A media range with its parameters. */
struct range {
    struct piece type;
    unsigned weight_milli;
    bool is_other_version; /* than those there are */
};

static struct range
read_range(struct piece text)
{
    struct range r = {.type = take_piece(&text, ';'), .weight_milli = 1000};

    while (text.length > 0) {
        struct piece value = take_piece(&text, ';'), name = take_piece(&value, '=');

        if (is_text(name, "q"))
            r.weight_milli = read_weight(value);
        if (is_text(name, "version") && !is_text(value, "1.0.0") && !is_text(value, "\"1.0.0\"") &&
            !is_text(value, "0.0.4"))
            r.is_other_version = true;
    }
    return r;
}

enum exposition_form
accept_form(const char *accept)
{
    /* The most exact range counts: by how much each matches, and its weight. */
    static const char *const text_ranges[] = {"*/*", "text/*", "text/plain"};
    unsigned open_milli = 0, text_milli = 0, exact = 0;
    struct piece rest = {accept, accept == NULL ? 0 : strlen(accept)};

    while (rest.length > 0) {
        struct range r = read_range(take_piece(&rest, ','));

        if (r.is_other_version)
            continue;
        if (is_text(r.type, "application/openmetrics-text") && r.weight_milli > open_milli)
            open_milli = r.weight_milli;
        for (unsigned i = exact; i < ARRAY_LEN(text_ranges); i++) {
            if (!is_text(r.type, text_ranges[i]))
                continue;
            exact = i;
            text_milli = r.weight_milli;
        }
    }
    return open_milli > 0 && open_milli >= text_milli ? EXPOSITION_OPENMETRICS
                                                      : EXPOSITION_PROMETHEUS;
}
