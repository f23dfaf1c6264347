/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked of TLS to what each side is told: names, targets, a certificate made at
 * start, and one secret for the tickets of all workers. Control thread, before the workers run. */
#pragma once

#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "tls/identity.h"
#include "tls/opts.h"

struct tls_setup {
    struct tls_identity identity; /* key NULL: none was made */
    struct tls_target targets[CONF_TARGETS_MAX];
    char addresses[CONF_TARGETS_MAX][IP_TEXT_MAX];
    char sni[CONF_TEXT_MAX]; /* cut into names */
    const char *names[TLS_SNI_MAX];
    unsigned n_names;
    uint8_t ticket_secret[TLS_TICKET_SECRET];
};

/**
 * Work it out for all sides of @conf, which speaks TLS, and try it: what OpenSSL does not take (a
 * cipher, a file) is found here. @return 0, or -1 with @f set, nothing left.
 */
int tls_setup_init(struct tls_setup *s, const struct conf *conf, struct fail *f);
void tls_setup_fini(struct tls_setup *s);

/** Fill in the options of one side; they refer to @s and @conf. */
void tls_setup_opts(const struct tls_setup *s, const struct conf *conf, enum role role,
                    struct tls_opts *o);
