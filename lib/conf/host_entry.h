/* SPDX-License-Identifier: BSD-3-Clause */
/* An address for a host's name, from the command line and not from the resolver:
 * "NAME:PORT:ADDRESS", as curl has it. Pure. */
#pragma once

#include "conf/url.h"

struct host_entry {
    char name[URL_HOST_MAX];
    uint16_t port;
    struct ip_addr addr; /* unicast */
};

/** Read one; an IPv6 address may stand in brackets. @return 0, or -1 with @why set: a sentence that
 * begins with the text. */
int host_entry_parse(const char *text, struct host_entry *e, struct value_why *why);

/** The same as a check of an option. */
int conf_check_host_entry(const char *text, struct value_why *why);
