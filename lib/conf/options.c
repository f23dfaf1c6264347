/* SPDX-License-Identifier: BSD-3-Clause */
/* See options.h. */
#include "conf/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/suggest.h"
#include "conf/tls.h"

#define OPTION_ROW(row, ...) [OPTION_##row] = {__VA_ARGS__},
const struct conf_option conf_options[OPTION_ROWS] = {CONF_OPTIONS(OPTION_ROW)};
#undef OPTION_ROW

const char *const conf_command_names[] = {
    [CONF_RUN] = "run",     [CONF_SERVE] = "serve",       [CONF_CHECK] = "check",
    [CONF_HELP] = "--help", [CONF_VERSION] = "--version",
};

const char *const conf_close_names[] = {
    [CLOSE_FIN] = "fin",
    [CLOSE_RST] = "rst",
    [CLOSE_PEER] = "peer",
    [CLOSE_PEER + 1] = NULL,
};

const char *const conf_congestion_names[] = {
    [CONGESTION_CUBIC] = "cubic",
    [CONGESTION_NEWRENO] = "newreno",
    [CONGESTION_FIXED] = "fixed",
    [CONGESTION_FIXED + 1] = NULL,
};

const char *const conf_tls_versions_names[] = {
    [TLS_VERSIONS_BOTH] = "both",
    [TLS_VERSIONS_1_2] = "1.2",
    [TLS_VERSIONS_1_3] = "1.3",
    [TLS_VERSIONS_1_3 + 1] = NULL,
};

const char *const conf_key_kind_names[] = {
    [KEY_NONE] = "none", [KEY_RSA2048] = "rsa2048", [KEY_RSA4096] = "rsa4096", [KEY_P256] = "p256",
    [KEY_P384] = "p384", [KEY_ED25519] = "ed25519", [KEY_ED25519 + 1] = NULL,
};

/* A row of TYPE_CHOICE knows where its field is, not which enum it is of. */
static_assert(sizeof(enum conf_close) == sizeof(unsigned) &&
                  sizeof(enum conf_congestion) == sizeof(unsigned) &&
                  sizeof(enum conf_tls_versions) == sizeof(unsigned) &&
                  sizeof(enum conf_key_kind) == sizeof(unsigned),
              "an enum of choices is an unsigned");

int
option_by_name(const char *name)
{
    for (int i = 0; i < OPTION_ROWS; i++)
        if (strcmp(conf_options[i].name, name) == 0)
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

static const char *
format_number(const struct conf_option *o, uint64_t n, char buf[static VALUE_TEXT_MAX])
{
    if (o->type == TYPE_DURATION)
        return value_format_duration(n, buf);
    if (o->type == TYPE_BYTES)
        return value_format_size(n, buf);
    if (o->type == TYPE_COUNT || o->type == TYPE_RATE)
        return value_format_count(n, buf);
    snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64, n);
    return buf;
}

/* @n is within the row's range, whose ends are powers of two, so both neighbours are allowed. */
static int
check_power_of_two(const struct conf_option *o, const char *text, uint64_t n, struct value_why *why)
{
    char below[VALUE_TEXT_MAX], above[VALUE_TEXT_MAX];
    uint64_t power = o->min;

    if (!o->is_power_of_two || (n & (n - 1)) == 0)
        return 0;
    while (2 * power < n)
        power *= 2;
    return value_refuse(why, "%.60s is not a power of two; the nearest allowed are %s and %s", text,
                        format_number(o, power, below), format_number(o, 2 * power, above));
}

static int
read_number(const struct conf_option *o, const char *text, uint64_t *n, struct value_why *why)
{
    char least[VALUE_TEXT_MAX], most[VALUE_TEXT_MAX];
    uint64_t found;
    int err;

    if (o->type == TYPE_DURATION)
        err = value_duration(text, &found, why);
    else if (o->type == TYPE_RATE)
        err = value_rate(text, &found, why);
    else if (o->type == TYPE_BYTES)
        err = value_bytes(text, &found, why);
    else
        err = value_count(text, &found, why);
    if (err < 0)
        return -1;
    if (found < o->min || found > o->max)
        return value_refuse(why, "%.60s is out of range; allowed is %s to %s", text,
                            format_number(o, o->min, least), format_number(o, o->max, most));
    if (check_power_of_two(o, text, found, why) < 0)
        return -1;
    *n = found;
    return 0;
}

static int
assign_number(void *field, const struct conf_option *o, const char *text, struct value_why *why)
{
    uint64_t n = 0;

    if (read_number(o, text, &n, why) < 0)
        return -1;
    if (o->type == TYPE_INT)
        *(unsigned *)field = (unsigned)n;
    else
        *(uint64_t *)field = n;
    return 0;
}

static int
assign_text(char *field, const struct conf_option *o, const char *text, struct value_why *why)
{
    size_t length = strlen(text);

    if (length < o->min)
        return value_refuse(why, "the value is empty; write %s", o->help);
    if (length > o->max)
        return value_refuse(why,
                            "'%.40s...' is too long; at most %" PRIu64 " characters are allowed",
                            text, o->max);
    if (o->check != NULL && o->check(text, why) < 0)
        return -1;
    memcpy(field, text, length + 1);
    return 0;
}

/* "fin, rst or peer". */
static const char *
join_choices(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    size_t length = 0;

    for (size_t i = 0; o->choices[i] != NULL; i++) {
        const char *before = i == 0 ? "" : o->choices[i + 1] == NULL ? " or " : ", ";

        length += (size_t)snprintf(buf + length, OPTION_WORDS_MAX - length, "%s%s", before,
                                   o->choices[i]);
        assert(length < OPTION_WORDS_MAX);
    }
    return buf;
}

