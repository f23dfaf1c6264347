/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/class_protocols.h"

#include <stdio.h>
#include <sys/prctl.h>

#include "base/console.h"
#include "tls/keylog.h"
#include "tls/mem.h"

static void
fini_tls(struct class_protocols *p, const struct conf *conf)
{
    for (unsigned i = 0; i < conf->n_classes; i++)
        tls_setup_fini(&p->tls[i]);
}

static void
fini_http(struct class_protocols *p, const struct conf *conf)
{
    for (unsigned i = 0; i < conf->n_classes; i++)
        http_setup_fini(&p->http[i]);
}

static int
prepare_http(struct class_protocols *p, const struct conf *conf, struct fail *f)
{
    for (unsigned i = 0; i < conf->n_classes; i++) {
        if (conf->classes[i].proto->has_path && http_setup_init(&p->http[i], conf, i, f) < 0) {
            fini_http(p, conf);
            return -1;
        }
    }
    return 0;
}

/* A dump of this process's memory, or a debugger of the same user, would show the keys. */
static void
guard_secrets(const struct conf_tls *t, bool has_pcap)
{
    if (t->key[0] == '\0' && t->cert[0] == '\0' && t->certs[0] == '\0' && t->keylog[0] == '\0' &&
        !has_pcap)
        return;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (t->keylog[0] != '\0' && tls_keylog_is_public(t->keylog))
        fprintf(console_stream(),
                "shakedown: warning: others may read the keys in --keylog %s: chmod 600 it\n",
                t->keylog);
}

static int
prepare_tls(struct class_protocols *p, struct conf *conf, struct fail *f)
{
    if (!conf_is_tls(conf))
        return 0;
    for (unsigned i = 0; i < conf->n_classes; i++)
        if (conf->classes[i].is_tls)
            guard_secrets(&conf->classes[i].tls, conf->pcap[0] != '\0');
    (void)tls_mem_install(); /* without, OpenSSL's memory is malloc()'s, and not counted */
    if (tls_setup_computing(conf, &p->computing, f) < 0)
        return -1;
    for (unsigned i = 0; i < conf->n_classes; i++) {
        if (conf->classes[i].is_tls && tls_setup_init(&p->tls[i], conf, i, f) < 0) {
            fini_tls(p, conf);
            return -1;
        }
        if (conf->classes[i].is_tls && conf->command != CONF_SERVE)
            tls_setup_measure(&p->tls[i], &conf->classes[i]);
    }
    return 0;
}

int
class_protocols_init(struct class_protocols *p, struct conf *conf, struct fail *f)
{
    if (prepare_http(p, conf, f) < 0)
        return -1;
    if (prepare_tls(p, conf, f) == 0)
        return 0;
    fini_http(p, conf);
    return -1;
}

void
class_protocols_fini(struct class_protocols *p, const struct conf *conf)
{
    fini_tls(p, conf);
    fini_http(p, conf);
}
