/* SPDX-License-Identifier: BSD-3-Clause */
/* What OpenSSL takes for the client's side of a TLS handshake, SSL_new() to SSL_free(): two ends
 * over memory on one core, the server's side and the carrying not counted. This is the limit of
 * what a generator's core can do. The server's certificate is read, not verified.
 *
 *     bench_tls [CASE [HANDSHAKES]]      CASE is the beginning of one's name, "" all
 *
 * Ways to use OpenSSL, in turns, each turn in a process of its own since an allocator is installed
 * only once:
 *
 *   OpenSSL    as it is
 *   mem        with tls/mem.h
 *   lean       with tls/lean.h
 *   both
 *   cleared    both, and one SSL is used again and again with SSL_clear()
 *
 * A turn's figure is the median of its handshakes, so that what other processes took does not
 * count; printed is the median of the turns. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <x86intrin.h>

#include "base/units.h"
#include "median.h"
#include "tls/identity.h"
#include "tls/lean.h"
#include "tls/mem.h"

enum { TURNS = 9, WARM_UP = 50, HANDSHAKES = 200, HANDSHAKES_MAX = 100000 };

static const struct scene {
    const char *name;
    int version;
    const char *key;
    bool resumes;
    size_t n_tickets; /* that the server gives in each handshake and the client reads, TLS 1.3 */
} SCENES[] = {
    {"1.3 full, P-256", TLS1_3_VERSION, "p256", false, 0},
    {"1.3 full and tickets, P-256", TLS1_3_VERSION, "p256", false, 2},
    {"1.3 resumed, X25519", TLS1_3_VERSION, "p256", true, 0},
    {"1.3 resumed and ticket, X25519", TLS1_3_VERSION, "p256", true, 1},
    {"1.2 full, RSA-2048", TLS1_2_VERSION, "rsa2048", false, 0},
    {"1.2 resumed", TLS1_2_VERSION, "rsa2048", true, 0},
};

static const struct way {
    const char *name;
    bool has_mem, has_lean, clears;
} WAYS[] = {
    {"OpenSSL", false, false, false}, {"mem", true, false, false},   {"lean", false, true, false},
    {"both", true, true, false},      {"cleared", true, true, true},
};

struct bench {
    const struct scene *scene;
    const struct way *way;
    struct tls_lean lean;
    SSL_CTX *client_ctx, *server_ctx;
    SSL_SESSION *session; /* to resume; NULL: none */
    SSL *cleared;
    uint64_t ticks; /* of the client's side of this handshake */
};

static void
expect(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "bench_tls: %s failed\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

/* -- the two ends ---------------------------------------------------------------------------- */

/* SSL_VERIFY_NONE verifies, too, and then ignores what came of it. */
static int
trust_anyone(X509_STORE_CTX *chain, void *unused)
{
    (void)chain;
    (void)unused;
    return 1;
}

static void
make_client(struct bench *b)
{
    SSL_CTX *ctx = SSL_CTX_new_ex(b->lean.ctx, NULL, TLS_client_method());

    expect(ctx != NULL, "SSL_CTX_new_ex");
    SSL_CTX_set_min_proto_version(ctx, b->scene->version);
    SSL_CTX_set_max_proto_version(ctx, b->scene->version);
    expect(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") == 1 &&
               SSL_CTX_set_cipher_list(ctx, "ECDHE-RSA-AES128-GCM-SHA256") == 1 &&
               SSL_CTX_set1_groups_list(ctx, "X25519") == 1,
           "choosing algorithms");
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cert_verify_callback(ctx, trust_anyone, NULL);
    b->client_ctx = ctx;
}

static void
make_server(struct bench *b)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    struct tls_identity id;
    char why[256] = "";

    expect(tls_identity_make(&id, b->scene->key, NULL, 0, why, sizeof(why)) == 0, why);
    expect(ctx != NULL && SSL_CTX_use_certificate(ctx, id.cert) == 1 &&
               SSL_CTX_use_PrivateKey(ctx, id.key) == 1,
           "the server's context");
    tls_identity_free(&id);
    SSL_CTX_set_num_tickets(ctx, 1); /* for the session to resume */
    b->server_ctx = ctx;
}

static void
attach(SSL *ssl)
{
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
}

static SSL *
begin_client(struct bench *b)
{
    SSL *ssl = b->cleared;

    if (ssl == NULL)
        ssl = SSL_new(b->client_ctx);
    else {
        SSL_set_session(ssl, NULL);
        SSL_clear(ssl);
    }
    attach(ssl);
    SSL_set_connect_state(ssl);
    if (b->session != NULL)
        SSL_set_session(ssl, b->session);
    return ssl;
}

static void
end_client(struct bench *b, SSL *ssl)
{
    SSL_set_quiet_shutdown(ssl, 1);
    SSL_shutdown(ssl);
    if (b->way->clears) {
        SSL_set_bio(ssl, NULL, NULL);
        b->cleared = ssl;
    } else {
        SSL_free(ssl);
    }
}

