/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/live.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"
#include "lines.h"
#include "report/sink.h"

#define LATENCY(n, p50_ns, p99_ns)                                                                 \
    {                                                                                              \
        .count = (n), .quantile_ns = { [QUANTILE_p50] = (p50_ns), [QUANTILE_p99] = (p99_ns) }      \
    }

static const struct result_interval busy_second = {
    .t_s = 3.04,
    .established = 3420000,
    .open = 1024,
    .cps = 3420000,
    .has_role = {true, true},
    .busy = {0.971, 0.88},
    .latency = {[LAT_connect] = LATENCY(10, 812000, 1200000)},
};

/* What @n rows of @i look like; the caller frees it. Not inlined: gcc 12 without link-time
 * optimisation takes what is returned for the address of the variable it was read from. */
static char *__attribute__((noinline))
rows(const struct result_interval *i, unsigned n, bool is_terminal)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;

    live_init(&l, out, is_terminal, is_terminal);
    for (unsigned k = 0; k < n; k++)
        live_row(&l, i);
    fclose(out);
    return text;
}

static unsigned
count_of(const char *text, const char *word)
{
    unsigned n = 0;

    for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
        n++;
    return n;
}

#define NAMES_BOTH   "     time      cps        open    failed conn p50 conn p99 busy c/s\n"
#define NAMES_SERVER "     time      cps        open    failed conn p50 conn p99  busy\n"

Test(live, columns_stand_under_their_names)
{
    char *text = rows(&busy_second, 2, false);

    cr_assert(eq(str, text,
                 NAMES_BOTH
                 "    3.0 s  3.42M/s       1,024         0   812 us  1.20 ms   97/88%\n"
                 "    3.0 s  3.42M/s       1,024         0   812 us  1.20 ms   97/88%\n"));
    free(text);
}

Test(live, a_run_with_one_side_has_one_busy_column_and_no_latency_is_a_dash)
{
    struct result_interval i = {
        .t_s = 12, .open = 12345678, .has_role = {false, true}, .busy = {0, 1}};
    char *text = rows(&i, 1, false);

    cr_assert(eq(str, text,
                 NAMES_SERVER
                 "   12.0 s      0/s  12,345,678         0        -        -  100%\n"));
    free(text);
}

#define NAMES_RECEIVED                                                                             \
    "     time      cps        open    failed conn p50 conn p99 rx payload  busy\n"
#define NAMES_PAYLOAD                                                                              \
    "     time      cps        open    failed conn p99 rx payload tx payload  busy\n"

static const struct result_interval received = {
    .t_s = 2, .has_role = {false, true}, .rx_payload_bytes = 1250000000, .rx_payload_bps = 9.876e9};
static const struct result_interval silent = {.t_s = 1, .has_role = {false, true}};

/* Rows of a run of @c; the caller frees the text. */
static char *__attribute__((noinline))
rows_of(const struct conf *c, const struct result_interval *i, unsigned n)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;

    live_init(&l, out, false, false);
    live_expect(&l, c);
    for (unsigned k = 0; k < n; k++)
        live_row(&l, &i[k]);
    fclose(out);
    return text;
}

/* A row without connections, with the columns of latency and payload. */
#define ROW(t_s, columns) "    " t_s " s      0/s           0         0" columns "    0%\n"
#define NONE              "        -"

Test(live, payload_nobody_expected_brings_its_column_under_new_names_and_the_column_stays)
{
    struct result_interval answered = received;
    const struct conf nothing = {0};
    char *text;

    answered.tx_payload_bytes = 1;
    answered.tx_payload_bps = 8;
    text = rows_of(&nothing, (struct result_interval[]){silent, received, silent, answered, silent},
                   5);
    cr_assert(eq(str, text,
                 NAMES_SERVER ROW("1.0", NONE NONE) NAMES_RECEIVED ROW(
                     "2.0", NONE NONE "  9.88 Gb/s") ROW("1.0", NONE NONE "      0 b/s")
                     NAMES_PAYLOAD ROW("2.0", NONE "  9.88 Gb/s      8 b/s")
                         ROW("1.0", NONE "      0 b/s      0 b/s")));
    free(text);
}

