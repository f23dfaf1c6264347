/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/url.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/registry.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

Test(url, an_ipv4_address_and_a_port_are_taken_apart)
{
    struct value_why why;
    struct url url;

    cr_assert(eq(int, url_parse("tcp://198.19.0.1:80", &url, &why), 0));
    cr_assert(eq(str, url.host, "198.19.0.1"));
    cr_assert(url.is_numeric);
    cr_assert(eq(u64, url.addr.lo, 0xc6130001));
    cr_assert(eq(u16, url.port, 80));
}

Test(url, an_ipv6_address_stands_in_brackets)
{
    struct value_why why;
    struct url url;

    cr_assert(eq(int, url_parse("tcp://[2001:2::8000:1]:443", &url, &why), 0));
    cr_assert(eq(str, url.host, "2001:2::8000:1"));
    cr_assert(url.is_numeric);
    cr_assert(url.addr.is_v6);
    cr_assert(eq(u16, url.port, 443));
}

Test(url, a_host_name_is_kept_for_the_resolver)
{
    static const char *const hosts[] = {"localhost", "server-1.lab.example", "a_b", "7up.example",
                                        "example."};

    for (size_t i = 0; i < ROWS(hosts); i++) {
        struct value_why why = {""};
        struct url url;
        char text[128];

        snprintf(text, sizeof(text), "tcp://%s:65535", hosts[i]);
        cr_expect(eq(int, url_parse(text, &url, &why), 0), "%s: %s", text, why.text);
        cr_expect(eq(str, url.host, (char *)hosts[i]));
        cr_expect(not(url.is_numeric));
        cr_expect(eq(u16, url.port, 65535));
    }
}

Test(url, the_scheme_may_be_in_capitals)
{
    struct value_why why;
    struct url url;

    cr_assert(eq(int, url_parse("TCP://198.19.0.1:80", &url, &why), 0));
}

Test(url, tls_has_a_port_of_its_own_when_none_is_written)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } rows[] = {
        {"tls://198.19.0.1", "198.19.0.1", 443},
        {"tls://198.19.0.1:8443", "198.19.0.1", 8443},
        {"tls://[2001:2::8000:1]", "2001:2::8000:1", 443},
        {"tls://[2001:2::8000:1]:444", "2001:2::8000:1", 444},
        {"TLS://server.example", "server.example", 443},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct value_why why = {""};
        struct url url;

        cr_expect(eq(int, url_parse(rows[i].text, &url, &why), 0), "%s: %s", rows[i].text,
                  why.text);
        cr_expect(url.is_tls, "%s", rows[i].text);
        cr_expect(url.proto == proto_by_name("bytes"), "%s", rows[i].text);
        cr_expect(eq(str, url.host, (char *)rows[i].host));
        cr_expect(eq(u16, url.port, rows[i].port), "%s", rows[i].text);
    }
}

Test(url, the_scheme_of_tcp_is_tcp)
{
    struct value_why why;
    struct url url = {.is_tls = true};

    cr_assert(eq(int, url_parse("tcp://198.19.0.1:443", &url, &why), 0));
    cr_assert(not(url.is_tls));
}

Test(url, a_target_keeps_the_name_that_a_server_is_called_by)
{
    static const struct {
        const char *text, *host;
    } rows[] = {
        {"tls://server.example", "server.example"},
        {"tls://Server.example.:443", "Server.example"}, /* RFC 6066 3: no final dot */
        {"tcp://localhost:80", "localhost"},
        {"tls://198.19.0.1", ""},
        {"tls://[2001:2::8000:1]:443", ""},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct conf_target t = {.host = "of before"};
        struct value_why why;
        struct url url;

        cr_assert(eq(int, url_parse(rows[i].text, &url, &why), 0), "%s", rows[i].text);
        url_target(rows[i].text, &url, &t);
        cr_expect(eq(str, t.host, (char *)rows[i].host));
        cr_expect(eq(str, t.url, (char *)rows[i].text));
        cr_expect(eq(int, t.is_tls, url.is_tls));
        cr_expect(t.proto == url.proto);
        cr_expect(eq(u16, t.port, url.port));
    }
}

Test(url, every_scheme_of_the_registry_is_taken_and_named_in_the_forms)
{
    char forms[URL_FORMS_MAX], form[URL_FORMS_MAX];
    unsigned n = 0;

    url_forms(forms);
    for (unsigned i = 0; i < 2 * proto_registry_count; i++) {
        const struct proto_ops *p = proto_registry[i / 2];
        const char *scheme = i % 2 != 0 ? p->secure_scheme : p->scheme;
        struct value_why why = {""};
        struct url url;
        char text[64];

        if (scheme == NULL)
            continue;
        snprintf(text, sizeof(text), "%s://198.19.0.1:7", scheme);
        cr_expect(eq(int, url_parse(text, &url, &why), 0), "%s: %s", text, why.text);
        cr_expect(url.proto == p && url.is_tls == (i % 2 != 0), "%s", text);
        cr_expect(strstr(forms, url_form(p, url.is_tls, form)) != NULL, "%s", form);
        n++;
    }
    cr_expect(ge(uint, n, 2));
}

