/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/tls.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "conf/options.h"
#include "conf_rig.h"

#define TARGET "tls://198.19.0.1:443 "

static struct conf_rig r;

/* A directory of the test's own, with a file "pem" in it, as the current one. */
static void
enter_scratch(void)
{
    static char directory[] = "/tmp/test_conf_tls_XXXXXX";
    FILE *file;

    cr_assert(mkdtemp(directory) != NULL);
    cr_assert(zero(int, chdir(directory)));
    file = fopen("pem", "w");
    cr_assert(file != NULL);
    fclose(file);
}

static void
leave_scratch(void)
{
    char directory[256];

    cr_assert(getcwd(directory, sizeof(directory)) != NULL);
    unlink("pem");
    cr_assert(zero(int, rmdir(directory)));
}

TestSuite(tls, .init = enter_scratch, .fini = leave_scratch);

static void
expect_accepted(const char *line)
{
    cr_assert(eq(int, rig_finish(&r, line), 0), "%s: %s", line, r.fail.text);
}

Test(tls, the_scheme_of_the_targets_tells)
{
    expect_accepted("run " TARGET);
    cr_expect(conf_is_tls(&r.conf));
    expect_accepted("run tcp://198.19.0.1:443");
    cr_expect(not(conf_is_tls(&r.conf)));
    expect_accepted("run");
    cr_expect(not(conf_is_tls(&r.conf)));
    cr_expect(not(r.conf.targets[0].is_tls));
}

Test(tls, a_run_serves_tls_on_loopback_only)
{
    expect_accepted("run " TARGET);
    cr_expect(conf_serves_tls(&r.conf));
    cr_expect(not(r.conf.classes[0].tls.serves));
    expect_accepted("run " RIG_LOCAL TARGET);
    cr_expect(not(conf_serves_tls(&r.conf)));
    expect_accepted("run");
    cr_expect(not(conf_serves_tls(&r.conf)));
}

Test(tls, serve_accepts_it_when_asked_to_or_given_a_certificate)
{
    static const struct {
        const char *options;
        bool is_tls;
    } rows[] = {
        {"", false},
        {"--tls", true},
        {"--cert pem", true},
        {"--cert pem --key pem", true},
        {"--self-signed p384", true},
        {"--set serve.tls=yes", true},
        {"--set serve.tls=no", false},
        {"--self-signed none", false},
    };

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        char line[256];

        snprintf(line, sizeof(line), "serve " RIG_LOCAL "%s", rows[i].options);
        expect_accepted(line);
        cr_expect(eq(int, r.conf.classes[0].tls.serves, rows[i].is_tls), "%s", line);
        cr_expect(eq(int, conf_is_tls(&r.conf), rows[i].is_tls), "%s", line);
        cr_expect(eq(int, conf_serves_tls(&r.conf), rows[i].is_tls), "%s", line);
    }
}

Test(tls, who_serves_without_a_certificate_makes_one)
{
    static const struct {
        const char *line;
        enum conf_key_kind kind;
    } rows[] = {
        {"serve " RIG_LOCAL "--tls", KEY_P256},
        {"serve " RIG_LOCAL "--self-signed rsa2048", KEY_RSA2048},
        {"serve " RIG_LOCAL "--tls --cert pem", KEY_NONE},
        {"serve " RIG_LOCAL, KEY_NONE},
        {"run " TARGET, KEY_P256},
        {"run " TARGET "--self-signed ed25519", KEY_ED25519},
        {"run " TARGET "--cert pem", KEY_NONE},
        {"run " RIG_LOCAL TARGET, KEY_NONE},
        {"run " RIG_LOCAL TARGET "--cert pem", KEY_NONE},
        {"run", KEY_NONE},
    };

    for (size_t i = 0; i < RIG_ROWS(rows); i++) {
        expect_accepted(rows[i].line);
        cr_expect(eq(int, r.conf.classes[0].tls.self_signed, rows[i].kind), "%s", rows[i].line);
    }
}