static void
carry(SSL *from, SSL *to)
{
    char bytes[16384];
    int n;

    while ((n = BIO_read(SSL_get_wbio(from), bytes, sizeof(bytes))) > 0)
        BIO_write(SSL_get_rbio(to), bytes, n);
}

static void
shake_hands(struct bench *b, SSL *client, SSL *server)
{
    int is_client_done = 0, is_server_done = 0;

    for (int flight = 0; flight < 6 && (is_client_done != 1 || is_server_done != 1); flight++) {
        uint64_t began = __rdtsc();

        is_client_done = SSL_do_handshake(client);
        b->ticks += __rdtsc() - began;
        carry(client, server);
        is_server_done = SSL_do_handshake(server);
        carry(server, client);
    }
    expect(is_client_done == 1 && is_server_done == 1, "a handshake");
}

/* One connection, from nothing to nothing. With @keeps its session is the one to resume. */
static void
run_once(struct bench *b, bool keeps)
{
    SSL *server = SSL_new(b->server_ctx), *client;
    uint64_t began;
    char byte;

    attach(server);
    SSL_set_accept_state(server);
    b->ticks = 0;
    began = __rdtsc();
    client = begin_client(b);
    b->ticks += __rdtsc() - began;
    shake_hands(b, client, server);
    expect((SSL_session_reused(client) == 1) == (b->session != NULL), "resumption as expected");
    began = __rdtsc();
    if (keeps || b->scene->n_tickets > 0)
        SSL_read(client, &byte, 1);
    if (keeps)
        b->session = SSL_get1_session(client);
    end_client(b, client);
    b->ticks += __rdtsc() - began;
    SSL_free(server);
}

/* -- turns ----------------------------------------------------------------------------------- */

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
turn_us(const struct scene *scene, const struct way *way, unsigned n)
{
    static double ticks[HANDSHAKES_MAX];
    struct bench b = {.scene = scene, .way = way};
    double began_us;
    uint64_t began;

    expect(!way->has_mem || tls_mem_install() == 0, "tls_mem_install");
    expect(!way->has_lean || tls_lean_init(&b.lean, false) == 0, "tls_lean_init");
    make_client(&b);
    make_server(&b);
    if (scene->resumes)
        run_once(&b, true);
    SSL_CTX_set_num_tickets(b.server_ctx, scene->n_tickets);
    for (unsigned i = 0; i < WARM_UP; i++)
        run_once(&b, false);
    began_us = now_us();
    began = __rdtsc();
    for (unsigned i = 0; i < n; i++) {
        run_once(&b, false);
        ticks[i] = (double)b.ticks;
    }
    return median(ticks, n) * (now_us() - began_us) / (double)(__rdtsc() - began);
}

/* In a process of its own. */
static double
turn_apart_us(const struct scene *scene, const struct way *way, unsigned n)
{
    double us = 0;
    int ends[2];
    pid_t child;

    fflush(stdout);
    if (pipe(ends) < 0 || (child = fork()) < 0)
        exit(EXIT_FAILURE);
    if (child == 0) {
        us = turn_us(scene, way, n);
        _exit(write(ends[1], &us, sizeof(us)) == sizeof(us) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(ends[1]);
    if (read(ends[0], &us, sizeof(us)) != sizeof(us))
        exit(EXIT_FAILURE);
    close(ends[0]);
    waitpid(child, NULL, 0);
    return us;
}

static void
measure(const struct scene *scene, unsigned n)
{
    double us[ARRAY_LEN(WAYS)][TURNS];

    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (size_t i = 0; i < ARRAY_LEN(WAYS); i++)
            us[i][turn] = turn_apart_us(scene, &WAYS[i], n);
    }
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++) {
        double middle = median(us[i], TURNS);

        printf("%-31s %-8s %8.1f %8.1f to %6.1f %10.0f\n", i == 0 ? scene->name : "", WAYS[i].name,
               middle, us[i][0], us[i][TURNS - 1], 1e6 / middle);
    }
}

int
main(int argc, char *argv[])
{
    const char *wanted = argc > 1 ? argv[1] : "";
    unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : HANDSHAKES;

    if (n == 0 || n > HANDSHAKES_MAX) {
        fprintf(stderr, "bench_tls: HANDSHAKES is from 1 to %d\n", HANDSHAKES_MAX);
        return EXIT_FAILURE;
    }
    printf("%-31s %-8s %8s %18s %10s   the client's side\n", "handshake", "way", "us",
           "least to most", "each s");
    for (size_t i = 0; i < ARRAY_LEN(SCENES); i++) {
        if (strncmp(SCENES[i].name, wanted, strlen(wanted)) == 0)
            measure(&SCENES[i], (unsigned)n);
    }
    return 0;
}
