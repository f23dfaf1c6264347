/* SPDX-License-Identifier: BSD-3-Clause */
/* See exchanges.h. */
#include "conf/exchanges.h"

#include "conf/options.h"

/* A rate of exchanges, and a number of them in all. */
static int
check_paced(const struct conf *c, const struct conf_class *k, struct fail *f)
{
    bool has_payload = k->send_bytes > 0 || k->receive_bytes > 0;

    if (c->requests_total > 0 && !has_payload && !k->proto->has_path)
        return fail_set(f, EXIT_USAGE,
                        "--requests-total: there are no exchanges to count; give --send or "
                        "--receive, or an http:// URL");
    if (c->request_rate_milli > 0 && k->send_bytes == 0 && !k->proto->has_path)
        return fail_set(f, EXIT_USAGE,
                        "--request-rate: without --send nothing tells the target that an exchange "
                        "has begun; give it, or an http:// URL");
    if (c->request_rate_milli > 0 && conf_is_open_loop(c))
        return fail_set(f, EXIT_USAGE,
                        "%s: with --request-rate connections begin as requests need them; leave "
                        "one of the two out",
                        c->rate_milli > 0 ? "--rate" : "--shape");
    if (c->requests_total > 0 && k->close == CLOSE_PEER && k->requests != 1)
        return fail_set(f, EXIT_USAGE,
                        "--close peer: with -n the last request of a connection is not known to be "
                        "that, so that the peer cannot be told to close; give --requests 1");
    return 0;
}

/* Several exchanges, and the time between them, need something to exchange. */
static int
check_requests(const struct conf *c, const struct conf_class *k, struct fail *f)
{
    bool is_serve = c->command == CONF_SERVE;
    bool has_payload = is_serve ? k->answer_bytes > 0 : k->send_bytes > 0 || k->receive_bytes > 0;

    if (k->echo && k->given[OPTION_REQUESTS] && k->requests != 1)
        return fail_set(f, EXIT_USAGE,
                        "--requests: an echo sends back all that comes; leave it out");
    if (k->requests != 1 && !has_payload && !k->proto->has_path)
        return fail_set(f, EXIT_USAGE, "--requests: there is no payload to exchange; give %s",
                        is_serve ? "--bytes" : "--send or --receive");
    if (k->requests == 0 && is_serve && k->answer_after == 0 && !k->proto->has_path)
        return fail_set(f, EXIT_USAGE,
                        "--requests: 0 is one response for each --after bytes that have come; give "
                        "--after too");
    if (k->think_ns > 0 && k->requests == 1)
        return fail_set(f, EXIT_USAGE,
                        "--think: between the exchanges of a connection, of which there is one; "
                        "give --requests");
    return 0;
}

static int
check_payload(const struct conf_class *k, struct fail *f)
{
    char text[VALUE_TEXT_MAX];

    if (k->echo && k->answer_bytes > 0)
        return fail_set(f, EXIT_USAGE,
                        "--echo: received bytes are sent back, so --bytes %s cannot be the "
                        "response as well; leave one of the two out",
                        value_format_size(k->answer_bytes, text));
    if (k->echo && k->answer_after > 0)
        return fail_set(
            f, EXIT_USAGE,
            "--echo: received bytes are sent back at once, not after --after %s; leave one "
            "of the two out",
            value_format_size(k->answer_after, text));
    if (k->answer_after > 0 && k->answer_bytes == 0)
        return fail_set(f, EXIT_USAGE,
                        "--after: once %s are received there is nothing to send; give --bytes, "
                        "or leave it out",
                        value_format_size(k->answer_after, text));
    return 0;
}

/* Who answers on loopback is this program, which expects none. */
static int
check_proxy(const struct conf *c, const struct conf_class *k, struct fail *f)
{
    if (k->proxy == PROXY_NONE)
        return 0;
    if (c->is_loopback)
        return fail_set(
            f, EXIT_USAGE,
            "--proxy-protocol: on loopback nobody reads it; give --device, and a target "
            "behind a proxy, or leave it out");
    return 0;
}

int
conf_check_exchanges(const struct conf *c, const struct conf_class *k, struct fail *f)
{
    if (check_payload(k, f) < 0 || check_paced(c, k, f) < 0 || check_proxy(c, k, f) < 0)
        return -1;
    return check_requests(c, k, f);
}