Test(tls, a_ca_is_a_wish_to_verify)
{
    expect_accepted("run " TARGET "--ca pem");
    cr_expect(r.conf.classes[0].tls.verify);
    expect_accepted("run " TARGET "--verify yes");
    cr_expect(r.conf.classes[0].tls.verify);
    cr_expect(eq(str, r.conf.classes[0].tls.ca, ""));
    expect_accepted("run " TARGET);
    cr_expect(not(r.conf.classes[0].tls.verify));
    expect_accepted("serve " RIG_LOCAL "--tls --request-cert yes --ca pem");
    cr_expect(r.conf.classes[0].tls.verify);
}

Test(tls, the_receive_window_is_small_without_payload_unless_given)
{
    expect_accepted("run " TARGET);
    cr_expect(eq(u64, r.conf.window_bytes, 65536));
    expect_accepted("serve " RIG_LOCAL "--tls");
    cr_expect(eq(u64, r.conf.window_bytes, 65536));
    expect_accepted("run " TARGET "--receive 1");
    cr_expect(eq(u64, r.conf.window_bytes, 262144));
    expect_accepted("serve " RIG_LOCAL "--tls --echo");
    cr_expect(eq(u64, r.conf.window_bytes, 262144));
    expect_accepted("run " TARGET "--window 256KiB");
    cr_expect(eq(u64, r.conf.window_bytes, 262144));
    expect_accepted("run tcp://198.19.0.1:80");
    cr_expect(eq(u64, r.conf.window_bytes, 262144));
}

Test(tls, what_fits_together_is_accepted)
{
    static const char *const lines[] = {
        "run " TARGET "tls://198.19.0.2 tls://[2001:2::8000:1]",
        "check " TARGET "--resume always --verify yes --alpn h2 --sni off",
        "run " RIG_LOCAL TARGET "--cert pem --key pem --ca pem",
        "run " TARGET "--hold 1s --close rst --window 4KiB",
        "run " TARGET "--send 1k --receive 1M",
        "serve " RIG_LOCAL "--tls --echo",
        "serve " RIG_LOCAL "--tls --bytes 1k --after 1 --request-cert yes --tickets no",
        /* a log that is there, and one that is not */
        "run " TARGET "--keylog pem",
        "run " TARGET "--keylog new",
        "run " TARGET "--keylog ./new",
        "run " TARGET "--keylog /dev/null",
        /* every key, as the scenario of an earlier result without TLS has it */
        "run --set tls.versions=both --set tls.sni=auto --set tls.resume=never "
        "--set tls.verify=no --set tls.self_signed=none --set tls.psk_without_dhe=no "
        "--set tls.close_notify=yes --set timeout.tls=10s",
        "serve " RIG_LOCAL "--set serve.tls=no --set tls.tickets=yes --set tls.request_cert=no",
    };

    for (size_t i = 0; i < RIG_ROWS(lines); i++)
        expect_accepted(lines[i]);
    cr_expect(ne(int, access("new", F_OK), 0)); /* nothing was made */
}

