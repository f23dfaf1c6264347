/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a run's figures can be read, or are sent to, while it goes on: --metrics and --otlp. Pure;
 * no name is resolved. */
#pragma once

#include <stdint.h>

#include "conf/value.h"

/* Where a server listens. */
struct conf_listen {
    struct ip_addr addr; /* one of this host's, or 0.0.0.0 or ::, which are all of them */
    uint16_t port;       /* 0: one that is free */
};

/**
 * Read "ADDRESS:PORT", "[ADDRESS]:PORT" of IPv6, or "PORT", which is one of 127.0.0.1.
 *
 * @return 0, or -1 with @why set: a sentence that begins with the text
 */
int conf_listen_parse(const char *text, struct conf_listen *l, struct value_why *why);

/** The same as a check of an option. */
int conf_check_listen(const char *text, struct value_why *why);

/** Whether @text is "http://HOST..." or "https://HOST...", without credentials, which a result
 * would show. @return 0, or -1 with @why set. */
int conf_check_otlp(const char *text, struct value_why *why);
