/* SPDX-License-Identifier: BSD-3-Clause */
/* See http.h. */
#include "conf/http.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/options.h"
#include "proto/http_request.h"

int
conf_check_method(const char *text, struct value_why *why)
{
    if (!http_is_token(text, strlen(text)))
        return value_refuse(why,
                            "'%.60s' is not a method; write a word without spaces, e.g. GET, HEAD "
                            "or POST",
                            text);
    if (strcmp(text, "CONNECT") == 0)
        return value_refuse(why, "CONNECT makes a tunnel, which this program does not speak "
                                 "through; write another method, e.g. GET");
    return 0;
}

int
conf_check_field(const char *text, struct value_why *why)
{
    static const char FORM[] = "write 'Name: value', 'Name:' to send none, or 'Name;' to send it "
                               "empty";
    size_t name = strcspn(text, ":;");

    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' ? *p != '\t' : *p == 0x7f)
            return value_refuse(why,
                                "'%.*s...' has a line break or another control character in it; "
                                "give --header once for each field",
                                (int)(p - text > 60 ? 60 : p - text), text);
    if (text[name] == '\0' || !http_is_token(text, name) ||
        (text[name] == ';' && text[name + 1] != '\0'))
        return value_refuse(why, "'%.60s' is not a header field; %s", text, FORM);
    return 0;
}

static int
check_unused(const struct conf *c, unsigned class_idx, struct fail *f)
{
    int row = option_first_set(c, class_idx, GROUP_HTTP);

    if (row < 0)
        return 0;
    return fail_set(
        f, EXIT_USAGE, "%s: without HTTP it would be ignored; %s", conf_options[row].name,
        c->command == CONF_SERVE ? "give --http too"
                                 : "write the target as http://ADDRESS/ or https://ADDRESS/");
}

/* Payload that nobody cares for, and what answers it, have no place beside requests. */
static int
check_payload(const struct conf_class *k, struct fail *f)
{
    if (k->send_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--send: requests are what is sent over HTTP; give --body for one with a "
                        "body");
    if (k->receive_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--receive: over HTTP the response says how long it is; leave it out");
    if (k->echo)
        return fail_set(f, EXIT_USAGE,
                        "--echo: with --http requests are answered; leave one of the two out");
    if (k->answer_after > 0)
        return fail_set(f, EXIT_USAGE,
                        "--after: with --http an answer follows its request; leave it out");
    return 0;
}

int
conf_finish_http(struct conf *c, unsigned class_idx, struct fail *f)
{
    struct conf_class *k = &c->classes[class_idx];

    if (!k->proto->has_path)
        return check_unused(c, class_idx, f);
    if (check_payload(k, f) < 0)
        return -1;
    if (!k->given[OPTION_REQUESTS])
        k->requests = c->command == CONF_SERVE || !conf_is_open_loop(c) ? 0 : 1;
    if (k->close == CLOSE_PEER && k->requests == 0 && c->command != CONF_SERVE)
        return fail_set(f, EXIT_USAGE,
                        "--close peer: the server is asked to close with the last request, and "
                        "without --rate there is none; give --requests");
    if (k->http.body[0] != '\0' && !k->given[OPTION_METHOD])
        snprintf(k->http.method, sizeof(k->http.method), "POST");
    k->http.opts = (struct http_opts){.expect_first = k->http.expect.first,
                                      .expect_last = k->http.expect.last,
                                      .asks_to_close = k->close == CLOSE_PEER,
                                      .index_bytes = k->answer_bytes,
                                      .requests_per_conn = (uint32_t)k->http.keepalive_requests};
    return 0;
}
