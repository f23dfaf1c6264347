/* SPDX-License-Identifier: BSD-3-Clause */
/* Target URLs. Pure: a host name is only taken apart here; conf/resolve.h looks it up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/value.h"
#include "wire/addr.h"

#define URL_HOST_MAX 254 /* RFC 1035 2.3.4, and its NUL */

struct url {
    enum conf_scheme scheme;
    char host[URL_HOST_MAX]; /* without brackets */
    bool is_numeric;         /* @addr is the host */
    struct ip_addr addr;
    uint16_t port;
};

/** Whether @host can be a host's name: nothing that a resolver might take for an address. */
bool url_is_name(const char *host);

/**
 * Take "tcp://HOST:PORT" or "tls://HOST[:PORT]" apart; an IPv6 address stands in brackets.
 *
 * @return 0, or -1 with @why saying what was found and what is allowed, a sentence that begins with
 *         the text itself
 */
int url_parse(const char *text, struct url *url, struct value_why *why);

/** Make the target that @text, taken apart as @url, stands for. A host name has no address yet. */
void url_target(const char *text, const struct url *url, struct conf_target *t);
