/* SPDX-License-Identifier: BSD-3-Clause */
/* See resolve.h. */
#include "conf/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "conf/host_entry.h"
#include "conf/url.h"

static bool
take_address(const struct addrinfo *ai, struct ip_addr *a)
{
    if (ai->ai_family == AF_INET) {
        struct sockaddr_in sin;

        memcpy(&sin, ai->ai_addr, sizeof(sin));
        *a = ip_from_v4_bytes((const uint8_t *)&sin.sin_addr);
        return true;
    }
    if (ai->ai_family == AF_INET6) {
        struct sockaddr_in6 sin6;

        memcpy(&sin6, ai->ai_addr, sizeof(sin6));
        *a = ip_from_v6_bytes((const uint8_t *)&sin6.sin6_addr);
        return true;
    }
    return false;
}

unsigned
resolve_host(const char *host, struct ip_addr out[static RESOLVE_ADDRESSES_MAX], const char **why)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    unsigned n = 0;
    int err = getaddrinfo(host, NULL, &hints, &list);

    if (err != 0) {
        *why = gai_strerror(err);
        return 0;
    }
    *why = "it has no IP address";
    for (const struct addrinfo *ai = list; ai != NULL && n < RESOLVE_ADDRESSES_MAX;
         ai = ai->ai_next)
        n += take_address(ai, &out[n]);
    freeaddrinfo(list);
    return n;
}

static struct ip_addr
choose(const struct conf *c, const struct ip_addr *found, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (conf_has_local(c, found[i].is_v6))
            return found[i];
    return found[0];
}

/* The next of the entries that the user gave, which are valid. @return false: there is none. */
static bool
next_entry(const char **line, struct host_entry *e)
{
    char text[CONF_TEXT_MAX];
    size_t len = strcspn(*line, "\n");
    struct value_why why;

    if (**line == '\0' || len >= sizeof(text))
        return false;
    memcpy(text, *line, len);
    text[len] = '\0';
    *line += len + 1;
    return host_entry_parse(text, e, &why) == 0;
}

static bool
is_of(const struct host_entry *e, const struct conf_target *t)
{
    return e->port == t->port && strcasecmp(e->name, t->host) == 0;
}

/* The addresses that the user gave for @t. */
static unsigned
given_addresses(const struct conf *c, const struct conf_target *t,
                struct ip_addr out[static RESOLVE_ADDRESSES_MAX])
{
    const char *line = c->resolve;
    struct host_entry e;
    unsigned n = 0;

    while (n < RESOLVE_ADDRESSES_MAX && next_entry(&line, &e))
        if (is_of(&e, t))
            out[n++] = e.addr;
    return n;
}

/* One that no target asks for is taken for a slip. */
static int
check_given(const struct conf *c, struct fail *f)
{
    const char *line = c->resolve;
    struct host_entry e;

    while (next_entry(&line, &e)) {
        bool is_used = false;

        for (unsigned i = 0; i < c->n_targets && !is_used; i++)
            is_used = is_of(&e, &c->targets[i]);
        if (!is_used)
            return fail_set(
                f, EXIT_USAGE,
                "--resolve: no URL has the host name %s and port %u; give one, or leave "
                "this out",
                e.name, e.port);
    }
    return 0;
}

int
conf_resolve(struct conf *c, host_lookup *lookup, struct fail *f)
{
    if (check_given(c, f) < 0)
        return -1;
    for (unsigned i = 0; i < c->n_targets; i++) {
        struct conf_target *t = &c->targets[i];
        struct ip_addr found[RESOLVE_ADDRESSES_MAX];
        const char *reason = "";
        struct value_why why;
        struct url url;
        unsigned n;

        if (url_parse(t->url, &url, &why) < 0)
            return fail_set(f, EXIT_USAGE, "%s", why.text);
        if (url.is_numeric)
            continue;
        n = given_addresses(c, t, found);
        if (n == 0)
            n = lookup(url.host, found, &reason);
        if (n == 0)
            return fail_set(
                f, EXIT_USAGE,
                "'%.100s': the host name %s cannot be resolved (%s); give an address, or a "
                "name that this host's resolver knows",
                t->url, url.host, reason);
        t->addr = choose(c, found, n);
    }
    return 0;
}
