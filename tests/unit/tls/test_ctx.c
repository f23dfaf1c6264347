/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of TLS: what OpenSSL does not take is told by the key it belongs to, and nothing is
 * left behind. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "files.h"
#include "talk.h"

static struct talk t;
static struct tls_identity other;

static void
set_up(void)
{
    talk_set_up();
    files_set_up();
    other = files_identity("rsa2048", NULL);
}

static void
tear_down(void)
{
    tls_identity_free(&other);
    files_tear_down();
    talk_tear_down();
}

TestSuite(ctx, .init = set_up, .fini = tear_down, .timeout = 60);

/* @opts are refused with a text that has all of @parts, to the last NULL. */
static void
expect_refusal(const struct tls_opts *opts, const char *const *parts)
{
    static struct tls_ctx ctx;
    struct fail f = {0};

    cr_assert(eq(int, tls_ctx_init(&ctx, opts, &f), -1), "%s was taken", parts[0]);
    cr_assert(eq(int, f.status, EXIT_USAGE));
    for (; *parts != NULL; parts++)
        cr_assert(ne(ptr, strstr(f.text, *parts), NULL), "'%s' is not in: %s", *parts, f.text);
    cr_assert(zero(ulong, ERR_peek_error()));
    cr_assert(zero(ptr, ctx.ssl));
    cr_assert(zero(ptr, ctx.segments));
    cr_assert(eq(int, ctx.keylog.fd, -1));
}

#define expect_refusal(opts, ...) (expect_refusal)(opts, (const char *const[]){__VA_ARGS__, NULL})

Test(ctx, names_that_openssl_does_not_know_are_refused_by_their_key)
{
    struct tls_opts o = talk_client;

    o.ciphers = "NO-SUCH-CIPHER";
    expect_refusal(&o, "--ciphers ", "NO-SUCH-CIPHER", "no cipher match");
    o = talk_client;
    o.ciphersuites = "TLS_NO_SUCH_SUITE";
    expect_refusal(&o, "--ciphersuites ", "TLS_NO_SUCH_SUITE");
    o = talk_client;
    o.groups = "X25519:NOGROUP";
    expect_refusal(&o, "--groups ", "X25519:NOGROUP", "knows no group 'NOGROUP'",
                   "it knows X25519, P-256");
    o.groups = "X25519,P-256";
    expect_refusal(&o, "--groups ", "colons stand between names");
    o = talk_client;
    o.sigalgs = "NOALG";
    expect_refusal(&o, "--sigalgs ", "NOALG");
}

Test(ctx, signs_in_a_list_of_groups_are_taken_by_the_openssl_that_knows_them)
{
    static const char *const LISTS[] = {"*X25519:P-256", "?NOGROUP:X25519", "X25519/P-256",
                                        "X25519:-P-256"};
    static struct tls_ctx ctx;
    struct fail f = {0};
    bool knows_them = OpenSSL_version_num() >= 0x30500000UL;
    struct tls_opts o = talk_client;

    for (unsigned i = 0; i < ARRAY_LEN(LISTS); i++) {
        o.groups = LISTS[i];
        if (!knows_them) {
            expect_refusal(&o, "--groups ", "is known to OpenSSL 3.5 and later, and this is 3.");
            continue;
        }
        cr_assert(eq(int, tls_ctx_init(&ctx, &o, &f), 0), "%s", f.text);
        tls_ctx_fini(&ctx);
    }
    o.groups = knows_them ? "*X25519/?NOGROUP:OTHER" : "OTHER";
    expect_refusal(&o, "--groups ", "knows no group 'OTHER'");
}

Test(ctx, one_misspelt_name_among_others_is_refused_too)
{
    struct tls_opts o = talk_client;

    o.ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_265_GCM_SHA384";
    expect_refusal(&o, "--ciphersuites ", "TLS_AES_265_GCM_SHA384");
}