Test(live, payload_asked_for_has_its_column_from_the_first_row)
{
    const struct {
        struct conf conf;
        char *names;
    } cases[] = {
        {{.classes[0].receive_bytes = 1, .n_classes = 1}, NAMES_RECEIVED},
        {{.classes[0] = {.answer_after = 1, .answer_bytes = 1}, .n_classes = 1}, NAMES_PAYLOAD},
        {{.classes[0] = {.send_bytes = 1, .receive_bytes = 1}, .n_classes = 1}, NAMES_PAYLOAD},
        {{.classes[0].echo = true, .n_classes = 1}, NAMES_PAYLOAD},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = rows_of(&cases[i].conf, (struct result_interval[]){silent, received}, 2);

        cr_assert_eq(strncmp(text, cases[i].names, strlen(cases[i].names)), 0, "%zu: %s", i, text);
        cr_assert(eq(u32, count_of(text, "conn p99"), 1));
        free(text);
    }
}

Test(live, payload_only_sent_has_no_column_of_what_is_received)
{
    static const struct conf confs[] = {{.classes[0].send_bytes = 1, .n_classes = 1},
                                        {.classes[0].answer_bytes = 1, .n_classes = 1}};

    for (size_t i = 0; i < ARRAY_LEN(confs); i++) {
        char *text = rows_of(&confs[i], &silent, 1);

        cr_assert(eq(u32, count_of(text, "tx payload"), 1));
        cr_assert(eq(u32, count_of(text, "rx payload"), 0));
        free(text);
    }
}

#define NAMES_TLS "     time  tls hps        open    failed conn p99  tls p99 busy c/s\n"

static const struct result_interval secure_second = {
    .t_s = 3.04,
    .open = 1024,
    .cps = 3420000,
    .has_role = {true, true},
    .busy = {0.971, 0.88},
    .tls_handshakes = 5400,
    .tls_hps = 5400,
    .latency =
        {[LAT_connect] = LATENCY(10, 812000, 1200000), [LAT_tls] = LATENCY(5400, 900000, 3300000)},
};

/* Rows of a run with TLS; the caller frees the text. */
static char *
rows_of_tls(const struct result_interval *i, unsigned n)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;
    static struct conf conf;

    conf.n_classes = 1;
    conf.classes[0].is_tls = true;
    live_init(&l, out, false, false);
    live_expect(&l, &conf);
    for (unsigned k = 0; k < n; k++)
        live_row(&l, &i[k]);
    fclose(out);
    return text;
}

Test(live, with_tls_its_handshakes_stand_where_connections_did_in_the_same_width)
{
    char *text = rows_of_tls(&secure_second, 1);

    cr_assert(eq(str, text,
                 NAMES_TLS
                 "    3.0 s  5.40k/s       1,024         0  1.20 ms  3.30 ms   97/88%\n"));
    cr_assert(eq(sz, strlen(NAMES_TLS), strlen(NAMES_BOTH)));
    free(text);
}

Test(live, a_second_without_a_tls_handshake_has_a_dash_and_keeps_the_columns)
{
    struct result_interval stuck = secure_second;
    char *text;

    stuck.tls_handshakes = 0;
    stuck.tls_hps = 0;
    stuck.latency[LAT_tls].count = 0;
    text = rows_of_tls((struct result_interval[]){stuck, secure_second}, 2);
    cr_assert(eq(str, text,
                 NAMES_TLS
                 "    3.0 s      0/s       1,024         0  1.20 ms        -   97/88%\n"
                 "    3.0 s  5.40k/s       1,024         0  1.20 ms  3.30 ms   97/88%\n"));
    free(text);
}

Test(live, failures_are_red_on_a_terminal_and_plain_elsewhere)
{
    struct result_interval i = busy_second;
    char *text;

    i.failed = 1500;
    text = rows(&i, 1, true);
    cr_assert(
        eq(str, text,
           NAMES_BOTH
           "    3.0 s  3.42M/s       1,024 \x1b[31m    1,500\x1b[0m   812 us  1.20 ms   97/88%\n"));
    free(text);
    text = rows(&i, 1, false);
    cr_assert(eq(ptr, strchr(text, '\x1b'), NULL));
    free(text);
}

