/* SPDX-License-Identifier: BSD-3-Clause */
/* See sessions.h. */
#include "tls/sessions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
tls_sessions_init(struct tls_sessions *s, unsigned n_peers)
{
    *s = (struct tls_sessions){.n_peers = n_peers};
    if (n_peers == 0)
        return 0;
    s->peers = calloc(n_peers, sizeof(s->peers[0]));
    return s->peers == NULL ? -1 : 0;
}

void
tls_sessions_fini(struct tls_sessions *s)
{
    for (unsigned i = 0; i < s->n_peers; i++) {
        for (unsigned k = 0; k < s->peers[i].n; k++)
            SSL_SESSION_free(s->peers[i].kept[k]);
    }
    free(s->peers);
    *s = (struct tls_sessions){0};
}

static void
drop_oldest(struct tls_peer_sessions *p)
{
    SSL_SESSION_free(p->kept[0]);
    p->n--;
    memmove(p->kept, p->kept + 1, p->n * sizeof(p->kept[0]));
}

void
tls_sessions_keep(struct tls_sessions *s, unsigned peer, SSL_SESSION *session)
{
    struct tls_peer_sessions *p = &s->peers[peer];

    assert(peer < s->n_peers);

    if (p->n == TLS_SESSIONS_KEPT)
        drop_oldest(p);
    p->kept[p->n++] = session;
}

SSL_SESSION *
tls_sessions_take(struct tls_sessions *s, unsigned peer)
{
    struct tls_peer_sessions *p = &s->peers[peer];
    SSL_SESSION *newest;

    assert(peer < s->n_peers);

    /* What the other side has refused, or an alert has spoilt, OpenSSL marks so. */
    while (p->n > 0 && !SSL_SESSION_is_resumable(p->kept[p->n - 1]))
        SSL_SESSION_free(p->kept[--p->n]);
    if (p->n == 0)
        return NULL;
    newest = p->kept[p->n - 1];
    if (SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION)
        return SSL_SESSION_up_ref(newest) == 1 ? newest : NULL;
    if (p->n == 1) /* a copy: OpenSSL marks what it has resumed as used up */
        return SSL_SESSION_dup(newest);
    p->n--;
    return newest;
}
