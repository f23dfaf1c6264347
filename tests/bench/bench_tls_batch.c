/* SPDX-License-Identifier: BSD-3-Clause */
/* What a core takes for one side of a TLS handshake when many are under way: OpenSSL in a plain
 * loop against lib/tls, each for itself and in batches. Two ends over memory on one core; the other
 * end's part, which is plain OpenSSL, and the carrying are not counted. Nothing is verified but the
 * handshake's own signature.
 *
 *     bench_tls_batch [CASE [HANDSHAKES]]      CASE is the beginning of one's name, "" all
 *
 *   OpenSSL    as it is
 *   alone      lib/tls, each handshake computes for itself
 *   paused     in batches, but computed by OpenSSL: what waiting costs
 *   lanes      in batches by the best lanes there are
 *
 * In turns, each in a process of its own. A round is CROWD connections, from nothing to nothing; a
 * turn's figure is the median of its rounds in CPU time of the thread, a handshake; printed are the
 * median of the turns, the least and the most, and what OpenSSL takes as a multiple of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/units.h"
#include "median.h"
#include "tls/batch.h"
#include "tls/identity.h"
#include "tls/mem.h"

enum { TURNS = 9, CROWD = 64, ROUNDS = 12, ROUNDS_MAX = 1000, FLIGHTS = 6, QUEUE = 16384 };

static const char SUITE[] = "TLS_AES_128_GCM_SHA256"; /* of TLS 1.3, as in bench_tls */

static const struct scene {
    const char *name;
    uint16_t version;
    const char *key, *group;
    bool is_server, resumes;
} SCENES[] = {
    {"client, 1.3 full, X25519, P-256", TLS_1_3, "p256", "X25519", false, false},
    {"client, 1.3 full, hybrid, P-256", TLS_1_3, "p256", "X25519MLKEM768", false, false},
    {"client, 1.3 resumed, X25519", TLS_1_3, "p256", "X25519", false, true},
    {"client, 1.2 full, X25519, P-256", TLS_1_2, "p256", "X25519:P-256", false, false},
    {"client, 1.2 full, RSA-2048", TLS_1_2, "rsa2048", "X25519", false, false},
    {"server, 1.3 full, X25519, P-256", TLS_1_3, "p256", "X25519", true, false},
    {"server, 1.3 full, hybrid, P-256", TLS_1_3, "p256", "X25519MLKEM768", true, false},
    {"server, 1.3 full, RSA-2048", TLS_1_3, "rsa2048", "X25519", true, false},
};

static const struct way {
    const char *name;
    bool is_plain, is_batched, has_lanes;
} WAYS[] = {
    {"OpenSSL", true, false, false},
    {"alone", false, false, false},
    {"paused", false, true, false},
    {"lanes", false, true, true},
};

/* A connection: the end that is measured, and the other. */
struct meeting {
    SSL *other, *plain;
    struct tls_conn conn;
    uint8_t in[QUEUE], out[QUEUE];
    uint32_t in_len, out_len;
    bool is_done, is_other_done;
};

struct bench {
    const struct scene *scene;
    const struct way *way;
    struct tls_batch batch;
    struct tls_ctx ctx;
    SSL_CTX *plain_ctx, *other_ctx;
    SSL_SESSION *session;
    double ns; /* of this round */
    struct meeting meetings[CROWD];
};

static struct bench bench;

static void
expect(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "bench_tls_batch: %s failed\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

static double
cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
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

static SSL_CTX *
plain_ctx(const struct scene *s, const struct tls_identity *id, bool is_server)
{
    SSL_CTX *ctx = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());

    expect(ctx != NULL, "SSL_CTX_new");
    SSL_CTX_set_min_proto_version(ctx, s->version);
    SSL_CTX_set_max_proto_version(ctx, s->version);
    expect(SSL_CTX_set1_groups_list(ctx, s->group) == 1 &&
               SSL_CTX_set_ciphersuites(ctx, SUITE) == 1,
           "choosing algorithms");
    if (is_server) {
        expect(SSL_CTX_use_certificate(ctx, id->cert) == 1 &&
                   SSL_CTX_use_PrivateKey(ctx, id->key) == 1,
               "the certificate");
        SSL_CTX_set_num_tickets(ctx, s->resumes ? 1 : 0);
    } else {
        SSL_CTX_set_cert_verify_callback(ctx, trust_anyone, NULL);
    }
    if (!s->resumes)
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return ctx;
}

