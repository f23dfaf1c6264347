/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/http_pieces.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct http_values values;
static struct http_pieces_fault fault;

static void
set_up(void)
{
    values = (struct http_values){.number = 7, .seed = 1, .local_port = 1024, .body_len = 42};
    values.local = (struct ip_addr){.lo = 0xc6120001};
    values.cookies = "Cookie: a=b\r\n";
    values.cookies_len = 13;
}

TestSuite(http_pieces, .init = set_up);

/* @text filled in. */
static const char *
filled(const char *text, bool is_head)
{
    static char out[1024];
    struct http_piece pieces[32];
    int n =
        http_pieces_find((const uint8_t *)text, strlen(text), is_head, values.csv, NULL, &fault);
    size_t len = 0;

    if (n < 0)
        return NULL;
    cr_assert(le(int, n, 32));
    cr_assert(eq(
        int,
        http_pieces_find((const uint8_t *)text, strlen(text), is_head, values.csv, pieces, &fault),
        n));
    for (int i = 0; i < n; i++) {
        char buf[HTTP_VALUE_MAX];
        const uint8_t *bytes;
        size_t one = http_piece_bytes(pieces, (unsigned)i, &values, buf, &bytes);

        memcpy(out + len, bytes, one);
        len += one;
    }
    cr_assert(eq(u64, http_pieces_len(pieces, 0, (unsigned)n, &values), len));
    out[len] = '\0';
    return out;
}

Test(http_pieces, placeholders_are_filled_in)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"/a", "/a"},
        {"{counter}", "7"},
        {"/{counter}/{counter}.", "/7/7."},
        {"{local.address}:{local.port}", "198.18.0.1:1024"},
        {"{random:5-5}", "5"},
        {"{{counter}}", "{counter}"},
        {"a{{counter}}{counter}b", "a{counter}7b"},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
        {"{\"n\":{counter}}", "{\"n\":7}"},
        {"{}{{}}{x", "{}{{}}{x"},
        {"{ counter }", "{ counter }"},
        {"{{cuonter}}", "{cuonter}"},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_assert(eq(str, (char *)filled(rows[i][0], false), (char *)rows[i][1]), "%s", rows[i][0]);
}

Test(http_pieces, what_is_nearly_a_placeholder_is_refused)
{
    static const char *const rows[][2] = {
        {"/{countr}", "counter"}, {"{local.prot}", "local.port"}, {"{rondom}", "random"}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(eq(ptr, (void *)filled(rows[i][0], false), NULL), "%s", rows[i][0]);
        cr_assert(eq(str, (char *)fault.near, (char *)rows[i][1]));
    }
    cr_assert(eq(ptr, (void *)filled("{random:9-3}", false), NULL));
    cr_assert(eq(ptr, (void *)filled("{random:9}", false), NULL));
    cr_assert(eq(ptr, (void *)fault.near, NULL));
}

Test(http_pieces, random_numbers_are_within_their_range_and_all_of_it_comes)
{
    unsigned seen[3] = {0};

    for (values.seed = 0; values.seed < 300; values.seed++)
        seen[atoi(filled("{random:10-12}", false)) - 10]++;
    for (int i = 0; i < 3; i++)
        cr_assert(ge(uint, seen[i], 60));
}

Test(http_pieces, two_random_numbers_of_a_request_differ_and_stay_the_same)
{
    const char *text = filled("{random} {random}", false);
    unsigned long first, second;
    char again[64];

    snprintf(again, sizeof(again), "%s", text);
    cr_assert(eq(int, sscanf(text, "%lu %lu", &first, &second), 2));
    cr_assert(ne(ulong, first, second));
    cr_assert(eq(str, (char *)filled("{random} {random}", false), again));
}

Test(http_pieces, a_column_is_that_of_the_row)
{
    static char bytes[] = "user,id\nann,1\nbob,2\n";
    struct csv_fault csv_fault;
    struct csv csv;

    cr_assert(zero(int, csv_read(&csv, bytes, strlen(bytes), &csv_fault)));
    values.csv = &csv;
    values.row = 1;
    cr_assert(eq(str, (char *)filled("/{csv.user}?id={csv.id}", true), "/bob?id=2"));
    cr_assert(eq(ptr, (void *)filled("/{csv.name}", true), NULL));
    cr_assert(eq(str, fault.text, "{csv.name}"));
    csv_fini(&csv);
}

Test(http_pieces, marks_are_only_in_a_head)
{
    cr_assert(eq(str,
                 (char *)filled("L: " HTTP_MARK_BODY_LENGTH "\r\n" HTTP_MARK_COOKIES "\r\n", true),
                 "L: 42\r\nCookie: a=b\r\n\r\n"));
    cr_assert(eq(str, (char *)filled(HTTP_MARK_COOKIES, false), HTTP_MARK_COOKIES));
}