static int
assign_choice(unsigned *field, const struct conf_option *o, const char *text, struct value_why *why)
{
    char words[OPTION_WORDS_MAX];

    for (unsigned i = 0; o->choices[i] != NULL; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *field = i;
            return 0;
        }
    }
    return value_refuse(why, "'%.60s' is not %s; write %s", text, o->noun, join_choices(o, words));
}

static int
assign_local(struct conf *c, const char *text, struct value_why *why)
{
    struct ip_range range;

    if (value_range(text, &range, why) < 0)
        return -1;
    if (c->n_local == CONF_RANGES_MAX)
        return value_refuse(why, "'%.100s' is one range too many; at most %d are allowed", text,
                            CONF_RANGES_MAX);
    c->local[c->n_local++] = range;
    return 0;
}

static int
assign_gateway(struct conf *c, const char *text, struct value_why *why)
{
    struct ip_addr addr;

    if (value_address(text, &addr, why) < 0)
        return -1;
    if (c->has_gateway[addr.is_v6])
        return value_refuse(why, "'%.60s' is a second IPv%c gateway; give one for each family",
                            text, addr.is_v6 ? '6' : '4');
    c->gateway[addr.is_v6] = addr;
    c->has_gateway[addr.is_v6] = true;
    return 0;
}

int
option_assign(struct conf *c, int row, const char *text, struct value_why *why)
{
    const struct conf_option *o = &conf_options[row];
    void *field = (char *)c + o->offset;

    switch (o->type) {
    case TYPE_TEXT:
        return assign_text(field, o, text, why);
    case TYPE_FLAG:
    case TYPE_BOOL:
        return value_bool(text, field, why);
    case TYPE_INT:
    case TYPE_COUNT:
    case TYPE_RATE:
    case TYPE_BYTES:
    case TYPE_DURATION:
        return assign_number(field, o, text, why);
    case TYPE_SHARE:
        return value_share(text, field, why);
    case TYPE_CHOICE:
        return assign_choice(field, o, text, why);
    case TYPE_LOCAL:
        return assign_local(c, text, why);
    case TYPE_GATEWAY:
        return assign_gateway(c, text, why);
    case TYPE_PORT_RANGE:
        return value_port_range(text, &c->ports_first, &c->ports_last, why);
    case TYPE_PORT_SET:
        return value_port_set(text, c->listen, why);
    case TYPE_KEY_VALUE:
        break; /* conf_parse_args() takes it apart and names the row meant */
    }
    return value_refuse(why, "'%.60s' is not a value", text);
}

bool
option_is_default(const struct conf *c, int row)
{
    const struct conf_option *o = &conf_options[row];
    const void *field = (const char *)c + o->offset;
    struct value_why why;
    uint64_t ns = 0;
    uint32_t ppm = 0;
    bool b = false;

    switch (o->type) {
    case TYPE_TEXT:
        return strcmp(field, o->def != NULL ? o->def : "") == 0;
    case TYPE_FLAG:
    case TYPE_BOOL:
        return value_bool(o->def, &b, &why) == 0 && *(const bool *)field == b;
    case TYPE_CHOICE:
        return strcmp(o->choices[*(const unsigned *)field], o->def) == 0;
    case TYPE_SHARE:
        return value_share(o->def, &ppm, &why) == 0 && *(const uint32_t *)field == ppm;
    case TYPE_DURATION:
        return value_duration(o->def, &ns, &why) == 0 && *(const uint64_t *)field == ns;
    case TYPE_INT:
    case TYPE_COUNT:
    case TYPE_RATE:
    case TYPE_BYTES:
    case TYPE_LOCAL:
    case TYPE_GATEWAY:
    case TYPE_PORT_RANGE:
    case TYPE_PORT_SET:
    case TYPE_KEY_VALUE:
        break;
    }
    return false;
}

void
option_fill_defaults(struct conf *c, enum conf_command command)
{
    struct value_why why;

    for (int i = 0; i < OPTION_ROWS; i++) {
        const struct conf_option *o = &conf_options[i];
        bool is_serve = command == CONF_SERVE && o->def_serve != NULL;
        const char *text = is_serve ? o->def_serve : o->def;
        int err = 0;

        if (text == NULL || c->given[i])
            continue;
        if (o->type == TYPE_DURATION && strcmp(text, "never") == 0)
            *(uint64_t *)(void *)((char *)c + o->offset) = TIME_NEVER;
        else
            err = option_assign(c, i, text, &why);
        assert(err == 0); /* a default obeys its own row */
        (void)err;
    }
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
    char least[VALUE_TEXT_MAX], most[VALUE_TEXT_MAX];

    switch (o->type) {
    case TYPE_INT:
    case TYPE_COUNT:
    case TYPE_RATE:
    case TYPE_BYTES:
    case TYPE_DURATION:
        if (o->max != UINT64_MAX) {
            snprintf(buf, OPTION_WORDS_MAX, "%s to %s%s", format_number(o, o->min, least),
                     format_number(o, o->max, most), o->is_power_of_two ? ", a power of two" : "");
            return buf;
        }
        break;
    case TYPE_SHARE:
        snprintf(buf, OPTION_WORDS_MAX, "never, always, or 0%% to 100%%");
        return buf;
    case TYPE_CHOICE:
        return join_choices(o, buf);
    case TYPE_FLAG:
    case TYPE_BOOL:
        snprintf(buf, OPTION_WORDS_MAX, "yes or no");
        return buf;
    case TYPE_PORT_RANGE:
    case TYPE_PORT_SET:
        snprintf(buf, OPTION_WORDS_MAX, "1 to 65535");
        return buf;
    case TYPE_TEXT:
    case TYPE_LOCAL:
    case TYPE_GATEWAY:
    case TYPE_KEY_VALUE:
        break;
    }
    buf[0] = '\0';
    return buf;
}
