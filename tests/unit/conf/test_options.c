/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/options.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

/* What no scenario says, since it is about scenarios, or about several runs. */
static bool
is_of_command_line(int row)
{
    static const int rows[] = {OPTION_SET,    OPTION_VAR,     OPTION_PRINT_SCENARIO,
                               OPTION_REPEAT, OPTION_AGAINST, OPTION_ALLOW_DIFFERENT,
                               OPTION_FOLDER, OPTION_QUICK,   OPTION_JOIN};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i] == row)
            return true;
    return false;
}

Test(options, every_row_can_be_printed_and_found)
{
    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];

        cr_expect(strncmp(o->name, "--", 2) == 0, "%s", o->name);
        cr_expect(o->help != NULL && o->help[strlen(o->help) - 1] != '.', "%s", o->name);
        cr_expect(o->metavar != NULL || o->type == TYPE_BOOL, "%s", o->name);
        cr_expect(ne(uint, o->commands, 0), "%s", o->name);
        cr_expect(eq(int, option_by_name(o->name), i), "%s", o->name);
        if (o->key != NULL)
            cr_expect(eq(int, option_by_key(o->key), i), "%s", o->key);
        else
            cr_expect(is_of_command_line(i), "%s has no key", o->name);
    }
}

Test(options, every_default_obeys_its_own_row)
{
    static struct conf c;

    conf_init(&c);
    for (int i = 0; i < OPTION_ROWS; i++) {
        const char *const texts[] = {conf_options[i].def, conf_options[i].def_serve};

        for (int j = 0; j < 2; j++) {
            struct value_why why = {""};

            if (texts[j] == NULL || strcmp(texts[j], "never") == 0)
                continue;
            cr_expect(eq(int, option_assign(&c, 0, i, texts[j], &why), 0), "%s: %s",
                      conf_options[i].name, why.text);
        }
    }
}