static const struct rig_misuse misuses[] = {
    /* schemes */
    {"run " TARGET "tcp://198.19.0.1:80",
     EXIT_USAGE,
     {"'tls://198.19.0.1:443' and 'tcp://198.19.0.1:80'", "have different schemes"}},
    {"run tcp://198.19.0.1:80 tcp://198.19.0.1:81 " TARGET,
     EXIT_USAGE,
     {"'tcp://198.19.0.1:80' and 'tls://198.19.0.1:443'", "have different schemes"}},
    /* what would be ignored */
    {"run --alpn h2",
     EXIT_USAGE,
     {"--alpn: without TLS it would be ignored", "tls://ADDRESS:PORT"}},
    {"run tcp://198.19.0.1:80 --tls-versions 1.2", EXIT_USAGE, {"--tls-versions: without TLS"}},
    {"run tls://198.19.0.1 --ciphers A --tls-versions 1.3",
     EXIT_USAGE,
     {"--ciphers: 'A' is for TLS 1.2", "--ciphersuites"}},
    {"serve --tls --ciphersuites A --tls-versions 1.2 --device net_tap0 --local 198.18.0.9/15",
     EXIT_USAGE,
     {"--ciphersuites: 'A' is for TLS 1.3", "--ciphers"}},
    {"run tls://198.19.0.1 --psk-without-dhe yes --tls-versions 1.2",
     EXIT_USAGE,
     {"--psk-without-dhe: it is for TLS 1.3"}},
    {"run --ciphers A", EXIT_USAGE, {"--ciphers: without TLS"}},
    {"run --ciphersuites A", EXIT_USAGE, {"--ciphersuites: without TLS"}},
    {"run --groups A", EXIT_USAGE, {"--groups: without TLS"}},
    {"run --sigalgs A", EXIT_USAGE, {"--sigalgs: without TLS"}},
    {"run --sni off", EXIT_USAGE, {"--sni: without TLS"}},
    {"run --resume 1%", EXIT_USAGE, {"--resume: without TLS"}},
    {"run --verify yes", EXIT_USAGE, {"--verify: without TLS"}},
    {"run --ca pem", EXIT_USAGE, {"--ca: without TLS"}},
    {"run --cert pem", EXIT_USAGE, {"--cert: without TLS"}},
    {"run --key pem", EXIT_USAGE, {"--key: without TLS"}},
    {"run --self-signed p256", EXIT_USAGE, {"--self-signed: without TLS", "tls://"}},
    {"run --keylog new", EXIT_USAGE, {"--keylog: without TLS"}},
    {"run --close-notify no", EXIT_USAGE, {"--close-notify: without TLS"}},
    {"run --psk-without-dhe yes", EXIT_USAGE, {"--psk-without-dhe: without TLS"}},
    {"run --tls-timeout 5s", EXIT_USAGE, {"--tls-timeout: without TLS"}},
    {"run --tls-batch on", EXIT_USAGE, {"--tls-batch: without TLS"}},
    {"run tls://198.19.0.1 --tls-batch maybe", EXIT_USAGE, {"--tls-batch", "auto, on or off"}},
    {"run --set tls.alpn=h2", EXIT_USAGE, {"--alpn: without TLS"}},
    {"serve " RIG_LOCAL "--tickets no", EXIT_USAGE, {"--tickets: without TLS", "give --tls too"}},
    {"serve " RIG_LOCAL "--request-cert yes", EXIT_USAGE, {"--request-cert: without TLS", "--tls"}},
    {"serve " RIG_LOCAL "--tls=no --cert pem", EXIT_USAGE, {"--cert: without TLS", "--tls"}},
    /* certificates */
    {"run " TARGET "--key pem", EXIT_USAGE, {"--key: 'pem' has no certificate", "--cert"}},
    {"serve " RIG_LOCAL "--tls --key pem", EXIT_USAGE, {"--key: 'pem' has no certificate"}},
    {"serve " RIG_LOCAL "--self-signed p256 --cert pem",
     EXIT_USAGE,
     {"--self-signed: p256 and --cert 'pem' are two certificates", "leave one of the two out"}},
    {"run " TARGET "--tickets no --resume always",
     EXIT_USAGE,
     {"--resume: without tickets nothing can be resumed"}},
    {"run " TARGET "--tickets no --ticket-count 3", EXIT_USAGE, {"--ticket-count: 3 would be"}},
    {"run " TARGET "--ticket-count 3 --tls-versions 1.2",
     EXIT_USAGE,
     {"--ticket-count: it is for TLS 1.3"}},
    {"run " TARGET "--ticket-count 17", EXIT_USAGE, {"--ticket-count", "16"}},
    {"run " TARGET "--self-signed mldsa44 --tls-versions 1.2",
     EXIT_USAGE,
     {"--self-signed: mldsa44 is for TLS 1.3", "leave one of the two out"}},
    {"run " TARGET "--sni a.example --sni-file names",
     EXIT_USAGE,
     {"--sni-file: 'names' and --sni 'a.example' both name the server",
      "leave one of the two out"}},
    {"run " TARGET "--self-signed p256 --cert pem", EXIT_USAGE, {"--self-signed: p256 and --cert"}},
    {"run " RIG_LOCAL TARGET "--self-signed p256",
     EXIT_USAGE,
     {"--self-signed: p256 would be ignored on device 'net_af_packet0", "serve, and for loopback"}},
    {"run " TARGET "--ca pem --verify no",
     EXIT_USAGE,
     {"--ca: 'pem' would be ignored with --verify no", "leave one of the two out"}},
    {"serve " RIG_LOCAL "--tls --verify yes",
     EXIT_USAGE,
     {"--verify: shakedown serve does not request client certificates", "--request-cert yes"}},
    {"serve " RIG_LOCAL "--tls --ca pem", EXIT_USAGE, {"--verify: ", "--request-cert yes"}},
    /* files */
    {"run " TARGET "--ca none.pem",
     EXIT_USAGE,
     {"--ca: 'none.pem' cannot be read (No such file or directory)", "PEM"}},
    {"run " TARGET "--cert none.pem", EXIT_USAGE, {"--cert: 'none.pem' cannot be read"}},
    {"run " TARGET "--cert pem --key none.pem", EXIT_USAGE, {"--key: 'none.pem' cannot be read"}},
    {"serve " RIG_LOCAL "--cert none.pem", EXIT_USAGE, {"--cert: 'none.pem' cannot be read"}},
    {"run " TARGET "--ca .", EXIT_USAGE, {"--ca: '.' cannot be read (Is a directory)", "PEM"}},
    {"run " TARGET "--ca pem/x", EXIT_USAGE, {"--ca: 'pem/x' cannot be read (Not a directory)"}},
    {"run " TARGET "--keylog none/log",
     EXIT_USAGE,
     {"--keylog: 'none/log' cannot be written (No such file or directory)", "a directory"}},
    {"run " TARGET "--keylog /none/log", EXIT_USAGE, {"--keylog: '/none/log' cannot be written"}},
    {"run " TARGET "--keylog .", EXIT_USAGE, {"--keylog: '.' cannot be written (Is a directory)"}},
    {"run " TARGET "--keylog new/", EXIT_USAGE, {"--keylog: 'new/' cannot be written"}},
};

