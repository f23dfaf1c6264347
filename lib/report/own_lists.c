/* SPDX-License-Identifier: BSD-3-Clause */
/* See own_lists.h. */
#include "report/own_lists.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/options.h"

/* An option of ours and what openssl s_client calls it. */
static const struct list {
    int row;
    const char *flag;
} lists[OWN_LISTS] = {
    [OWN_CIPHERS] = {OPTION_CIPHERS, "-cipher"},
    [OWN_CIPHERSUITES] = {OPTION_CIPHERSUITES, "-ciphersuites"},
    [OWN_GROUPS] = {OPTION_GROUPS, "-groups"},
    [OWN_SIGALGS] = {OPTION_SIGALGS, "-sigalgs"},
    [OWN_ALPN] = {OPTION_ALPN, "-alpn"},
};

static const char *const version_flags[] = {
    [TLS_VERSIONS_BOTH] = "",
    [TLS_VERSIONS_1_2] = " -tls1_2",
    [TLS_VERSIONS_1_3] = " -tls1_3",
};

static const char *
value_of(const struct result *r, enum own_list list)
{
    return option_field(r->conf, conf_first_class(r->conf), lists[list].row);
}

static enum conf_tls_versions
versions_of(const struct result *r)
{
    return r->conf->classes[conf_first_class(r->conf)].tls.versions;
}

/* Append to the text in @buf; what finds no room is left out. */
__attribute__((format(printf, 3, 4))) static void
append(char *buf, size_t size, const char *format, ...)
{
    size_t used = strlen(buf);
    va_list args;

    va_start(args, format);
    vsnprintf(buf + used, size - used, format, args);
    va_end(args);
}

bool
own_list_is_set(const struct result *r, enum own_list list)
{
    return value_of(r, list)[0] != '\0';
}

bool
own_lists_are_set(const struct result *r)
{
    for (enum own_list i = 0; i < OWN_LISTS; i++)
        if (own_list_is_set(r, i))
            return true;
    return versions_of(r) != TLS_VERSIONS_BOTH;
}

void
own_lists_text(const struct result *r, char *buf, size_t size)
{
    buf[0] = '\0';
    if (versions_of(r) != TLS_VERSIONS_BOTH)
        append(buf, size, "%s %s", conf_options[OPTION_TLS_VERSIONS].name,
               conf_tls_versions_names[versions_of(r)]);
    for (enum own_list i = 0; i < OWN_LISTS; i++)
        if (own_list_is_set(r, i))
            append(buf, size, "%s%s %s", buf[0] != '\0' ? ", " : "",
                   conf_options[lists[i].row].name, value_of(r, i));
    if (buf[0] == '\0')
        append(buf, size, "no lists of its own");
}

/* Quotes keep "ALL:!aNULL" from the shell's history, and a quote from ending them. */
static void
append_word(char *buf, size_t size, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%+=:,./_-[]";

    if (word[strspn(word, plain)] == '\0') {
        append(buf, size, " %s", word);
        return;
    }
    append(buf, size, " '");
    for (; *word != '\0'; word++)
        append(buf, size, "%.*s%s", *word == '\'' ? 0 : 1, word, *word == '\'' ? "'\\''" : "");
    append(buf, size, "'");
}

static void
append_address(char *buf, size_t size, const struct conf *c)
{
    char text[IP_TEXT_MAX];

    if (c->n_targets == 0) {
        append(buf, size, " -connect ADDRESS:PORT");
        return;
    }
    ip_format(&c->targets[0].addr, text);
    append(buf, size, c->targets[0].addr.is_v6 ? " -connect [%s]:%u" : " -connect %s:%u", text,
           c->targets[0].port);
}

/* s_client sends the name of -connect where that is one; here it is an address. */
static void
append_name(char *buf, size_t size, const struct conf *c)
{
    const char *sni = c->classes[conf_first_class(c)].tls.sni;
    const char *name = c->n_targets > 0 ? c->targets[0].host : "";
    char first[CONF_TEXT_MAX];

    snprintf(first, sizeof(first), "%.*s", (int)strcspn(sni, ","), sni);
    if (strcmp(sni, "off") == 0)
        return;
    if (strcmp(sni, "auto") != 0 && sni[0] != '\0')
        name = first;
    if (name[0] != '\0') {
        append(buf, size, " -servername");
        append_word(buf, size, name);
    }
}

void
own_lists_s_client(const struct result *r, char *buf, size_t size)
{
    buf[0] = '\0';
    append(buf, size, "openssl s_client");
    append_address(buf, size, r->conf);
    append_name(buf, size, r->conf);
    append(buf, size, "%s", version_flags[versions_of(r)]);
    for (enum own_list i = 0; i < OWN_LISTS; i++)
        if (own_list_is_set(r, i)) {
            append(buf, size, " %s", lists[i].flag);
            append_word(buf, size, value_of(r, i));
        }
}