Test(live, a_terminal_without_colour_has_none)
{
    struct result_interval i = busy_second;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;

    i.failed = 1500;
    live_init(&l, out, true, false);
    live_row(&l, &i);
    fclose(out);
    cr_assert(eq(ptr, strchr(text, '\x1b'), NULL));
    free(text);
}

Test(live, nothing_is_red_while_nothing_fails)
{
    char *text = rows(&busy_second, 3, true);

    cr_assert(eq(ptr, strchr(text, '\x1b'), NULL));
    free(text);
}

Test(live, names_come_again_on_a_terminal_and_once_in_a_file)
{
    char *text = rows(&busy_second, 41, true);

    cr_assert(eq(u32, count_of(text, "conn p50"), 3));
    free(text);
    text = rows(&busy_second, 41, false);
    cr_assert(eq(u32, count_of(text, "conn p50"), 1));
    cr_assert(eq(u32, count_of(text, "\n"), 42));
    free(text);
}

Test(live, a_closed_terminal_does_not_end_the_run)
{
    FILE *out = fopen("/dev/full", "w");
    struct live l;

    live_init(&l, out, true, true);
    live_row(&l, &busy_second);
    live_row(&l, &busy_second);
    cr_assert(eq(u32, l.n_rows, 2));
    fclose(out);
}

/* As many columns as there can be, with values as long as they get. */
Test(live, whatever_a_run_does_a_row_fits_a_terminal)
{
    for (unsigned roles = 1; roles <= 3; roles++)
        for (unsigned what = 0; what < 8; what++) {
            struct conf conf = {.n_classes = 1};
            struct result_interval i = {.t_s = 86399.9,
                                        .open = 99999999,
                                        .failed = 9999999,
                                        .cps = 9990000,
                                        .tls_hps = 99900,
                                        .rx_payload_bps = 9.99e10,
                                        .tx_payload_bps = 9.99e10,
                                        .has_role = {(roles & 1) != 0, (roles & 2) != 0},
                                        .busy = {1, 1}};
            char *text;

            conf.classes[0].is_tls = (what & 1) != 0;
            conf.classes[0].send_bytes = (what & 2) != 0;
            conf.classes[0].receive_bytes = (what & 4) != 0;
            for (unsigned row = 0; row < LAT_COUNT; row++)
                i.latency[row] = (struct result_latency)LATENCY(1, 999000000, 999000000);
            text = rows_of(&conf, &i, 1);
            cr_expect(le(u32, longest_line(text), 80), "%s", text);
            free(text);
        }
}

Test(live, a_phase_is_named_with_its_first_row)
{
    static struct conf conf;
    struct result_interval i = {.t_s = 1.002, .has_role = {true, false}};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct live l;

    conf.n_classes = 1;
    conf.ramp_up_ns = 2 * NS_PER_SEC;
    conf.duration_ns = 5 * NS_PER_SEC;
    live_init(&l, out, false, false);
    l.conf = &conf;
    for (; i.t_s < 5; i.t_s += 1)
        live_row(&l, &i);
    fclose(out);
    cr_assert(eq(uint, count_of(text, "-- ramp_up --\n"), 1));
    cr_assert(eq(uint, count_of(text, "-- sustain, measured --\n    3.0 s"), 1), "%s", text);
    free(text);
}

extern const struct report_sink sink_live;

Test(live, where_people_see_it_elsewhere_there_are_no_rows)
{
    for (int is_quiet = 0; is_quiet < 2; is_quiet++) {
        const struct conf nothing = {0};
        char *text = NULL;
        size_t length;
        struct sink_opts o = {.conf = &nothing, .is_quiet = is_quiet};
        struct fail f;
        void *state;

        o.out = open_memstream(&text, &length);
        cr_assert(zero(int, sink_live.open(&state, &o, &f)));
        sink_live.second(state, &silent);
        sink_live.close(state);
        fclose(o.out);
        cr_assert(eq(int, text[0] == '\0', is_quiet));
        free(text);
    }
}