Test(tls, each_misfit_is_one_sentence_that_names_option_value_and_what_is_allowed)
{
    for (size_t i = 0; i < RIG_ROWS(misuses); i++)
        rig_expect_misuse(rig_finish, &misuses[i]);
}

static void
expect_denied(const char *line, const char *what)
{
    cr_expect(eq(int, rig_finish(&r, line), -1), "%s", line);
    cr_expect(strstr(r.fail.text, what) != NULL, "%s", r.fail.text);
}

Test(tls, what_may_not_be_read_or_written_is_refused)
{
    bool is_root = geteuid() == 0;

    cr_assert(zero(int, chmod("pem", 0)));
    cr_assert(zero(int, chmod(".", 0555)));
    if (is_root && seteuid(65534) < 0) /* root may read and write everything */
        cr_skip_test("cannot become another user");
    expect_denied("run " TARGET "--cert pem", "--cert: 'pem' cannot be read (Permission denied)");
    expect_denied("run " TARGET "--keylog pem", "'pem' cannot be written (Permission denied)");
    expect_denied("run " TARGET "--keylog new", "'new' cannot be written (Permission denied)");
    if (is_root)
        cr_assert(zero(int, seteuid(0)));
    cr_assert(zero(int, chmod(".", 0700)));
}

Test(tls, names_of_alpn_fill_255_bytes_on_the_wire_at_most)
{
    char text[CONF_TEXT_MAX];
    struct value_why why = {""};

    memset(text, 'x', sizeof(text));
    text[254] = '\0';
    cr_expect(eq(int, conf_check_alpn(text, &why), 0), "%s", why.text);
    text[254] = 'x';
    text[255] = '\0';
    cr_expect(eq(int, conf_check_alpn(text, &why), -1));
    cr_expect(strstr(why.text, "takes 256 bytes on the wire") != NULL, "%s", why.text);
    cr_expect(strstr(why.text, "at most 255") != NULL, "%s", why.text);
    text[254] = '\0';
    text[100] = ','; /* 1 + 100 and 1 + 153 */
    cr_expect(eq(int, conf_check_alpn(text, &why), 0), "%s", why.text);
}

