/* SPDX-License-Identifier: BSD-3-Clause */
/* See options.h. */
#include "conf/options.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "conf/host_entry.h"
#include "conf/hosts.h"
#include "conf/http.h"
#include "conf/monitoring.h"
#include "conf/search_goal.h"
#include "conf/tls.h"
#include "conf/variables.h"

#define OPTION_ROW(row, ...) [OPTION_##row] = {__VA_ARGS__},
const struct conf_option conf_options[OPTION_ROWS] = {CONF_OPTIONS(OPTION_ROW)};
#undef OPTION_ROW

const char *const conf_command_names[] = {
    [CONF_RUN] = "run",       [CONF_SERVE] = "serve",       [CONF_CHECK] = "check",
    [CONF_DOCTOR] = "doctor", [CONF_CTL] = "ctl",           [CONF_REPORT] = "report",
    [CONF_MERGE] = "merge",   [CONF_COMPARE] = "compare",   [CONF_RFC9411] = "rfc9411",
    [CONF_HELP] = "--help",   [CONF_VERSION] = "--version",
};

const char *const conf_close_names[] = {
    [CLOSE_FIN] = "fin",
    [CLOSE_RST] = "rst",
    [CLOSE_PEER] = "peer",
    [CLOSE_MODES] = NULL,
};

const char *const conf_stop_names[] = {
    [STOP_HOLD] = "hold",
    [STOP_DRAIN] = "drain",
    [STOP_NOW] = "now",
    [STOP_NOW + 1] = NULL,
};

const char *const conf_ui_names[] = {
    [UI_AUTO] = "auto", [UI_TUI] = "tui",     [UI_LINE] = "line",
    [UI_NONE] = "none", [UI_NONE + 1] = NULL,
};

/* Beside the first one those of search/preset.h. */
const char *const conf_search_names[] = {"none", "quick", "rfc2544", "tst009", NULL};

const char *const conf_search_on_names[] = {
    [SEARCH_ON_RATE] = "rate",
    [SEARCH_ON_CONNECTIONS] = "connections",
    [SEARCH_ON_REQUESTS] = "requests",
    [SEARCH_ON_REQUESTS + 1] = NULL,
};

const char *const conf_limit_names[] = {
    [LIMIT_RST] = "rst",
    [LIMIT_DROP] = "drop",
    [LIMIT_DROP + 1] = NULL,
};

const char *const conf_confirm_names[] = {
    [CONFIRM_NONE] = "none",
    [CONFIRM_PAYLOAD] = "payload",
    [CONFIRM_CLOSE] = "close",
    [CONFIRM_CLOSE + 1] = NULL,
};

const char *const conf_congestion_names[] = {
    [CC_CUBIC] = "cubic",
    [CC_NEWRENO] = "newreno",
    [CC_FIXED] = "fixed",
    [CC_ALGORITHMS] = NULL,
};

const char *const conf_proxy_names[] = {
    [PROXY_NONE] = "off",
    [PROXY_V1] = "v1",
    [PROXY_V2] = "v2",
    [PROXY_VERSIONS] = NULL,
};

const char *const conf_ack_names[] = {
    [TCP_ACK_DELAYED] = "delayed",
    [TCP_ACK_LINUX] = "linux",
    [TCP_ACK_QUICK] = "quick",
    [TCP_ACK_POLICIES] = NULL,
};

const char *const conf_tls_batch_names[] = {
    [TLS_BATCH_AUTO] = "auto",
    [TLS_BATCH_ON] = "on",
    [TLS_BATCH_OFF] = "off",
    [TLS_BATCH_OFF + 1] = NULL,
};

const char *const conf_tls_versions_names[] = {
    [TLS_VERSIONS_BOTH] = "both",
    [TLS_VERSIONS_1_2] = "1.2",
    [TLS_VERSIONS_1_3] = "1.3",
    [TLS_VERSIONS_1_3 + 1] = NULL,
};