static void
own_ctx(struct bench *b, const struct tls_identity *id)
{
    static const struct tls_target target = {.host = "198.18.1.1", .host_is_address = true};
    const struct scene *s = b->scene;
    struct tls_opts opts = {.is_server = s->is_server,
                            .version_min = s->version,
                            .version_max = s->version,
                            .groups = s->group,
                            .ciphersuites = s->version == TLS_1_3 ? SUITE : NULL,
                            .targets = &target,
                            .n_targets = 1,
                            .identity = s->is_server ? id : NULL,
                            .resume_ppm = s->resumes ? TLS_RESUME_ALWAYS : TLS_RESUME_NEVER};
    struct fail f;

    if (b->way->is_batched) {
        expect(tls_batch_init(&b->batch, b->way->has_lanes ? lanes_best() : &lanes_serial) == 0,
               "tls_batch_init");
        opts.batch = &b->batch;
    }
    expect(tls_ctx_init(&b->ctx, &opts, &f) == 0, f.text);
}

static SSL *
plain_end(SSL_CTX *ctx, bool is_server)
{
    SSL *ssl = SSL_new(ctx);

    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (is_server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    return ssl;
}

/* Where both sides are plain OpenSSL's, its session is kept by hand. */
static void
begin_measured(struct bench *b, struct meeting *m)
{
    if (!b->way->is_plain) {
        expect(tls_begin(&m->conn, &b->ctx, 0) == 0, "tls_begin");
        return;
    }
    m->plain = plain_end(b->plain_ctx, b->scene->is_server);
    if (b->session != NULL)
        SSL_set_session(m->plain, b->session);
}

static void
step_measured(struct bench *b, struct meeting *m)
{
    struct tls_wire w = {.in = {m->in},
                         .in_len = {m->in_len},
                         .out = {m->out + m->out_len},
                         .out_room = {QUEUE - m->out_len}};
    unsigned events;

    if (b->way->is_plain) {
        m->is_done = SSL_do_handshake(m->plain) == 1;
        return;
    }
    events = tls_handshake(&m->conn, &w);
    expect((events & TLS_EV_FAILED) == 0, "a handshake");
    m->is_done = (events & TLS_EV_DONE) != 0;
    m->in_len -= w.taken;
    memmove(m->in, m->in + w.taken, m->in_len);
    m->out_len += w.written;
}

/* Of the crowd who can; then those whose turn comes by it. */
static void
step_all(struct bench *b)
{
    double began = cpu_ns();
    struct tls_conn *c;

    for (unsigned i = 0; i < CROWD; i++) {
        if (!b->meetings[i].is_done)
            step_measured(b, &b->meetings[i]);
    }
    while (b->way->is_batched) {
        c = tls_batch_next_ready(&b->batch);
        if (c == NULL) {
            (void)tls_batch_turn(&b->batch, 0, true, false);
            c = tls_batch_next_ready(&b->batch);
        }
        if (c == NULL)
            break;
        step_measured(b, (struct meeting *)((char *)c - offsetof(struct meeting, conn)));
    }
    b->ns += cpu_ns() - began;
}

static void
carry(struct bench *b, struct meeting *m, bool to_other)
{
    char bytes[QUEUE];
    BIO *from;
    int n;

    if (!b->way->is_plain && to_other) {
        BIO_write(SSL_get_rbio(m->other), m->out, (int)m->out_len);
        m->out_len = 0;
        return;
    }
    from = SSL_get_wbio(to_other ? m->plain : m->other);
    while ((n = BIO_read(from, bytes, sizeof(bytes))) > 0) {
        if (to_other)
            BIO_write(SSL_get_rbio(m->other), bytes, n);
        else if (b->way->is_plain)
            BIO_write(SSL_get_rbio(m->plain), bytes, n);
        else {
            memcpy(m->in + m->in_len, bytes, (size_t)n);
            m->in_len += (uint32_t)n;
        }
    }
}

static void
step_others(struct bench *b)
{
    for (unsigned i = 0; i < CROWD; i++) {
        struct meeting *m = &b->meetings[i];

        carry(b, m, true);
        if (!m->is_other_done)
            m->is_other_done = SSL_do_handshake(m->other) == 1;
        carry(b, m, false);
    }
}

/* The ticket comes after the handshake. */
static void
take_ticket(struct bench *b, struct meeting *m)
{
    struct tls_wire w = {
        .in = {m->in}, .in_len = {m->in_len}, .out = {m->out}, .out_room = {QUEUE}};
    uint8_t byte;
    uint32_t got = 0;

    if (!b->way->is_plain) {
        (void)tls_read(&m->conn, &w, &byte, 1, &got);
    } else if (b->session == NULL) {
        SSL_read(m->plain, &byte, 1);
        b->session = SSL_get1_session(m->plain);
    }
}

static void
end_measured(struct bench *b, struct meeting *m)
{
    if (!b->way->is_plain) {
        tls_end(&m->conn);
        return;
    }
    SSL_set_quiet_shutdown(m->plain, 1);
    SSL_shutdown(m->plain);
    SSL_free(m->plain);
}

/* @return CPU time a handshake, ns */
static double
run_round(struct bench *b)
{
    double began;

    b->ns = 0;
    for (unsigned i = 0; i < CROWD; i++) {
        b->meetings[i].in_len = b->meetings[i].out_len = 0;
        b->meetings[i].is_done = b->meetings[i].is_other_done = false;
        b->meetings[i].other = plain_end(b->other_ctx, !b->scene->is_server);
    }
    began = cpu_ns();
    for (unsigned i = 0; i < CROWD; i++)
        begin_measured(b, &b->meetings[i]);
    b->ns += cpu_ns() - began;
    for (unsigned flight = 0; flight < FLIGHTS; flight++) {
        step_all(b);
        step_others(b);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        expect(b->meetings[i].is_done && b->meetings[i].is_other_done, "a handshake");
        if (b->scene->resumes)
            take_ticket(b, &b->meetings[i]);
    }
    began = cpu_ns();
    for (unsigned i = 0; i < CROWD; i++)
        end_measured(b, &b->meetings[i]);
    b->ns += cpu_ns() - began;
    for (unsigned i = 0; i < CROWD; i++)
        SSL_free(b->meetings[i].other);
    return b->ns / CROWD;
}

/* -- turns ----------------------------------------------------------------------------------- */

static double
turn_us(const struct scene *scene, const struct way *way, unsigned n)
{
    static double ns[ROUNDS_MAX];
    struct tls_identity id;
    char why[256] = "";

    bench = (struct bench){.scene = scene, .way = way};
    expect(way->is_plain || tls_mem_install() == 0, "tls_mem_install");
    expect(tls_identity_make(&id, scene->key, NULL, 0, why, sizeof(why)) == 0, why);
    bench.other_ctx = plain_ctx(scene, &id, !scene->is_server);
    if (way->is_plain)
        bench.plain_ctx = plain_ctx(scene, &id, scene->is_server);
    else
        own_ctx(&bench, &id);
    (void)run_round(&bench);
    for (unsigned i = 0; i < n; i++)
        ns[i] = run_round(&bench);
    return median(ns, n) / 1e3;
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
        us = 0;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return us;
}

static void
measure(const struct scene *scene, unsigned n)
{
    double us[ARRAY_LEN(WAYS)][TURNS], plain;

    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (size_t i = 0; i < ARRAY_LEN(WAYS); i++)
            us[i][turn] = turn_apart_us(scene, &WAYS[i], n);
    }
    plain = median(us[0], TURNS);
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++) {
        double middle = median(us[i], TURNS);

        printf("%-32s %-8s %8.1f %8.1f to %6.1f %8.2f\n", i == 0 ? scene->name : "", WAYS[i].name,
               middle, us[i][0], us[i][TURNS - 1], plain / middle);
    }
}

/* OpenSSL has hybrids since 3.5. */
static bool
knows_group(const struct scene *s)
{
    return strstr(s->group, "MLKEM") == NULL || OpenSSL_version_num() >= 0x30500000L;
}

int
main(int argc, char *argv[])
{
    const char *wanted = argc > 1 ? argv[1] : "";
    unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) / CROWD : ROUNDS;

    if (n == 0 || n > ROUNDS_MAX) {
        fprintf(stderr, "bench_tls_batch: HANDSHAKES is from %d to %d\n", CROWD,
                CROWD * ROUNDS_MAX);
        return EXIT_FAILURE;
    }
    printf("%s; lanes by %s\n", OpenSSL_version(OPENSSL_VERSION), lanes_best()->name);
    printf("%-32s %-8s %8s %18s %8s\n", "side, handshake", "way", "us", "least to most", "times");
    for (size_t i = 0; i < ARRAY_LEN(SCENES); i++) {
        if (strncmp(SCENES[i].name, wanted, strlen(wanted)) == 0 && knows_group(&SCENES[i]))
            measure(&SCENES[i], (unsigned)n);
    }
    return 0;
}