Test(ctx, suites_are_taken_by_their_names)
{
    static const char *const ROWS[] = {"TLS_AES_128_GCM_SHA256",
                                       "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384",
                                       "TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256"};
    static struct tls_ctx ctx;

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        talk_client.ciphersuites = ROWS[i];
        talk_make(&ctx, &talk_client);
        tls_ctx_fini(&ctx);
    }
}

Test(ctx, a_list_of_protocols_that_cannot_be_sent_is_refused)
{
    static const char *const ROWS[] = {"", ",", "h2,", ",h2", "h2,,http/1.1"};
    char name[300];
    struct tls_opts o = talk_client;

    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        o.alpn = ROWS[i];
        expect_refusal(&o, "--alpn ", "1 to 254 bytes");
    }
    memset(name, 'x', sizeof(name));
    name[255] = '\0';
    o.alpn = name;
    expect_refusal(&o, "--alpn ");
    name[254] = '\0';
    talk_make(&t.client.ctx, &o);
    cr_assert(eq(uint, t.client.ctx.alpn_len, 255));
    tls_ctx_fini(&t.client.ctx);
}

Test(ctx, a_file_that_is_not_there_is_named_and_why)
{
    struct tls_opts o = talk_client;

    o.verifies = true;
    o.ca = "/nonexistent/ca.pem";
    expect_refusal(&o, "--ca ", "/nonexistent/ca.pem", "No such file");
    o = talk_server;
    o.identity = NULL;
    o.cert = "/nonexistent/cert.pem";
    expect_refusal(&o, "--cert ", "/nonexistent/cert.pem", "No such file");
    o.cert = files_write("cert.pem", talk_identity.cert, NULL, NULL);
    o.key = "/nonexistent/key.pem";
    expect_refusal(&o, "--key ", "/nonexistent/key.pem", "No such file");
    o = talk_client;
    o.keylog = "/nonexistent/keys.log";
    expect_refusal(&o, "--keylog ", "/nonexistent/keys.log", "No such file");
}

Test(ctx, a_folder_is_no_file)
{
    struct tls_opts o = talk_server;

    o.identity = NULL;
    o.cert = files_folder;
    expect_refusal(&o, "--cert ", files_folder);
    o = talk_client;
    o.keylog = files_folder;
    expect_refusal(&o, "--keylog ", files_folder, "directory");
}

Test(ctx, a_file_without_what_it_should_hold_is_refused)
{
    const char *text = files_write_text("text.pem", "not a certificate\n");
    struct tls_opts o = talk_server;

    o.identity = NULL;
    o.cert = text;
    expect_refusal(&o, "--cert ", text);
    o.cert = files_write("cert.pem", talk_identity.cert, NULL, NULL);
    expect_refusal(&o, "--key ", o.cert); /* expected behind the certificate */
    o.key = text;
    expect_refusal(&o, "--key ", text);
    o = talk_client;
    o.verifies = true;
    o.ca = text;
    expect_refusal(&o, "--ca ", text);
}

Test(ctx, a_key_that_does_not_belong_to_the_certificate_is_refused)
{
    struct tls_identity same_kind = files_identity("p256", NULL);
    struct tls_opts o = talk_server;

    o.identity = NULL;
    o.cert = files_write("cert.pem", talk_identity.cert, NULL, NULL);
    o.key = files_write("same.pem", NULL, same_kind.key, NULL);
    expect_refusal(&o, "--key ", o.key, "mismatch");
    o.key = files_write("other.pem", NULL, other.key, NULL); /* an RSA key to an EC certificate */
    expect_refusal(&o, "--key ", o.key);
    tls_identity_free(&same_kind);
}

/* Nobody is asked for a password, on a terminal or elsewhere. */
Test(ctx, an_encrypted_key_is_refused)
{
    struct tls_opts o = talk_server;

    o.identity = NULL;
    o.cert = files_write("cert.pem", talk_identity.cert, NULL, NULL);
    o.key = files_write("key.pem", NULL, talk_identity.key, "secret");
    expect_refusal(&o, "--key ", o.key, "encrypted");
}