const char *const conf_key_kind_names[] = {
    [KEY_NONE] = "none",       [KEY_RSA2048] = "rsa2048", [KEY_RSA4096] = "rsa4096",
    [KEY_P256] = "p256",       [KEY_P384] = "p384",       [KEY_ED25519] = "ed25519",
    [KEY_MLDSA44] = "mldsa44", [KEY_MLDSA65] = "mldsa65", [KEY_MLDSA87] = "mldsa87",
    [KEY_MLDSA87 + 1] = NULL,
};

const char *const conf_csv_order_names[] = {
    [HTTP_CSV_SEQUENTIAL] = "sequential",
    [HTTP_CSV_RANDOM] = "random",
    [HTTP_CSV_CONNECTION] = "connection",
    [HTTP_CSV_CONNECTION + 1] = NULL,
};

const char *
option_commands_words(const struct conf_option *o, const char *last,
                      char buf[static OPTION_WORDS_MAX])
{
    static const enum conf_command order[] = {CONF_RUN,    CONF_CHECK, CONF_SERVE,   CONF_DOCTOR,
                                              CONF_REPORT, CONF_MERGE, CONF_COMPARE, CONF_RFC9411};
    unsigned left = o->commands;
    size_t used = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < ARRAY_LEN(order) && used < OPTION_WORDS_MAX; i++) {
        unsigned bit = 1U << order[i];

        if ((o->commands & bit) == 0)
            continue;
        left &= ~bit;
        used += (size_t)snprintf(buf + used, OPTION_WORDS_MAX - used, "%s%s",
                                 used == 0   ? ""
                                 : left == 0 ? last
                                             : ", ",
                                 conf_command_names[order[i]]);
    }
    return buf;
}

int
option_by_name(const char *name)
{
    for (int i = 0; i < OPTION_ROWS; i++)
        if (strcmp(conf_options[i].name, name) == 0 ||
            (conf_options[i].letter != NULL && strcmp(conf_options[i].letter, name) == 0))
            return i;
    return -1;
}

int
option_by_key(const char *key)
{
    for (int i = 0; i < OPTION_ROWS; i++)
        if (conf_options[i].key != NULL && strcmp(conf_options[i].key, key) == 0)
            return i;
    return -1;
}

const char *
option_suggest_name(const char *name)
{
    const char *names[OPTION_ROWS + 2];

    for (int i = 0; i < OPTION_ROWS; i++)
        names[i] = conf_options[i].name;
    names[OPTION_ROWS] = "--help";
    names[OPTION_ROWS + 1] = "--version";
    return suggest_nearest(name, names, ARRAY_LEN(names));
}

const char *
option_suggest_key(const char *key)
{
    const char *keys[OPTION_ROWS];
    size_t n = 0;

    for (int i = 0; i < OPTION_ROWS; i++)
        if (conf_options[i].key != NULL)
            keys[n++] = conf_options[i].key;
    return suggest_nearest(key, keys, n);
}

const char *
option_near_key(const char *key)
{
    const char *name = key + strspn(key, "-");
    size_t length = strlen(name);
    char option[96 + 2];
    int row;

    snprintf(option, sizeof(option), "--%s", name);
    row = option_by_name(option);
    if (row >= 0 && conf_options[row].key != NULL)
        return conf_options[row].key;
    for (row = 0; row < OPTION_ROWS; row++) {
        const char *dot =
            conf_options[row].key != NULL ? strrchr(conf_options[row].key, '.') : NULL;

        if (dot != NULL && length > 0 && strcmp(dot + 1, name) == 0)
            return conf_options[row].key;
    }
    return option_suggest_key(key);
}

static void *
field_of(struct conf *c, unsigned class_idx, int row)
{
    const struct conf_option *o = &conf_options[row];

    assert(class_idx < c->n_classes);
    return (o->is_of_class ? (char *)&c->classes[class_idx] : (char *)c) + o->offset;
}

const void *
option_field(const struct conf *c, unsigned class_idx, int row)
{
    return field_of((struct conf *)(uintptr_t)c, class_idx, row);
}

bool
option_is_given(const struct conf *c, unsigned class_idx, int row)
{
    return conf_options[row].is_of_class ? c->classes[class_idx].given[row] : c->given[row];
}