Test(options, every_key_of_the_contract_is_there)
{
    static const char *const pairs[][2] = {
        {"--device", "device"},
        {"--local", "local.addresses"},
        {"--gateway", "local.gateway"},
        {"--vlan", "local.vlan"},
        {"--mtu", "local.mtu"},
        {"--mac", "local.mac"},
        {"--ports", "local.ports"},
        {"--lcores", "lcores"},
        {"--rate", "load.rate"},
        {"--shape", "load.shape"},
        {"--connections", "load.connections"},
        {"--duration", "load.duration"},
        {"--init", "phases.init"},
        {"--ramp-up", "phases.ramp_up"},
        {"--warm-up", "phases.warm_up"},
        {"--sustain", "phases.sustain"},
        {"--ramp-down", "phases.ramp_down"},
        {"--control", "control"},
        {"--dead-man", "dead_man"},
        {"--close", "close"},
        {"--hold", "hold"},
        {"--request-rate", "load.request_rate"},
        {"--ipv4-weight", "load.ipv4_weight"},
        {"--ipv6-weight", "load.ipv6_weight"},
        {"--requests-total", "requests_total"},
        {"--proxy-protocol", "proxy_protocol"},
        {"--resolve", "resolve"},
        {"--drain", "drain"},
        {"--stop", "stop"},
        {"--half-open", "half_open"},
        {"--confirm", "confirm"},
        {"--connect-timeout", "timeout.connect"},
        {"--close-timeout", "timeout.close"},
        {"--idle-timeout", "timeout.idle"},
        {"--user", "user"},
        {"--reuse", "timeout.reuse"},
        {"--piggyback", "piggyback"},
        {"--listen", "serve.ports"},
        {"--criteria", "criteria"},
        {"--json-lines", "output.json_lines"},
        {"--csv", "output.csv"},
        {"--hdr", "output.hdr"},
        {"--hdr-latency", "output.hdr_latency"},
        {"--html", "output.html"},
        {"--pcap", "output.pcap"},
        {"--pcap-sample", "output.pcap_sample"},
        {"--pcap-size", "output.pcap_size"},
        {"--sample", "output.sample"},
        {"--ui", "output.ui"},
        {"--json", "output.json"},
        {"--allow-public", "safety.allow_public"},
        {"--i-own-the-target", "safety.i_own_the_target"},
        {"--eal", "eal"},
        {"--eal-shared", "eal_shared"},
        {"--seed", "load.seed"},
        {"--send", "send"},
        {"--receive", "receive"},
        {"--bytes", "serve.bytes"},
        {"--after", "serve.after"},
        {"--echo", "serve.echo"},
        {"--requests", "requests"},
        {"--think", "think"},
        {"--data-timeout", "timeout.data"},
        {"--method", "http.method"},
        {"--header", "http.headers"},
        {"--body", "http.body"},
        {"--body-bytes", "http.body_bytes"},
        {"--path", "http.paths"},
        {"--host", "http.host"},
        {"--basic", "http.basic"},
        {"--bearer", "http.bearer"},
        {"--csv-data", "http.csv"},
        {"--csv-order", "http.csv_order"},
        {"--cookies", "http.cookies"},
        {"--expect-body", "http.expect_body"},
        {"--expect", "http.expect"},
        {"--http", "serve.http"},
        {"--keepalive-requests", "serve.keepalive_requests"},
        {"--pipeline", "http.pipeline"},
        {"--streams", "http.streams"},
        {"--h2-window", "http.stream_window"},
        {"--h2-connection-window", "http.connection_window"},
        {"--congestion", "tcp.congestion"},
        {"--fixed-window", "tcp.fixed_window"},
        {"--window", "tcp.window"},
        {"--mss", "tcp.mss"},
        {"--ack", "ack"},
        {"--delayed-ack", "tcp.delayed_ack"},
        {"--nagle", "tcp.nagle"},
        {"--timestamps", "tcp.timestamps"},
        {"--retries", "tcp.retries"},
        {"--offload", "offload"},
        {"--probe", "local.probe"},
        {"--tls", "serve.tls"},
        {"--tls-versions", "tls.versions"},
        {"--ciphers", "tls.ciphers"},
        {"--ciphersuites", "tls.ciphersuites"},
        {"--groups", "tls.groups"},
        {"--sigalgs", "tls.sigalgs"},
        {"--sni", "tls.sni"},
        {"--sni-file", "tls.sni_file"},
        {"--alpn", "tls.alpn"},
        {"--resume", "tls.resume"},
        {"--warmup", "tls.warmup"},
        {"--verify", "tls.verify"},
        {"--ca", "tls.ca"},
        {"--cert", "tls.cert"},
        {"--key", "tls.key"},
        {"--self-signed", "tls.self_signed"},
        {"--certs", "tls.certs"},
        {"--ocsp", "tls.ocsp"},
        {"--ocsp-request", "tls.ocsp_request"},
        {"--key-update", "tls.key_update"},
        {"--request-cert", "tls.request_cert"},
        {"--tickets", "tls.tickets"},
        {"--ticket-count", "tls.ticket_count"},
        {"--session-cache", "tls.session_cache"},
        {"--psk-without-dhe", "tls.psk_without_dhe"},
        {"--close-notify", "tls.close_notify"},
        {"--keylog", "tls.keylog"},
        {"--tls-timeout", "timeout.tls"},
        {"--tls-batch", "tls_batch"},
        {"--limit-cps", "limit_cps"},
        {"--search", "search.preset"},
        {"--search-goal", "search.goals"},
        {"--search-on", "search.on"},
        {"--search-min", "search.min"},
        {"--search-max", "search.max"},
        {"--search-pause", "search.pause"},
        {"--search-reset", "search.reset"},
        {"--limit-mode", "limit_mode"},
        {"--server-device", "server.device"},
        {"--server-local", "server.addresses"},
        {"--server-gateway", "server.gateway"},
        {"--server-vlan", "server.vlan"},
        {"--metrics", "output.metrics"},
        {"--hosts", "hosts"},
        {"--otlp", "output.otlp"},
        {"--otlp-period", "output.otlp_period"},
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        cr_expect(ge(int, option_by_name(pairs[i][0]), 0), "%s", pairs[i][0]);
        cr_expect(eq(int, option_by_key(pairs[i][1]), option_by_name(pairs[i][0])), "%s",
                  pairs[i][1]);
    }
    cr_expect(ge(int, option_by_name("--set"), 0));
    cr_expect(eq(sz, OPTION_ROWS, ARRAY_LEN(pairs) + 9));
}

