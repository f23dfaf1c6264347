/* SPDX-License-Identifier: BSD-3-Clause */
/* Target URLs. Schemes and their default ports are those of lib/proto. Pure: a host name is only
 * taken apart here; conf/resolve.h looks it up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/value.h"
#include "proto/proto.h"
#include "wire/addr.h"

#define URL_HOST_MAX 254 /* RFC 1035 2.3.4, and its NUL */

struct url {
    const struct proto_ops *proto; /* what the scheme names, and */
    bool is_tls;                   /* whether over TLS */
    char host[URL_HOST_MAX];       /* without brackets */
    bool is_numeric;               /* @addr is the host */
    struct ip_addr addr;
    uint16_t port;
    const char *path; /* in the text, with the query; NULL: there is none */
};

/** Whether @host can be a host's name: nothing that a resolver might take for an address. */
bool url_is_name(const char *host);

/* Room for the forms of all schemes. */
#define URL_FORMS_MAX 192

/** "tcp://ADDRESS:PORT or tls://ADDRESS[:PORT]", of all protocols. @buf is also returned. */
const char *url_forms(char buf[static URL_FORMS_MAX]);

/** The form of one scheme, "tls://ADDRESS[:PORT]". @buf is also returned. */
const char *url_form(const struct proto_ops *proto, bool is_tls, char buf[static URL_FORMS_MAX]);

/**
 * Take "SCHEME://HOST:PORT" apart, where SCHEME is that of a protocol (lib/proto), and the port may
 * be left out if it has a default. An IPv6 address stands in brackets. Where the protocol has them
 * a path and a query may follow.
 *
 * @return 0, or -1 with @why saying what was found and what is allowed, a sentence that begins with
 *         the text itself
 */
int url_parse(const char *text, struct url *url, struct value_why *why);

/** Make the target that @text, taken apart as @url, stands for. A host name has no address yet. */
void url_target(const char *text, const struct url *url, struct conf_target *t);

/** Add a target of class @class_idx. @return 0, or -1 with @why set: there are too many, or @text
 * is none */
int url_add(struct conf *c, const char *text, unsigned class_idx, struct value_why *why);
