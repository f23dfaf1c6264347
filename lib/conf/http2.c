/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h. */
#include "conf/http2.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "conf/options.h"
#include "proto/registry.h"

bool
conf_is_http2(const struct proto_ops *proto)
{
    return strcmp(proto->name, "http2") == 0;
}

bool
conf_speaks_http2(const struct conf *c, unsigned class_idx)
{
    const struct conf_class *k = &c->classes[class_idx];

    return conf_is_http2(k->proto) || (c->command == CONF_SERVE && k->proto->has_path);
}

/* Options that say nothing to HTTP/1.1; a default that is written out says nothing at all. */
static int
check_unused(const struct conf *c, unsigned class_idx, struct fail *f)
{
    static const int rows[] = {OPTION_STREAMS, OPTION_H2_WINDOW, OPTION_H2_CONNECTION_WINDOW};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
        if (option_is_given(c, class_idx, rows[i]) && !option_is_default(c, class_idx, rows[i]))
            return fail_set(f, EXIT_USAGE,
                            "%s: without HTTP/2 it would be ignored; write the target as "
                            "h2c://ADDRESS/ or h2://ADDRESS/",
                            conf_options[rows[i]].name);
    return 0;
}

static bool
offers_h2(const char *alpn)
{
    for (const char *p = alpn; p != NULL; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, "h2", 2) == 0 && (p[2] == ',' || p[2] == '\0'))
            return true;
    }
    return false;
}

int
conf_finish_http2(const struct conf *c, unsigned class_idx, struct fail *f)
{
    const struct conf_class *k = &c->classes[class_idx];
    uint64_t at_once = u64_max(k->http.streams, k->http.pipeline);

    if (!conf_speaks_http2(c, class_idx) && check_unused(c, class_idx, f) < 0)
        return -1;
    if (conf_is_http2(k->proto) && k->given[OPTION_PIPELINE] &&
        !option_is_default(c, class_idx, OPTION_PIPELINE))
        return fail_set(f, EXIT_USAGE,
                        "--pipeline: requests follow each other over HTTP/1.1 only; give "
                        "--streams %" PRIu64 " for as many at once over HTTP/2",
                        k->http.pipeline);
    if (at_once > 1 && k->think_ns > 0)
        return fail_set(f, EXIT_USAGE,
                        "--think: it is the time from one request to the next, and %s %" PRIu64
                        " has several under way; leave one of the two out",
                        conf_is_http2(k->proto) ? "--streams" : "--pipeline", at_once);
    if (conf_is_http2(k->proto) && k->is_tls && k->tls.alpn[0] != '\0' && !offers_h2(k->tls.alpn))
        return fail_set(f, EXIT_USAGE,
                        "--alpn: '%.100s' does not offer h2, without which no server speaks HTTP/2 "
                        "over TLS; leave the option out, or put h2 into it",
                        k->tls.alpn);
    return 0;
}