Test(options, what_is_unknown_is_not_found)
{
    cr_expect(eq(int, option_by_name("--nonsense"), -1));
    cr_expect(eq(int, option_by_name("rate"), -1));
    cr_expect(eq(int, option_by_name(""), -1));
    cr_expect(eq(int, option_by_key("rate"), -1));
    cr_expect(eq(int, option_by_key("--rate"), -1));
}

Test(options, the_nearest_name_and_key_are_suggested)
{
    cr_expect(eq(str, (char *)option_suggest_name("--devcie"), "--device"));
    cr_expect(eq(str, (char *)option_suggest_name("--connection"), "--connections"));
    cr_expect(eq(str, (char *)option_suggest_name("--hlep"), "--help"));
    cr_expect(eq(str, (char *)option_suggest_name("--verson"), "--version"));
    cr_expect(eq(str, (char *)option_suggest_key("load.rat"), "load.rate"));
    cr_expect(eq(str, (char *)option_suggest_key("timeout.conect"), "timeout.connect"));
    cr_expect(option_suggest_key("nonsense") == NULL);
}

Test(options, every_choice_can_be_written_and_is_told)
{
    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];
        char words[OPTION_WORDS_MAX];

        cr_expect(eq(int, o->choices != NULL && o->noun != NULL, o->type == TYPE_CHOICE), "%s",
                  o->name);
        for (unsigned j = 0; o->choices != NULL && o->choices[j] != NULL; j++) {
            static struct conf c;
            struct value_why why;

            conf_init(&c);
            cr_expect(eq(int, option_assign(&c, 0, i, o->choices[j], &why), 0), "%s",
                      o->choices[j]);
            cr_expect(eq(uint, *(const unsigned *)option_field(&c, 0, i), j), "%s", o->choices[j]);
            cr_expect(strstr(option_range_words(o, words), o->choices[j]) != NULL, "%s", words);
        }
    }
}

Test(options, choices_stand_in_the_order_of_their_enum)
{
    cr_expect(eq(str, (char *)conf_close_names[CLOSE_FIN], "fin"));
    cr_expect(eq(str, (char *)conf_close_names[CLOSE_RST], "rst"));
    cr_expect(eq(str, (char *)conf_close_names[CLOSE_PEER], "peer"));
    cr_expect(eq(str, (char *)conf_congestion_names[CC_CUBIC], "cubic"));
    cr_expect(eq(str, (char *)conf_congestion_names[CC_NEWRENO], "newreno"));
    cr_expect(eq(str, (char *)conf_congestion_names[CC_FIXED], "fixed"));
    cr_expect(eq(str, (char *)conf_tls_versions_names[TLS_VERSIONS_BOTH], "both"));
    cr_expect(eq(str, (char *)conf_tls_versions_names[TLS_VERSIONS_1_2], "1.2"));
    cr_expect(eq(str, (char *)conf_tls_versions_names[TLS_VERSIONS_1_3], "1.3"));
    cr_expect(eq(str, (char *)conf_tls_batch_names[TLS_BATCH_AUTO], "auto"));
    cr_expect(eq(str, (char *)conf_tls_batch_names[TLS_BATCH_ON], "on"));
    cr_expect(eq(str, (char *)conf_tls_batch_names[TLS_BATCH_OFF], "off"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_NONE], "none"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_RSA2048], "rsa2048"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_RSA4096], "rsa4096"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_P256], "p256"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_P384], "p384"));
    cr_expect(eq(str, (char *)conf_key_kind_names[KEY_ED25519], "ed25519"));
}

