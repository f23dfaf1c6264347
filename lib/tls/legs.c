/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/legs.h"

#include <string.h>

const char *const tls_leg_names[TLS_LEGS] = {"hello", "flight", "finish"};

/* RFC 8446 4, RFC 5246 7.4 */
enum message_type { CLIENT_HELLO = 1, SERVER_HELLO = 2, SERVER_HELLO_DONE = 14, FINISHED = 20 };

/* Type and length; then, of either hello, the version. */
enum { HEADER = 4, VERSION = 2, RANDOM = 32, RANDOM_AT = HEADER + VERSION };

enum { EXTENSION_KEY_SHARE = 51 };

/* SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3). */
static const uint8_t RETRY_RANDOM[RANDOM] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* What is left of a message to read. */
struct rest {
    const uint8_t *bytes;
    size_t len;
};

/* A number of @n bytes; 0 where they are not there: then nothing else is, either. */
static uint32_t
take_number(struct rest *r, unsigned n)
{
    uint32_t number = 0;

    if (r->len < n) {
        r->len = 0;
        return 0;
    }
    for (unsigned i = 0; i < n; i++)
        number = number << 8 | r->bytes[i];
    r->bytes += n;
    r->len -= n;
    return number;
}

/* A vector whose length is a number of @n bytes (RFC 8446 3.4). */
static struct rest
take_vector(struct rest *r, unsigned n)
{
    size_t len = take_number(r, n);
    struct rest v = {r->bytes, len <= r->len ? len : r->len};

    r->bytes += v.len;
    r->len -= v.len;
    return v;
}

static uint8_t
count_shares(struct rest extension)
{
    struct rest shares = take_vector(&extension, 2);
    uint8_t n = 0;

    while (shares.len > 0) {
        (void)take_number(&shares, 2); /* the group */
        (void)take_vector(&shares, 2);
        n++;
    }
    return n;
}

/* RFC 8446 4.1.2: session id, cipher suites, compression methods, extensions. */
static uint8_t
shares_of(const uint8_t *hello, size_t len)
{
    struct rest r = {hello + RANDOM_AT + RANDOM, len - RANDOM_AT - RANDOM}, extensions;

    (void)take_vector(&r, 1);
    (void)take_vector(&r, 2);
    (void)take_vector(&r, 1);
    extensions = take_vector(&r, 2);
    while (extensions.len > 0) {
        uint32_t type = take_number(&extensions, 2);
        struct rest body = take_vector(&extensions, 2);

        if (type == EXTENSION_KEY_SHARE)
            return count_shares(body);
    }
    return 0;
}

static void
begin(struct tls_legs *l, enum tls_leg leg, uint64_t now_ns)
{
    if (l->began_ns[leg] == 0)
        l->began_ns[leg] = now_ns;
}

void
tls_legs_message(struct tls_legs *l, const uint8_t *message, size_t len, uint64_t now_ns)
{
    bool is_hello = len >= RANDOM_AT + RANDOM;

    if (len < HEADER)
        return;
    switch (message[0]) {
    case CLIENT_HELLO:
        begin(l, TLS_LEG_HELLO, now_ns);
        l->n_shares = is_hello ? shares_of(message, len) : 0;
        break;
    case SERVER_HELLO:
        if (is_hello && memcmp(message + RANDOM_AT, RETRY_RANDOM, RANDOM) == 0)
            l->has_retried = true;
        else
            begin(l, TLS_LEG_FLIGHT, now_ns);
        break;
    case SERVER_HELLO_DONE:
    case FINISHED: /* the first is the server's, but for whole handshakes of TLS 1.2 */
        begin(l, TLS_LEG_FINISH, now_ns);
        break;
    default:
        break;
    }
}

enum tls_leg
tls_legs_now(const struct tls_legs *l)
{
    enum tls_leg leg = TLS_LEG_FINISH;

    while (leg > TLS_LEG_HELLO && l->began_ns[leg] == 0)
        leg--;
    return leg;
}

uint64_t
tls_legs_ns(const struct tls_legs *l, enum tls_leg leg, uint64_t done_ns)
{
    uint64_t end_ns = leg == TLS_LEG_FINISH ? done_ns : l->began_ns[leg + 1];

    return l->began_ns[leg] == 0 || end_ns < l->began_ns[leg] ? 0 : end_ns - l->began_ns[leg];
}
