/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "tls/alert.h"
#include "tls/tally.h"

static struct tls_rows rows;

static void
fill(struct tls_rows *r, const char *format, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char name[32];

        snprintf(name, sizeof(name), format, i);
        tls_rows_count(r, name, 1);
    }
}

Test(tally, names_are_counted_in_the_order_of_their_appearance)
{
    tls_rows_count(&rows, "b", 1);
    tls_rows_count(&rows, "a", 2);
    tls_rows_count(&rows, "b", 3);
    cr_assert(eq(uint, rows.n, 2));
    cr_assert(eq(str, rows.rows[0].name, "b"));
    cr_assert(eq(u64, rows.rows[0].count, 4));
    cr_assert(eq(str, rows.rows[1].name, "a"));
    cr_assert(eq(u64, rows.rows[1].count, 2));
    cr_assert(zero(u64, rows.others));
}

Test(tally, a_name_that_is_the_beginning_of_another_has_a_row_of_its_own)
{
    tls_rows_count(&rows, "TLSv1", 1);
    tls_rows_count(&rows, "TLSv1.3", 1);
    tls_rows_count(&rows, "TLS", 1);
    cr_assert(eq(uint, rows.n, 3));
}

Test(tally, names_beyond_the_last_row_are_counted_together)
{
    fill(&rows, "%u", TLS_TALLY_ROWS + 5);
    tls_rows_count(&rows, "0", 10); /* it has a row */
    cr_assert(eq(uint, rows.n, TLS_TALLY_ROWS));
    cr_assert(eq(u64, rows.others, 5));
    cr_assert(eq(u64, rows.rows[0].count, 11));
}

Test(tally, names_that_are_too_long_are_cut_and_found_again)
{
    char name[3 * TLS_TALLY_NAME];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    tls_rows_count(&rows, name, 1);
    tls_rows_count(&rows, name, 1);
    cr_assert(eq(uint, rows.n, 1));
    cr_assert(eq(u64, rows.rows[0].count, 2));
    cr_assert(eq(sz, strlen(rows.rows[0].name), TLS_TALLY_NAME - 1));
}

Test(tally, what_has_no_name_is_unknown)
{
    tls_rows_count(&rows, NULL, 1);
    cr_assert(eq(str, rows.rows[0].name, "unknown"));
}

/* -- merging ---------------------------------------------------------------------------------- */

static struct tls_tally a, b;

Test(tally, counts_of_two_add_up_row_by_row)
{
    struct tls_rows *of_a[] = {&a.versions,        &a.ciphers,     &a.groups,   &a.alpn,
                               &a.alerts_received, &a.alerts_sent, &a.untrusted};
    struct tls_rows *of_b[] = {&b.versions,        &b.ciphers,     &b.groups,   &b.alpn,
                               &b.alerts_received, &b.alerts_sent, &b.untrusted};

    for (unsigned i = 0; i < ARRAY_LEN(of_a); i++) {
        tls_rows_count(of_a[i], "both", 1 + i);
        tls_rows_count(of_b[i], "only b", 100 + i);
        tls_rows_count(of_b[i], "both", 10);
    }
    tls_tally_merge(&a, &b);
    for (unsigned i = 0; i < ARRAY_LEN(of_a); i++) {
        cr_assert(eq(uint, of_a[i]->n, 2));
        cr_assert(eq(u64, of_a[i]->rows[0].count, 11 + i));
        cr_assert(eq(u64, of_a[i]->rows[1].count, 100 + i));
    }
}

Test(tally, nothing_is_lost_when_the_merged_rows_are_too_many)
{
    uint64_t sum = 0;

    fill(&a.ciphers, "a%u", TLS_TALLY_ROWS - 1);
    fill(&b.ciphers, "b%u", TLS_TALLY_ROWS + 3);
    tls_tally_merge(&a, &b);
    for (unsigned i = 0; i < a.ciphers.n; i++)
        sum += a.ciphers.rows[i].count;
    cr_assert(eq(uint, a.ciphers.n, TLS_TALLY_ROWS));
    cr_assert(eq(u64, sum + a.ciphers.others, 2 * TLS_TALLY_ROWS + 2));
}

Test(tally, the_first_example_stays_and_memory_is_the_most)
{
    a.handshake_bytes = 5;
    a.idle_bytes = 9;
    b.handshake_bytes = 7;
    b.idle_bytes = 3;
    tls_tally_example(&a, TLS_CAUSE_CLOSED, "first");
    tls_tally_example(&a, TLS_CAUSE_CLOSED, "second");
    tls_tally_example(&b, TLS_CAUSE_CLOSED, "third");
    tls_tally_example(&b, TLS_CAUSE_OTHER, "fourth");
    tls_tally_merge(&a, &b);
    cr_assert(eq(str, a.examples[TLS_CAUSE_CLOSED], "first"));
    cr_assert(eq(str, a.examples[TLS_CAUSE_OTHER], "fourth"));
    cr_assert(eq(u64, a.handshake_bytes, 7));
    cr_assert(eq(u64, a.idle_bytes, 9));
}

Test(tally, an_example_that_is_too_long_is_cut)
{
    char text[2 * TLS_EXAMPLE_MAX];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    tls_tally_example(&a, TLS_CAUSE_OTHER, text);
    cr_assert(eq(sz, strlen(a.examples[TLS_CAUSE_OTHER]), TLS_EXAMPLE_MAX - 1));
}

/* -- alerts ----------------------------------------------------------------------------------- */

Test(alert, alerts_have_the_names_of_rfc_8446)
{
    static const struct {
        uint8_t description;
        const char *name;
    } ROWS[] = {{0, "close_notify"},
                {10, "unexpected_message"},
                {20, "bad_record_mac"},
                {22, "record_overflow"},
                {40, "handshake_failure"},
                {42, "bad_certificate"},
                {43, "unsupported_certificate"},
                {44, "certificate_revoked"},
                {45, "certificate_expired"},
                {46, "certificate_unknown"},
                {47, "illegal_parameter"},
                {48, "unknown_ca"},
                {49, "access_denied"},
                {50, "decode_error"},
                {51, "decrypt_error"},
                {70, "protocol_version"},
                {71, "insufficient_security"},
                {80, "internal_error"},
                {86, "inappropriate_fallback"},
                {90, "user_canceled"},
                {109, "missing_extension"},
                {110, "unsupported_extension"},
                {112, "unrecognized_name"},
                {113, "bad_certificate_status_response"},
                {115, "unknown_psk_identity"},
                {116, "certificate_required"},
                {120, "no_application_protocol"}};

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        cr_assert(eq(str, (char *)tls_alert_name(ROWS[i].description), (char *)ROWS[i].name));
}

Test(alert, what_is_no_alert_has_no_name)
{
    cr_assert(zero(ptr, (void *)tls_alert_name(1)));
    cr_assert(zero(ptr, (void *)tls_alert_name(99)));
    cr_assert(zero(ptr, (void *)tls_alert_name(255)));
}
