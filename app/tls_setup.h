/* SPDX-License-Identifier: BSD-3-Clause */
/* From what the user asked of TLS in a class to what each side is told: names, targets, a
 * certificate made at start, and one secret for the tickets of all workers. Control thread, before
 * the workers run. */
#pragma once

#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "conf/sni_file.h"
#include "tls/certs.h"
#include "tls/identity.h"
#include "tls/lanes.h"
#include "tls/opts.h"

struct tls_setup {
    const struct conf *conf;
    const struct conf_class *class;
    unsigned first_target; /* of the class, in conf; the others follow it */
    unsigned n_targets;
    struct tls_certs certs; /* n 0: there are none */
    uint8_t *staple;        /* an OCSP response; NULL: there is none */
    size_t staple_len;
    struct tls_identity identity; /* key NULL: none was made */
    struct tls_target targets[CONF_TARGETS_MAX];
    char addresses[CONF_TARGETS_MAX][IP_TEXT_MAX];
    char sni[CONF_TEXT_MAX]; /* cut into names */
    const char *names[TLS_SNI_MAX];
    unsigned n_names;
    struct sni_file sni_file; /* names instead of these; n 0: there is none */
    uint8_t ticket_secret[TLS_TICKET_SECRET];
};

/**
 * Work it out for a class of @conf that speaks TLS, and try it: what OpenSSL does not take (a
 * cipher, a file) is found here. @return 0, or -1 with @f set, nothing left.
 */
int tls_setup_init(struct tls_setup *s, const struct conf *conf, unsigned class_idx,
                   struct fail *f);
void tls_setup_fini(struct tls_setup *s);

/**
 * Find out what a handshake of @k takes of memory on each side, OpenSSL's, and the pages of rings
 * that its bytes lie in; and what its flights are. On loopback the other side is the one there is;
 * of a target only its versions are known, so it is given a certificate of our own; what a side
 * takes that is not ours is of no use. 0: not known.
 */
void tls_setup_measure(const struct tls_setup *s, struct conf_class *k);

/* What computes, and what the result calls it. */
struct tls_computing {
    const struct lanes *lanes; /* of each worker's batch; NULL: handshakes do not wait */
    const char *provider;
};

/** How the workers of @conf compute. @return 0, or -1 with @f set: --tls-batch on cannot be. */
int tls_setup_computing(const struct conf *conf, struct tls_computing *c, struct fail *f);

/** Fill in the options of one side; they refer to @s and its conf. */
void tls_setup_opts(const struct tls_setup *s, enum role role, struct tls_opts *o);