Test(ctx, certificate_and_key_come_from_one_file_or_two)
{
    for (int files = 1; files <= 2; files++) {
        talk_server.identity = NULL;
        if (files == 1) {
            talk_server.cert = files_write("both.pem", other.cert, other.key, NULL);
        } else {
            talk_server.cert = files_write("cert.pem", other.cert, NULL, NULL);
            talk_server.key = files_write("key.pem", NULL, other.key, NULL);
        }
        talk_init(&t);
        talk_whole(&t);
        talk_expects_done(&t);
        talk_fini(&t);
    }
}

/* -- what was asked for is what is done ------------------------------------------------------- */

Test(ctx, what_is_chosen_is_what_is_negotiated)
{
    talk_client.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
    talk_client.groups = "P-384";
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    for (int i = 0; i < 2; i++) {
        const struct tls_tally *y = i == 0 ? &t.client.ctx.tally : &t.server.ctx.tally;

        cr_assert(eq(u64, talk_count(&y->versions, "TLSv1.3"), 1));
        cr_assert(eq(u64, talk_count(&y->ciphers, "TLS_CHACHA20_POLY1305_SHA256"), 1));
        cr_assert(eq(u64, talk_count(&y->groups, "secp384r1"), 1));
        cr_assert(zero(uint, y->alpn.n));
    }
    talk_fini(&t);
}

Test(ctx, in_tls_1_2_the_ciphers_are_chosen)
{
    talk_client.version_max = TLS_1_2;
    talk_client.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    talk_client.groups = "P-521:P-256"; /* the latter for the certificate */
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(u64,
                 talk_count(&t.server.ctx.tally.ciphers, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
                 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.groups, "secp521r1"), 1));
    talk_fini(&t);
}

Test(ctx, the_server_chooses_the_protocol_it_prefers)
{
    talk_client.alpn = "http/1.1,h2";
    talk_server.alpn = "h2,http/1.1";
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alpn, "h2"), 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alpn, "h2"), 1));
    talk_fini(&t);
}

Test(ctx, a_client_without_a_common_protocol_is_refused)
{
    talk_client.alpn = "spdy/3";
    talk_server.alpn = "h2,http/1.1";
    talk_init(&t);
    talk_whole(&t);
    cr_assert(eq(int, t.client.conn.cause, TLS_CAUSE_ALERT_RECEIVED));
    cr_assert(eq(int, t.server.conn.cause, TLS_CAUSE_ALERT_SENT));
    cr_assert(
        eq(u64, talk_count(&t.client.ctx.tally.alerts_received, "no_application_protocol"), 1));
    cr_assert(eq(u64, talk_count(&t.server.ctx.tally.alerts_sent, "no_application_protocol"), 1));
    talk_fini(&t);
}

Test(ctx, a_server_that_names_no_protocols_goes_on_and_the_client_counts_none)
{
    talk_client.alpn = "h2";
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(eq(u64, talk_count(&t.client.ctx.tally.alpn, "none"), 1));
    cr_assert(zero(uint, t.server.ctx.tally.alpn.n));
    talk_fini(&t);
}

Test(ctx, a_client_that_names_no_protocols_agrees_on_nothing)
{
    talk_server.alpn = "h2";
    talk_init(&t);
    talk_whole(&t);
    talk_expects_done(&t);
    cr_assert(zero(uint, t.client.ctx.tally.alpn.n));
    cr_assert(zero(uint, t.server.ctx.tally.alpn.n));
    talk_fini(&t);
}

/* -- key log ---------------------------------------------------------------------------------- */

