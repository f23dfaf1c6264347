/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/scenario.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "conf/options.h"
#include "sample.h"

static struct conf conf, back;
static struct json_tree tree;

static json_t *
at(json_t *o, const char *path)
{
    char part[64];
    const char *dot = strchr(path, '.');

    if (dot == NULL)
        return json_object_get(o, path);
    snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
    return at(json_object_get(o, part), dot + 1);
}

/* How the value at @path is written. */
static char *
value_at(const char *path)
{
    static char text[8192];
    json_t *o = scenario_json(&tree, &conf);
    char *heap = json_dumps(at(o, path), JSON_ENCODE_ANY | JSON_COMPACT);

    cr_assert(not(tree.has_failed));
    snprintf(text, sizeof(text), "%s", heap == NULL ? "(absent)" : heap);
    free(heap);
    json_decref(o);
    return text;
}

static void
set(const char *key, const char *text)
{
    struct value_why why;

    cr_assert(zero(int, option_assign(&conf, 0, option_by_key(key), text, &why)), "%s", key);
}

Test(scenario, what_is_not_set_is_null)
{
    conf_init(&conf);
    conf.command = CONF_RUN;
    cr_assert(eq(str, value_at("local.vlan"), "null"));
    cr_assert(eq(str, value_at("load.rate"), "null"));
    cr_assert(eq(str, value_at("output.json"), "null"));
    cr_assert(eq(str, value_at("eal"), "null"));
    cr_assert(eq(str, value_at("local.gateway"), "[]"));
    cr_assert(eq(str, value_at("targets"), "[]"));
    cr_assert(eq(str, value_at("tcp.mss"), "null"));
    cr_assert(eq(str, value_at("tcp.fixed_window"), "null"));
}

Test(scenario, payload_and_tcp_stand_as_a_user_may_write_them)
{
    sample_conf(&conf);
    set("receive", "64KiB");
    set("timeout.data", "1500ms");
    set("tcp.congestion", "newreno");
    set("tcp.mss", "1000");
    cr_assert(eq(str, value_at("send"), "0"));
    cr_assert(eq(str, value_at("receive"), "65536"));
    cr_assert(eq(str, value_at("timeout.data"), "\"1500ms\""));
    cr_assert(eq(str, value_at("tcp.congestion"), "\"newreno\""));
    cr_assert(eq(str, value_at("tcp.window"), "262144"));
    cr_assert(eq(str, value_at("tcp.mss"), "1000"));
    cr_assert(eq(str, value_at("tcp.delayed_ack"), "\"40ms\""));
    cr_assert(eq(str, value_at("tcp.nagle"), "false"));
    cr_assert(eq(str, value_at("tcp.retries"), "15"));
    cr_assert(eq(str, value_at("offload"), "true"));
    cr_assert(eq(str, value_at("serve.bytes"), "(absent)"));
}

Test(scenario, tls_stands_as_a_user_may_write_it)
{
    static const char *const rows[][2] = {
        {"versions", "\"1.3\""},
        {"ciphers", "null"},
        {"ciphersuites", "null"},
        {"groups", "\"X25519\""},
        {"sigalgs", "null"},
        {"sni", "\"a.example,b.example\""},
        {"alpn", "\"h2,http/1.1\""},
        {"resume", "\"12.5%\""},
        {"verify", "true"},
        {"ca", "\"ca.pem\""},
        {"cert", "null"},
        {"key", "null"},
        {"self_signed", "\"p256\""},
        {"psk_without_dhe", "false"},
        {"close_notify", "false"},
        {"keylog", "null"},
        {"tickets", "true"},
        {"ticket_count", "0"},
        {"request_cert", "(absent)"},
    };

    sample_conf(&conf);
    set("tls.versions", "1.3");
    set("tls.groups", "X25519");
    set("tls.sni", "a.example,b.example");
    set("tls.alpn", "h2,http/1.1");
    set("tls.resume", "12.5%");
    set("tls.verify", "on");
    set("tls.ca", "ca.pem");
    set("tls.self_signed", "p256");
    set("tls.close_notify", "no");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[64];

        snprintf(path, sizeof(path), "tls.%s", rows[i][0]);
        cr_expect(eq(str, value_at(path), (char *)rows[i][1]), "%s", path);
    }
    cr_assert(eq(str, value_at("timeout.tls"), "\"10s\""));
    cr_assert(eq(str, value_at("serve.tls"), "(absent)"));
}

Test(scenario, values_stand_as_a_user_may_write_them)
{
    sample_conf(&conf);
    set("local.vlan", "100");
    set("local.mtu", "9000");
    set("load.rate", "200k");
    set("load.duration", "1500ms");
    set("close", "rst");
    set("local.gateway", "198.18.0.1");
    set("local.gateway", "2001:2::1");
    set("local.addresses", "2001:2::10/48");
    set("piggyback", "no");
    cr_assert(eq(str, value_at("device"), "\"loopback\""));
    cr_assert(eq(str, value_at("local.vlan"), "100"));
    cr_assert(eq(str, value_at("local.mtu"), "9000"));
    cr_assert(eq(str, value_at("load.rate"), "200000"));
    cr_assert(eq(str, value_at("load.connections"), "1024"));
    cr_assert(eq(str, value_at("load.duration"), "\"1500ms\""));
    cr_assert(eq(str, value_at("hold"), "\"0s\""));
    cr_assert(eq(str, value_at("close"), "\"rst\""));
    cr_assert(eq(str, value_at("piggyback"), "false"));
    cr_assert(eq(str, value_at("local.ports"), "\"1024-65535\""));
    cr_assert(eq(str, value_at("local.gateway"), "[\"198.18.0.1\",\"2001:2::1\"]"));
    cr_assert(
        eq(str, value_at("local.addresses"), "[\"198.18.0.1-198.18.16.0/15\",\"2001:2::10/48\"]"));
    cr_assert(eq(str, value_at("targets"), "[\"tcp://198.19.0.1:80\"]"));
}