Test(tls, each_mistake_in_names_of_alpn_has_its_sentence)
{
    static const char *const wrong[][2] = {
        {"", "empty name"},    {",", "empty name"},      {"h2,", "empty name"},
        {",h2", "empty name"}, {"h2,,h3", "empty name"}, {"h2, h3", "a space"},
    };
    static const char *const right[] = {"h2", "h2,http/1.1", "x-y_z.1"};
    struct value_why why = {""};

    for (size_t i = 0; i < RIG_ROWS(wrong); i++) {
        cr_expect(eq(int, conf_check_alpn(wrong[i][0], &why), -1), "%s", wrong[i][0]);
        cr_expect(strstr(why.text, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], why.text);
    }
    for (size_t i = 0; i < RIG_ROWS(right); i++)
        cr_expect(eq(int, conf_check_alpn(right[i], &why), 0), "%s: %s", right[i], why.text);
}

Test(tls, each_mistake_in_server_names_has_its_sentence)
{
    static const char *const wrong[][2] = {
        {"", "empty"},
        {"a.example,", "empty"},
        {"198.19.0.1", "'198.19.0.1' is not a host name"},
        {"a.example,2001:2::1", "'2001:2::1' is not a host name"},
        {"a.example.", "'a.example.' is not a host name"},
        {"a.example, b.example", "' b.example' is not a host name"},
        {"*.example", "'*.example' is not a host name"},
        {"a.example,off", "off stands alone"},
        {"auto,off", "auto stands alone"},
    };
    static const char *const right[] = {"auto", "off", "localhost", "a.example,b-1.example,a_b"};
    struct value_why why = {""};

    for (size_t i = 0; i < RIG_ROWS(wrong); i++) {
        cr_expect(eq(int, conf_check_sni(wrong[i][0], &why), -1), "%s", wrong[i][0]);
        cr_expect(strstr(why.text, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], why.text);
        cr_expect(lt(sz, strlen(why.text), sizeof(why.text) - 1));
    }
    for (size_t i = 0; i < RIG_ROWS(right); i++)
        cr_expect(eq(int, conf_check_sni(right[i], &why), 0), "%s: %s", right[i], why.text);
}

Test(tls, at_most_64_server_names_take_turns)
{
    char text[CONF_TEXT_MAX] = "a";
    struct value_why why = {""};

    for (int i = 1; i < 64; i++)
        strcat(text, ",b");
    cr_expect(eq(int, conf_check_sni(text, &why), 0), "%s", why.text);
    strcat(text, ",c");
    cr_expect(eq(int, conf_check_sni(text, &why), -1));
    cr_expect(strstr(why.text, "65 names; at most 64") != NULL, "%s", why.text);
}

Test(tls, a_server_name_is_no_longer_than_a_host_name)
{
    char text[CONF_TEXT_MAX] = "";
    struct value_why why = {""};

    memset(text, 'a', 253);
    cr_expect(eq(int, conf_check_sni(text, &why), 0), "%s", why.text);
    text[253] = 'a';
    cr_expect(eq(int, conf_check_sni(text, &why), -1));
    cr_expect(strstr(why.text, "too long") != NULL, "%s", why.text);
}