Test(options, a_row_knows_whether_it_holds_its_default)
{
    static const struct {
        int row;
        const char *other;
    } rows[] = {
        {OPTION_DEVICE, "memif:x"},   {OPTION_ALPN, "h2"},          {OPTION_SNI, "off"},
        {OPTION_TLS, "yes"},          {OPTION_TICKETS, "no"},       {OPTION_RESUME, "0.5%"},
        {OPTION_TLS_VERSIONS, "1.2"}, {OPTION_SELF_SIGNED, "p256"}, {OPTION_TLS_TIMEOUT, "10001ms"},
    };
    static struct conf c;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_why why = {""};

        conf_init(&c);
        cr_expect(option_is_default(&c, 0, rows[i].row), "%s", conf_options[rows[i].row].name);
        cr_assert(eq(int, option_assign(&c, 0, rows[i].row, rows[i].other, &why), 0), "%s",
                  why.text);
        cr_expect(not(option_is_default(&c, 0, rows[i].row)), "%s", conf_options[rows[i].row].name);
    }
}

/* Else what is given without TLS could not be told from what is not. */
Test(options, every_row_of_tls_can_be_compared_with_its_default)
{
    static struct conf c;

    conf_init(&c);
    for (int i = 0; i < OPTION_ROWS; i++)
        if (conf_options[i].group == GROUP_TLS)
            cr_expect(option_is_default(&c, 0, i), "%s", conf_options[i].name);
}

Test(options, a_range_of_powers_of_two_begins_and_ends_with_one)
{
    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];

        if (!o->is_power_of_two)
            continue;
        cr_expect(o->min > 0 && (o->min & (o->min - 1)) == 0, "%s", o->name);
        cr_expect(zero(u64, o->max & (o->max - 1)), "%s", o->name);
    }
}

Test(options, what_is_no_power_of_two_is_told_its_neighbours)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"4097", "4097 is not a power of two; the nearest allowed are 4KiB and 8KiB"},
        {"8191", "8191 is not a power of two; the nearest allowed are 4KiB and 8KiB"},
        {"300KiB", "300KiB is not a power of two; the nearest allowed are 256KiB and 512KiB"},
        {"1M", "1M is not a power of two; the nearest allowed are 512KiB and 1MiB"},
        {"4194303", "4194303 is not a power of two; the nearest allowed are 2MiB and 4MiB"},
    };
    static struct conf c;
    struct value_why why;

    conf_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect(eq(int, option_assign(&c, 0, OPTION_WINDOW, rows[i].text, &why), -1));
        cr_expect(eq(str, why.text, (char *)rows[i].why));
        cr_expect(eq(u64, c.window_bytes, 256 * 1024));
    }
    for (uint64_t power = 4096; power <= 4194304; power *= 2) {
        char text[VALUE_TEXT_MAX];

        cr_expect(
            eq(int, option_assign(&c, 0, OPTION_WINDOW, value_format_size(power, text), &why), 0));
        cr_expect(eq(u64, c.window_bytes, power));
    }
}

Test(options, defaults_do_not_replace_what_was_given)
{
    static struct conf c;
    struct value_why why;

    conf_init(&c);
    cr_assert(eq(int, option_assign(&c, 0, OPTION_CLOSE, "rst", &why), 0));
    option_set_given(&c, 0, OPTION_CLOSE);
    option_fill_defaults(&c, CONF_SERVE);
    cr_assert(eq(int, c.classes[0].close, CLOSE_RST));
    cr_assert(eq(u64, c.duration_ns, TIME_NEVER));
}

Test(options, what_concerns_a_connection_is_kept_per_class_and_the_rest_once)
{
    static const struct {
        int row;
        const char *value;
        bool is_of_class;
    } rows[] = {
        {OPTION_CLOSE, "rst", true},      {OPTION_HOLD, "7s", true},
        {OPTION_SEND, "5", true},         {OPTION_TLS_TIMEOUT, "7s", true},
        {OPTION_LISTEN, "80", true},      {OPTION_CONNECT_TIMEOUT, "7s", true},
        {OPTION_RATE, "7", false},        {OPTION_DEVICE, "memif:x", false},
        {OPTION_WINDOW, "4KiB", false},   {OPTION_DURATION, "7s", false},
        {OPTION_CONNECTIONS, "7", false}, {OPTION_DRAIN, "7s", false},
    };
    static struct conf c;

    conf_init(&c);
    c.n_classes = 2;
    option_fill_defaults(&c, CONF_RUN);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *name = conf_options[rows[i].row].name;
        struct value_why why = {""};

        cr_assert(zero(int, option_assign(&c, 1, rows[i].row, rows[i].value, &why)), "%s",
                  why.text);
        option_set_given(&c, 1, rows[i].row);
        cr_expect(eq(int, option_is_default(&c, 0, rows[i].row), rows[i].is_of_class), "%s", name);
        cr_expect(eq(int, option_is_given(&c, 0, rows[i].row), !rows[i].is_of_class), "%s", name);
        cr_expect(option_is_given(&c, 1, rows[i].row), "%s", name);
        cr_expect(not(option_is_default(&c, 1, rows[i].row)), "%s", name);
    }
}