Test(scenario, only_keys_that_the_command_knows_are_there)
{
    conf_init(&conf);
    conf.command = CONF_RUN;
    cr_assert(eq(str, value_at("serve.ports"), "(absent)"));
    conf.command = CONF_SERVE;
    conf.duration_ns = TIME_NEVER;
    cr_assert(eq(str, value_at("load.rate"), "(absent)"));
    cr_assert(eq(str, value_at("targets"), "(absent)"));
    cr_assert(eq(str, value_at("load.duration"), "null"));
    cr_assert(eq(str, value_at("send"), "(absent)"));
    cr_assert(eq(str, value_at("receive"), "(absent)"));
    cr_assert(eq(str, value_at("serve.ports"), "\"1-65535\""));
    cr_assert(eq(str, value_at("serve.bytes"), "0"));
    cr_assert(eq(str, value_at("serve.after"), "0"));
    cr_assert(eq(str, value_at("serve.echo"), "false"));
    cr_assert(eq(str, value_at("serve.tls"), "false"));
    cr_assert(eq(str, value_at("tls.tickets"), "true"));
    cr_assert(eq(str, value_at("tls.request_cert"), "false"));
    cr_assert(eq(str, value_at("tls.sni"), "(absent)"));
    cr_assert(eq(str, value_at("tls.resume"), "(absent)"));
}

Test(scenario, open_ports_are_written_as_runs)
{
    conf_init(&conf);
    conf.command = CONF_SERVE;
    set("serve.ports", "80,443,8000-8100,65535");
    cr_assert(eq(str, value_at("serve.ports"), "\"80,443,8000-8100,65535\""));
    set("serve.ports", "1");
    cr_assert(eq(str, value_at("serve.ports"), "\"1\""));
}

/* Read @value back as the value of @row. */
static void
paste(int row, const json_t *value)
{
    struct value_why why;
    char number[32];
    const char *text = json_string_value(value);

    if (json_is_integer(value))
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        snprintf(number, sizeof(number), "%s", json_is_true(value) ? "yes" : "no");
    if (text == NULL)
        text = number;
    cr_assert(zero(int, option_assign(&back, 0, row, text, &why)), "%s: %s", conf_options[row].key,
              text);
}

static void
paste_all(json_t *o)
{
    for (int row = 0; row < OPTION_ROWS; row++) {
        const struct conf_option *option = &conf_options[row];
        json_t *value = option->key == NULL ? NULL : at(o, option->key), *item;
        size_t i;

        if (value == NULL || json_is_null(value))
            continue;
        if (!json_is_array(value))
            paste(row, value);
        json_array_foreach(value, i, item) paste(row, item);
    }
}

Test(scenario, what_is_written_can_be_pasted_back)
{
    json_t *o, *again;

    sample_conf(&conf);
    set("local.vlan", "7");
    set("local.gateway", "198.18.0.9");
    set("load.duration", "7s");
    set("hold", "250us");
    set("close", "peer");
    set("safety.allow_public", "yes");
    set("local.ports", "2000-3000");
    set("output.json", "-");
    set("eal", "--log-level=8");
    set("send", "1TiB");
    set("tcp.congestion", "fixed");
    set("tcp.fixed_window", "3000");
    set("tcp.window", "4KiB");
    set("tcp.delayed_ack", "0");
    set("offload", "no");
    set("tls.versions", "1.2");
    set("tls.ciphers", "ECDHE-RSA-AES128-GCM-SHA256");
    set("tls.sni", "off");
    set("tls.resume", "0.0001%");
    set("tls.self_signed", "ed25519");
    set("timeout.tls", "1500ms");
    o = scenario_json(&tree, &conf);

    conf_init(&back);
    back.command = CONF_RUN;
    back.n_targets = conf.n_targets;
    memcpy(back.targets, conf.targets, sizeof(back.targets));
    paste_all(o);
    cr_assert(eq(int, back.vlan, 7));
    cr_assert(eq(u64, back.classes[0].hold_ns, 250000));
    cr_assert(eq(u32, back.local.range[0].count, 4096));
    cr_assert(eq(u32, back.ports.last, 3000));
    cr_assert(eq(u64, back.classes[0].send_bytes, UINT64_C(1) << 40));
    cr_assert(eq(int, back.congestion, CC_FIXED));
    cr_assert(eq(u64, back.fixed_window_bytes, 3000));
    cr_assert(eq(int, back.classes[0].tls.versions, TLS_VERSIONS_1_2));
    cr_assert(eq(str, back.classes[0].tls.sni, "off"));
    cr_assert(eq(u32, back.classes[0].tls.resume_ppm, 1));
    cr_assert(eq(int, back.classes[0].tls.self_signed, KEY_ED25519));
    cr_assert(eq(u64, back.classes[0].tls.timeout_ns, 1500 * NS_PER_MS));
    again = scenario_json(&tree, &back);
    cr_assert(json_equal(o, again) == 1);
    json_decref(again);
    json_decref(o);
}