/* "LABEL <64 hexadecimal digits> <more of them>": what the line begins with. */
static bool
is_keylog_line(const char *line, const char *label)
{
    size_t len = strlen(label), random, secret;

    if (strncmp(line, label, len) != 0 || line[len] != ' ')
        return false;
    line += len + 1;
    random = strspn(line, "0123456789abcdefABCDEF");
    if (random != 64 || line[random] != ' ')
        return false;
    line += random + 1;
    secret = strspn(line, "0123456789abcdefABCDEF");
    return secret >= 64 && secret % 2 == 0 && strcmp(line + secret, "\n") == 0;
}

static unsigned
count_lines(const char *path, const char *label, unsigned *n_all)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    unsigned n = 0;

    cr_assert(ne(ptr, file, NULL));
    for (*n_all = 0; fgets(line, sizeof(line), file) != NULL; (*n_all)++)
        n += is_keylog_line(line, label);
    fclose(file);
    return n;
}

Test(ctx, keys_are_logged_in_the_format_of_nss)
{
    static const char *const LABELS[] = {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET"};
    unsigned n_all;

    talk_client.keylog = files_path("keys.log");
    talk_init(&t);
    talk_whole(&t);
    talk_whole(&t);
    talk_fini(&t);
    for (size_t i = 0; i < ARRAY_LEN(LABELS); i++)
        cr_assert(eq(uint, count_lines(talk_client.keylog, LABELS[i], &n_all), 2), "%s", LABELS[i]);
    cr_assert(eq(uint, n_all, 10));
}

Test(ctx, keys_of_tls_1_2_go_behind_what_the_file_has)
{
    unsigned n_all;

    talk_server.keylog = files_write_text("keys.log", "# earlier ones\n");
    talk_client.version_max = TLS_1_2;
    talk_init(&t);
    talk_whole(&t);
    talk_fini(&t);
    cr_assert(eq(uint, count_lines(talk_server.keylog, "CLIENT_RANDOM", &n_all), 1));
    cr_assert(eq(uint, n_all, 2));
}

Test(ctx, a_new_key_log_is_for_its_owner_alone_and_an_old_one_keeps_its_mode)
{
    const char *path = files_path("keys.log");
    struct tls_keylog k;
    struct stat st;
    struct fail f;

    umask(0);
    cr_assert(zero(int, tls_keylog_init(&k, path, &f)));
    tls_keylog_fini(&k);
    cr_assert(zero(int, stat(path, &st)));
    cr_assert(eq(uint, st.st_mode & 07777, 0600));
    cr_assert(not(tls_keylog_is_public(path)));
    chmod(path, 0640);
    cr_assert(tls_keylog_is_public(path));
    cr_assert(not(tls_keylog_is_public("/dev/null")));
}

/* A worker must not sleep in a write. */
Test(ctx, a_key_log_that_could_keep_a_worker_waiting_is_refused)
{
    struct tls_opts o = talk_client;
    int reader;

    o.keylog = files_path("fifo");
    cr_assert(zero(int, mkfifo(o.keylog, 0600)));
    expect_refusal(&o, "--keylog ", "fifo", "FIFO");
    reader = open(o.keylog, O_RDONLY | O_NONBLOCK);
    expect_refusal(&o, "--keylog ", "fifo", "FIFO");
    close(reader);
}

Test(ctx, a_link_to_a_key_log_is_not_followed)
{
    struct tls_opts o = talk_client;
    const char *target = files_write_text("target", "");

    o.keylog = files_path("link");
    cr_assert(zero(int, symlink(target, o.keylog)));
    expect_refusal(&o, "--keylog ", "link", "symbolic link");
}

Test(ctx, lines_that_a_key_log_does_not_take_are_counted)
{
    talk_client.keylog = "/dev/full";
    talk_init(&t);
    talk_whole(&t);
    cr_assert(eq(u64, t.client.ctx.keylog.lost, 5));
    cr_assert(eq(int, t.client.ctx.keylog.error, ENOSPC));
    talk_fini(&t);
}
