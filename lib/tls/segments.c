/* SPDX-License-Identifier: BSD-3-Clause */
/* See conn.h: the BIO through which OpenSSL reads received segments and writes the send ring, both
 * where they lie. */
#include <string.h>

#include "base/units.h"
#include "tls/conn.h"

static int
read_segments(BIO *bio, char *into, size_t n, size_t *got)
{
    struct tls_conn *c = BIO_get_data(bio);
    struct tls_wire *w = c->wire;
    uint32_t at = w->taken;
    size_t first = at < w->in_len[0] ? u64_min(n, w->in_len[0] - at) : 0, second;

    BIO_clear_retry_flags(bio);
    if (first > 0)
        memcpy(into, w->in[0] + at, first);
    at = at + (uint32_t)first - w->in_len[0]; /* in the second stretch, once the first is taken */
    second = w->taken + first >= w->in_len[0] ? u64_min(n - first, w->in_len[1] - at) : 0;
    if (second > 0)
        memcpy(into + first, w->in[1] + at, second);
    *got = first + second;
    w->taken += (uint32_t)*got;
    if (*got == 0) /* at the end, too: of that OpenSSL would write an alert to one who has left */
        BIO_set_retry_read(bio);
    return *got > 0;
}

static int
write_segments(BIO *bio, const char *from, size_t n, size_t *put)
{
    struct tls_conn *c = BIO_get_data(bio);
    struct tls_wire *w = c->wire;
    uint32_t at = w->written;
    size_t first = at < w->out_room[0] ? u64_min(n, w->out_room[0] - at) : 0, second;

    BIO_clear_retry_flags(bio);
    if (first > 0)
        memcpy(w->out[0] + at, from, first);
    at = at + (uint32_t)first - w->out_room[0];
    second = w->written + first >= w->out_room[0] ? u64_min(n - first, w->out_room[1] - at) : 0;
    if (second > 0)
        memcpy(w->out[1] + at, from + first, second);
    *put = first + second;
    w->written += (uint32_t)*put;
    if (*put == 0)
        BIO_set_retry_write(bio);
    return *put > 0;
}

static long
control_segments(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *
tls_segments_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "segments");

    if (m == NULL)
        return NULL;
    BIO_meth_set_read_ex(m, read_segments);
    BIO_meth_set_write_ex(m, write_segments);
    BIO_meth_set_ctrl(m, control_segments);
    return m;
}
