/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/http_tally.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct http_tally tally;

/* A failed answer that came in two pieces, cut at @cut. */
static const struct http_example *
keep(const char *text, size_t cut)
{
    memset(&tally, 0, sizeof(tally));
    http_tally_keep(&tally, HTTP_FAILED_unexpected_status, text, cut, text + cut,
                    strlen(text) - cut);
    return &tally.examples[HTTP_FAILED_unexpected_status];
}

Test(http_tally, head_and_body_are_told_apart_wherever_they_are_cut)
{
    static const char TEXT[] = "HTTP/1.1 404 No\r\nA: b\r\n\r\nbody";

    for (size_t cut = 0; cut <= strlen(TEXT); cut++) {
        const struct http_example *e = keep(TEXT, cut);

        cr_assert(eq(int, e->head_len, (int)strlen(TEXT) - 4));
        cr_assert(zero(int, memcmp(e->head, TEXT, e->head_len)));
        cr_assert(eq(int, e->body_len, 4));
        cr_assert(zero(int, memcmp(e->body, "body", 4)));
        cr_assert(not(e->is_cut));
    }
}

Test(http_tally, informational_responses_before_it_are_left_out)
{
    const struct http_example *e = keep(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 500 x\r\n\r\n!", 30);

    cr_assert(zero(int, memcmp(e->head, "HTTP/1.1 500 x\r\n\r\n", e->head_len)));
    cr_assert(eq(int, e->body_len, 1));
}

Test(http_tally, what_is_long_is_cut_and_said_to_be)
{
    static char text[5000];
    const struct http_example *e;

    memset(text, 'a', sizeof(text) - 1);
    e = keep(text, 3000);
    cr_assert(eq(int, e->head_len, HTTP_EXAMPLE_HEAD));
    cr_assert(zero(int, e->body_len));
    cr_assert(e->is_cut);
    memcpy(text + 100, "\r\n\r\n", 4);
    e = keep(text, 102);
    cr_assert(eq(int, e->head_len, 104));
    cr_assert(eq(int, e->body_len, HTTP_EXAMPLE_BODY));
    cr_assert(e->is_cut);
}

Test(http_tally, the_first_one_stays_and_nothing_is_no_example)
{
    http_tally_keep(&tally, HTTP_FAILED_timeouts, NULL, 0, NULL, 0);
    cr_assert(zero(int, tally.examples[HTTP_FAILED_timeouts].head_len));
    http_tally_keep(&tally, HTTP_FAILED_timeouts, "first", 5, NULL, 0);
    http_tally_keep(&tally, HTTP_FAILED_timeouts, "second", 6, NULL, 0);
    cr_assert(eq(int, tally.examples[HTTP_FAILED_timeouts].head_len, 5));
    cr_assert(http_tally_wants(&tally));
}

Test(http_tally, workers_add_up)
{
    static struct http_tally other;

    memset(&tally, 0, sizeof(tally));
    http_tally_status(&tally, 200);
    http_tally_status(&other, 200);
    http_tally_status(&other, 999);
    http_tally_status(&other, 65535);
    http_tally_keep(&other, HTTP_FAILED_wrong_body, "x", 1, NULL, 0);
    http_tally_merge(&tally, &other);
    cr_assert(eq(u64, tally.statuses[200], 2));
    cr_assert(eq(u64, tally.statuses[999], 1));
    cr_assert(eq(int, tally.examples[HTTP_FAILED_wrong_body].head_len, 1));
}
