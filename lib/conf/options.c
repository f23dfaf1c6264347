/* SPDX-License-Identifier: BSD-3-Clause */
/* See options.h. */
#include "conf/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/suggest.h"

#define OPTION_ROW(row, ...) [OPTION_##row] = {__VA_ARGS__},
const struct conf_option conf_options[OPTION_ROWS] = {CONF_OPTIONS(OPTION_ROW)};
#undef OPTION_ROW

const char *const conf_command_names[] = {
    [CONF_RUN] = "run",     [CONF_SERVE] = "serve",       [CONF_CHECK] = "check",
    [CONF_HELP] = "--help", [CONF_VERSION] = "--version",
};

/* Named in the design of a later version; told apart from a misspelling. */
static const char *const later_keys[] = {"send", "receive"};

static const char *const close_words[] = {
    [CLOSE_FIN] = "fin",
    [CLOSE_RST] = "rst",
    [CLOSE_PEER] = "peer",
};

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

bool
option_key_is_later(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(later_keys); i++)
        if (strcmp(key, later_keys[i]) == 0)
            return true;
    return false;
}

bool
option_name_is_later(const char *name)
{
    return strncmp(name, "--", 2) == 0 && option_key_is_later(name + 2);
}

static const char *
format_number(const struct conf_option *o, uint64_t n, char buf[static VALUE_TEXT_MAX])
{
    if (o->type == TYPE_DURATION)
        return value_format_duration(n, buf);
    if (o->type == TYPE_COUNT || o->type == TYPE_RATE)
        return value_format_count(n, buf);
    snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64, n);
    return buf;
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
    else
        err = value_count(text, &found, why);
    if (err < 0)
        return -1;
    if (found < o->min || found > o->max)
        return value_refuse(why, "%.60s is out of range; allowed is %s to %s", text,
                            format_number(o, o->min, least), format_number(o, o->max, most));
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
    memcpy(field, text, length + 1);
    return 0;
}

static int
assign_close(enum conf_close *field, const char *text, struct value_why *why)
{
    for (size_t i = 0; i < ARRAY_LEN(close_words); i++) {
        if (strcmp(text, close_words[i]) == 0) {
            *field = (enum conf_close)i;
            return 0;
        }
    }
    return value_refuse(why, "'%.60s' is not a way to close; write fin, rst or peer", text);
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
    case TYPE_DURATION:
        return assign_number(field, o, text, why);
    case TYPE_CLOSE:
        return assign_close(field, text, why);
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
    case TYPE_DURATION:
        if (o->max != UINT64_MAX) {
            snprintf(buf, OPTION_WORDS_MAX, "%s to %s", format_number(o, o->min, least),
                     format_number(o, o->max, most));
            return buf;
        }
        break;
    case TYPE_CLOSE:
        snprintf(buf, OPTION_WORDS_MAX, "fin, rst or peer");
        return buf;
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
