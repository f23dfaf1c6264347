/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/monitoring.h"

#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

static struct value_why why;

struct listen_row {
    char text[64];
    char addr[IP_TEXT_MAX]; /* "": it is refused */
    uint16_t port;
};

static struct listen_row listen_rows[] = {
    {"9464", "127.0.0.1", 9464},
    {"0", "127.0.0.1", 0},
    {"127.0.0.2:80", "127.0.0.2", 80},
    {"0.0.0.0:65535", "0.0.0.0", 65535},
    {"[::1]:9464", "::1", 9464},
    {"[::]:1", "::", 1},
    {"", "", 0},
    {":80", "", 0},
    {"65536", "", 0},
    {"80x", "", 0},
    {"-1", "", 0},
    {"127.0.0.1", "", 0},
    {"127.0.0.1:", "", 0},
    {"::1:80", "", 0},
    {"2001:2::9464", "", 0},
    {"[::1]", "", 0},
    {"[127.0.0.1]:80", "", 0},
    {"localhost:80", "", 0},
    {"127.0.0.1:080000", "", 0},
    {"[::1]:9464 ", "", 0},
};

ParameterizedTestParameters(monitoring, an_address_to_listen_at_is_read)
{
    return cr_make_param_array(struct listen_row, listen_rows,
                               sizeof(listen_rows) / sizeof(listen_rows[0]));
}

ParameterizedTest(struct listen_row *row, monitoring, an_address_to_listen_at_is_read)
{
    struct conf_listen l;
    char text[IP_TEXT_MAX];
    int err = conf_listen_parse(row->text, &l, &why);

    cr_assert(eq(int, err, row->addr[0] == '\0' ? -1 : 0), "%s", row->text);
    cr_assert(eq(int, conf_check_listen(row->text, &why), err));
    if (err != 0)
        return;
    cr_assert(eq(str, (char *)ip_format(&l.addr, text), row->addr));
    cr_assert(eq(u16, l.port, row->port));
}

static char good[][64] = {"http://127.0.0.1:4318", "https://collector/", "HTTP://x/v1/metrics?a=b",
                          "http://[::1]:4318", "http://x/a@b"};

ParameterizedTestParameters(monitoring, a_collector_is_a_url_of_http)
{
    return cr_make_param_array(char[64], good, sizeof(good) / sizeof(good[0]));
}

ParameterizedTest(char *text, monitoring, a_collector_is_a_url_of_http)
{
    cr_assert(zero(int, conf_check_otlp(text, &why)), "%s", text);
}

static char bad[][64] = {
    "",           "127.0.0.1:4318", "grpc://x",    "file:///etc/passwd", "http://",
    "http:///v1", "http://a b",     "http://x/\n", "http://u:p@x",       "https://token@x:1/"};

ParameterizedTestParameters(monitoring, anything_else_is_refused)
{
    return cr_make_param_array(char[64], bad, sizeof(bad) / sizeof(bad[0]));
}

ParameterizedTest(char *text, monitoring, anything_else_is_refused)
{
    cr_assert(eq(int, conf_check_otlp(text, &why), -1), "%s", text);
}

Test(monitoring, credentials_are_not_shown_in_the_refusal)
{
    cr_assert(eq(int, conf_check_otlp("http://user:pass@x", &why), -1));
    cr_assert_null(strstr(why.text, "pass@"));
}