Test(options, a_value_out_of_range_leaves_the_field_alone)
{
    static struct conf c;
    struct value_why why;

    conf_init(&c);
    cr_assert(eq(int, option_assign(&c, 0, OPTION_LCORES, "65", &why), -1));
    cr_assert(eq(uint, c.lcores, 1));
    cr_assert(eq(str, why.text, "65 is out of range; allowed is 1 to 64"));
    cr_assert(eq(int, option_assign(&c, 0, OPTION_DURATION, "99ms", &why), -1));
    cr_assert(eq(str, why.text, "99ms is out of range; allowed is 100ms to 30d"));
}

Test(options, a_text_that_just_fits_is_kept_whole)
{
    static struct conf c;
    char text[CONF_TEXT_MAX + 1];
    struct value_why why;

    conf_init(&c);
    memset(text, 'x', sizeof(text));
    text[CONF_TEXT_MAX - 1] = '\0';
    cr_assert(eq(int, option_assign(&c, 0, OPTION_DEVICE, text, &why), 0));
    cr_assert(eq(sz, strlen(c.device), CONF_TEXT_MAX - 1));
    text[CONF_TEXT_MAX - 1] = 'x';
    text[CONF_TEXT_MAX] = '\0';
    cr_assert(eq(int, option_assign(&c, 0, OPTION_DEVICE, text, &why), -1));
    cr_assert(strstr(why.text, "too long; at most 511 characters") != NULL, "%s", why.text);
}

Test(options, defaults_and_ranges_have_words)
{
    char buf[OPTION_WORDS_MAX];

    cr_expect(eq(str, (char *)option_default_words(&conf_options[OPTION_DURATION], buf),
                 "10s; with -n 1h; serve: no end"));
    cr_expect(eq(str, (char *)option_default_words(&conf_options[OPTION_CLOSE], buf),
                 "fin; serve: peer"));
    cr_expect(eq(str, (char *)option_range_words(&conf_options[OPTION_RESUME], buf),
                 "never, always, or 0% to 100%"));
    cr_expect(eq(str, (char *)option_default_words(&conf_options[OPTION_VLAN], buf), "untagged"));
    cr_expect(eq(str, (char *)option_default_words(&conf_options[OPTION_SET], buf), ""));
    cr_expect(eq(str, (char *)option_range_words(&conf_options[OPTION_VLAN], buf),
                 "1 to 4094, or two of them, e.g. 100.7"));
    cr_expect(
        eq(str, (char *)option_range_words(&conf_options[OPTION_CONNECTIONS], buf), "1 to 100M"));
    cr_expect(
        eq(str, (char *)option_range_words(&conf_options[OPTION_DURATION], buf), "100ms to 30d"));
    cr_expect(eq(str, (char *)option_range_words(&conf_options[OPTION_SEED], buf), ""));
    cr_expect(
        eq(str, (char *)option_range_words(&conf_options[OPTION_CLOSE], buf), "fin, rst or peer"));
    cr_expect(eq(str, (char *)option_range_words(&conf_options[OPTION_SEND], buf), "0 to 1TiB"));
    cr_expect(eq(str, (char *)option_range_words(&conf_options[OPTION_WINDOW], buf),
                 "4KiB to 4MiB, a power of two"));
    cr_expect(
        eq(str, (char *)option_range_words(&conf_options[OPTION_DELAYED_ACK], buf), "0s to 500ms"));
}