Test(url, each_mistake_has_its_own_sentence)
{
    static const struct {
        const char *text, *mentions[2];
    } rows[] = {
        {"", {"'' is not a URL", "write tcp://ADDRESS:PORT"}},
        {"198.19.0.1:80", {"'198.19.0.1:80' is not a URL", "write tcp://ADDRESS:PORT"}},
        {"tcp:198.19.0.1:80", {"is not a URL", "write tcp://ADDRESS:PORT"}},
        {"ftp://198.19.0.1:21", {"unknown scheme", "write tcp://ADDRESS:PORT"}},
        {"://198.19.0.1:21", {"unknown scheme", "write tcp://ADDRESS:PORT"}},
        {"tlss://198.19.0.1:443", {"unknown scheme", "tls://ADDRESS[:PORT]"}},
        {"tl://198.19.0.1:443", {"unknown scheme", "tls://ADDRESS[:PORT]"}},
        {"averylongschemename://198.19.0.1:1", {"unknown scheme", "tls://ADDRESS[:PORT]"}},
        {"tcp://", {"'tcp://' has no host", "write tcp://ADDRESS:PORT"}},
        {"tcp://:80", {"'tcp://:80' has no host", "write tcp://ADDRESS:PORT"}},
        {"tcp://[]:80", {"has no host", "write tcp://ADDRESS:PORT"}},
        {"tcp://[2001:2::1:80", {"has no host", "tcp://[2001:2::8000:1]:80"}},
        {"tcp://198.19.0.1", {"'tcp://198.19.0.1' has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:", {"has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1/80", {"has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:http", {"has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://[2001:2::1]", {"has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://[2001:2::1]80", {"has no port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:0", {"the port is out of range", "allowed is 1 to 65535"}},
        {"tcp://198.19.0.1:65536", {"the port is out of range", "allowed is 1 to 65535"}},
        {"tcp://198.19.0.1:000080", {"the port is out of range", "allowed is 1 to 65535"}},
        {"tcp://198.19.0.1:80/", {"'/' after the port means nothing", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:80/index", {"'/index' after the port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:80x", {"'x' after the port", "write tcp://ADDRESS:PORT"}},
        {"tcp://198.19.0.1:80?q", {"'?q' after the port", "write tcp://ADDRESS:PORT"}},
        {"tls://", {"'tls://' has no host", "tls://ADDRESS[:PORT]"}},
        {"tls://198.19.0.1:", {"has no port", "tls://ADDRESS[:PORT]"}},
        {"tls://198.19.0.1:0", {"the port is out of range", "allowed is 1 to 65535"}},
        {"tls://198.19.0.1/", {"'/' after the host means nothing for tls://", "ADDRESS[:PORT]"}},
        {"tls://[2001:2::1]443", {"'443' after the host means nothing", "ADDRESS[:PORT]"}},
        {"tls://198.19.0.1:443/", {"'/' after the port means nothing for tls://", "write tcp"}},
        {"tls://2001:2::1", {"an IPv6 address needs brackets", "tcp://[2001:2::8000:1]:80"}},
        {"tls://198.19.0.300", {"'198.19.0.300' is neither an address nor", "tls://"}},
        {"tcp://2001:2::1:80", {"an IPv6 address needs brackets", "tcp://[2001:2::8000:1]:80"}},
        {"tcp://[198.19.0.1]:80", {"'198.19.0.1' is neither an address nor", "write tcp://"}},
        {"tcp://[fe80::1%eth0]:80", {"'fe80::1%eth0' is neither an address nor", "write tcp://"}},
        {"tcp://[name]:80", {"'name' is neither an address nor a host name", "write tcp://"}},
        {"tcp://198.19.0.300:80", {"'198.19.0.300' is neither an address nor", "write tcp://"}},
        {"tcp://198.19.1:80", {"'198.19.1' is neither an address nor", "write tcp://"}},
        {"tcp://3323133953:80", {"'3323133953' is neither an address nor", "write tcp://"}},
        {"tcp://0x7f000001:80", {"'0x7f000001' is neither an address nor", "write tcp://"}},
        {"tcp://user@host:80", {"'tcp://user@host:80' has credentials in it", "write tcp://"}},
        {"tcp://-host:80", {"'-host' is neither an address nor", "write tcp://"}},
        {"tcp://ho st:80", {"'ho st' is neither an address nor", "write tcp://"}},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct url url = {.port = 7};
        struct value_why why = {""};

        cr_expect(eq(int, url_parse(rows[i].text, &url, &why), -1), "%s", rows[i].text);
        cr_expect(eq(u16, url.port, 7), "%s touched the result", rows[i].text);
        for (int j = 0; j < 2; j++)
            cr_expect(strstr(why.text, rows[i].mentions[j]) != NULL, "'%s' is missing from: %s",
                      rows[i].mentions[j], why.text);
    }
}

Test(url, a_host_longer_than_a_name_may_be_is_refused)
{
    char text[400] = "tcp://";
    struct value_why why;
    struct url url;

    memset(text + 6, 'a', 254);
    strcpy(text + 260, ":80");
    cr_assert(eq(int, url_parse(text, &url, &why), -1));
    memmove(text + 6, text + 7, strlen(text + 7) + 1);
    cr_assert(eq(int, url_parse(text, &url, &why), 0));
    cr_assert(eq(sz, strlen(url.host), 253));
}