void
option_set_given(struct conf *c, unsigned class_idx, int row)
{
    if (conf_options[row].is_of_class)
        c->classes[class_idx].given[row] = true;
    else
        c->given[row] = true;
}

void
option_copy(struct conf_class *to, const struct conf_class *from, int row)
{
    const struct conf_option *o = &conf_options[row];

    assert(o->is_of_class);
    memcpy((char *)to + o->offset, (const char *)from + o->offset, o->size);
    to->given[row] = from->given[row];
    to->places[row] = from->places[row];
}

static struct place *
place_of(struct conf *c, unsigned class_idx, int row)
{
    return conf_options[row].is_of_class ? &c->classes[class_idx].places[row] : &c->places[row];
}

struct place
option_place(const struct conf *c, unsigned class_idx, int row)
{
    return *place_of((struct conf *)(uintptr_t)c, class_idx, row);
}

void
option_set_place(struct conf *c, unsigned class_idx, int row, struct place at)
{
    *place_of(c, class_idx, row) = at;
}

void
option_clear(struct conf *c, unsigned class_idx, int row)
{
    memset(field_of(c, class_idx, row), 0, conf_options[row].size);
}

int
option_assign(struct conf *c, unsigned class_idx, int row, const char *text, struct value_why *why)
{
    const struct conf_option *o = &conf_options[row];

    return value_types[o->type].parse(o, text, field_of(c, class_idx, row), why);
}

/* A field of any type, the largest first so that {0} clears all of it. */
union field {
    uint8_t port_set[VALUE_PORT_SET_BYTES];
    char lines[CONF_LINES_MAX];
    char text[CONF_TEXT_MAX];
    bool b;
    unsigned word;
    uint64_t number;
    struct conf_ranges ranges;
    struct conf_gateway gateway;
    struct conf_mac mac;
    struct conf_ports ports;
};

bool
option_is_default(const struct conf *c, unsigned class_idx, int row)
{
    const struct conf_option *o = &conf_options[row];
    const struct value_type *type = &value_types[o->type];
    union field def = {0};
    struct value_why why;

    if (o->def != NULL && type->parse(o, o->def, &def, &why) < 0)
        return false;
    return type->equals(option_field(c, class_idx, row), &def);
}

int
option_first_set(const struct conf *c, unsigned class_idx, enum option_group group)
{
    for (int row = 0; row < OPTION_ROWS; row++)
        if (conf_options[row].group == group && option_is_given(c, class_idx, row) &&
            !option_is_default(c, class_idx, row))
            return row;
    return -1;
}

static void
fill_default(struct conf *c, enum conf_command command, unsigned class_idx, int row)
{
    const struct conf_option *o = &conf_options[row];
    bool is_serve = command == CONF_SERVE && o->def_serve != NULL;
    const char *text = is_serve ? o->def_serve : o->def;
    struct value_why why;
    int err = 0;

    if (text == NULL || option_is_given(c, class_idx, row))
        return;
    if (o->type == TYPE_DURATION && strcmp(text, "never") == 0)
        *(uint64_t *)field_of(c, class_idx, row) = TIME_NEVER;
    else
        err = option_assign(c, class_idx, row, text, &why);
    assert(err == 0); /* a default obeys its own row */
    (void)err;
}

void
option_fill_defaults(struct conf *c, enum conf_command command)
{
    for (int row = 0; row < OPTION_ROWS; row++)
        for (unsigned i = 0; i < (conf_options[row].is_of_class ? c->n_classes : 1); i++)
            fill_default(c, command, i, row);
}

const char *
option_default_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    if (o->note != NULL)
        snprintf(buf, OPTION_WORDS_MAX, "%s", o->note);
    else if (o->def_serve != NULL)
        snprintf(buf, OPTION_WORDS_MAX, "%s; serve: %s", o->def,
                 strcmp(o->def_serve, "never") == 0 ? "no end" : o->def_serve);
    else if (o->def != NULL)
        snprintf(buf, OPTION_WORDS_MAX, "%s", o->def);
    else
        buf[0] = '\0';
    return buf;
}

const char *
option_range_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    return value_types[o->type].range_words(o, buf);
}
