/* SPDX-License-Identifier: BSD-3-Clause */
/* See value_type.h. */
#include "conf/value_type.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/conf.h"
#include "conf/options.h"
#include "conf/value_type_address.h"
#include "wire/vlan.h"

static const char *
no_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    buf[0] = '\0';
    return buf;
}

/* -- text ---------------------------------------------------------------------------------- */

static int
parse_text(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    size_t length = strlen(text);

    if (length < o->min)
        return value_refuse(why, "the value is empty; write %s %s (%s)", o->name, o->metavar,
                            o->help);
    if (length > o->max)
        return value_refuse(why,
                            "'%.40s...' is too long; at most %" PRIu64 " characters are allowed",
                            text, o->max);
    if (o->check != NULL && o->check(text, why) < 0)
        return -1;
    memcpy(field, text, length + 1);
    return 0;
}

static bool
equals_text(const void *a, const void *b)
{
    return strcmp(a, b) == 0;
}

static void
write_text(const struct conf_option *o, const void *field, struct value_writer *w)
{
    (void)o;
    if (*(const char *)field == '\0')
        w->put_null(w);
    else
        w->put_text(w, field);
}

/* Appended: the option may be given several times. */
static void
write_secret(const struct conf_option *o, const void *field, struct value_writer *w)
{
    (void)o;
    if (*(const char *)field == '\0')
        w->put_null(w);
    else
        w->put_text(w, VALUE_SECRET);
}

static int
parse_lines(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    size_t length = strlen(text), before = strlen(field);
    char *end = (char *)field + before;

    if (o->check != NULL && o->check(text, why) < 0)
        return -1;
    if (before + length + 2 > CONF_LINES_MAX)
        return value_refuse(why,
                            "'%.40s...' is too much; all of them together may have %d characters",
                            text, CONF_LINES_MAX - 2);
    memcpy(end, text, length);
    end[length] = '\n';
    end[length + 1] = '\0';
    return 0;
}

static void
write_lines(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const char *line = field;
    char text[CONF_LINES_MAX];

    (void)o;
    w->put_list(w);
    for (size_t length; *line != '\0'; line += length + 1) {
        length = strcspn(line, "\n");
        memcpy(text, line, length);
        text[length] = '\0';
        w->put_text(w, text);
    }
}

/* -- yes or no ----------------------------------------------------------------------------- */

static int
parse_bool(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    (void)o;
    return value_bool(text, field, why);
}

static bool
equals_bool(const void *a, const void *b)
{
    return *(const bool *)a == *(const bool *)b;
}

static const char *
bool_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    snprintf(buf, OPTION_WORDS_MAX, "yes or no");
    return buf;
}

static void
write_bool(const struct conf_option *o, const void *field, struct value_writer *w)
{
    (void)o;
    w->put_bool(w, *(const bool *)field);
}

/* -- numbers ------------------------------------------------------------------------------- */

static const char *
format(const struct conf_option *o, uint64_t n, char buf[static VALUE_TEXT_MAX])
{
    return value_types[o->type].format(n, buf);
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
                        format(o, power, below), format(o, 2 * power, above));
}

static int
read_bounded(const struct conf_option *o, const char *text, uint64_t *n, struct value_why *why)
{
    char least[VALUE_TEXT_MAX], most[VALUE_TEXT_MAX];

    bool is_read = value_types[o->type].read(text, n, why) == 0;

    if (!is_read && !why->is_too_large)
        return -1;
    if (!is_read || *n < o->min || *n > o->max)
        return value_refuse(why, "%.60s is out of range; allowed is %s to %s", text,
                            format(o, o->min, least), format(o, o->max, most));
    return check_power_of_two(o, text, *n, why);
}

static int
parse_number(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    uint64_t n = 0;

    if (read_bounded(o, text, &n, why) < 0)
        return -1;
    *(uint64_t *)field = n;
    return 0;
}

static int
parse_int(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    uint64_t n = 0;

    if (read_bounded(o, text, &n, why) < 0)
        return -1;
    *(unsigned *)field = (unsigned)n;
    return 0;
}

static bool
equals_number(const void *a, const void *b)
{
    return *(const uint64_t *)a == *(const uint64_t *)b;
}

/* Of what takes 32 bits. */
static bool
equals_word(const void *a, const void *b)
{
    return *(const unsigned *)a == *(const unsigned *)b;
}

static const char *
number_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    char least[VALUE_TEXT_MAX], most[VALUE_TEXT_MAX];

    if (o->max == UINT64_MAX)
        return no_words(o, buf);
    snprintf(buf, OPTION_WORDS_MAX, "%s to %s%s", format(o, o->min, least), format(o, o->max, most),
             o->is_power_of_two ? ", a power of two" : "");
    return buf;
}

/* What lies below the least that may be written stands for "not set". */
static void
put_number(const struct conf_option *o, uint64_t n, struct value_writer *w)
{
    if (n < o->min)
        w->put_null(w);
    else
        w->put_count(w, n);
}

static void
write_number(const struct conf_option *o, const void *field, struct value_writer *w)
{
    put_number(o, *(const uint64_t *)field, w);
}

/* A whole number as a number. */
static void
write_rate(const struct conf_option *o, const void *field, struct value_writer *w)
{
    uint64_t milli = *(const uint64_t *)field;
    char text[VALUE_TEXT_MAX];

    if (milli < o->min)
        w->put_null(w);
    else if (milli % 1000 == 0)
        w->put_count(w, milli / 1000);
    else
        w->put_text(w, value_format_rate(milli, text));
}

static void
write_int(const struct conf_option *o, const void *field, struct value_writer *w)
{
    put_number(o, *(const unsigned *)field, w);
}

static void
write_duration(const struct conf_option *o, const void *field, struct value_writer *w)
{
    uint64_t ns = *(const uint64_t *)field;
    char text[VALUE_TEXT_MAX];

    if (ns == TIME_NEVER || ns < o->min)
        w->put_null(w);
    else
        w->put_text(w, value_format_duration(ns, text));
}

/* -- VLANs --------------------------------------------------------------------------------- */

static const char *
vlan_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    snprintf(buf, OPTION_WORDS_MAX, "%" PRIu64 " to %" PRIu64 ", or two of them, e.g. 100.7",
             o->min, o->max);
    return buf;
}

/* "7", or "100.7": the outer one first. */
static int
parse_vlan(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    const char *dot = strchr(text, '.');
    uint64_t outer = 0, inner = 0;
    char first[VALUE_TEXT_MAX];

    if (dot != NULL) {
        snprintf(first, sizeof(first), "%.*s", (int)u64_min((uint64_t)(dot - text), 30), text);
        if (read_bounded(o, first, &outer, why) < 0)
            return -1;
        text = dot + 1;
    }
    if (read_bounded(o, text, &inner, why) < 0)
        return -1;
    *(unsigned *)field =
        dot != NULL ? (unsigned)vlan_stacked((int)outer, (int)inner) : (unsigned)inner;
    return 0;
}

static void
write_vlan(const struct conf_option *o, const void *field, struct value_writer *w)
{
    unsigned vlan = *(const unsigned *)field;
    char text[VALUE_TEXT_MAX];

    if (!vlan_is_stacked((int)vlan))
        put_number(o, vlan, w);
    else
        w->put_text(w, value_format_vlan((int)vlan, text));
}

/* -- shares -------------------------------------------------------------------------------- */

static int
parse_share(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    (void)o;
    return value_share(text, field, why);
}

static const char *
share_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    snprintf(buf, OPTION_WORDS_MAX, "never, always, or 0%% to 100%%");
    return buf;
}

static void
write_share(const struct conf_option *o, const void *field, struct value_writer *w)
{
    char text[VALUE_TEXT_MAX];

    (void)o;
    w->put_text(w, value_format_share(*(const uint32_t *)field, text));
}

/* -- choices ------------------------------------------------------------------------------- */

/* A row knows where its field is, not which enum it is of. */
static_assert(sizeof(enum close_mode) == sizeof(unsigned) &&
                  sizeof(enum cc_algorithm) == sizeof(unsigned) &&
                  sizeof(enum conf_tls_versions) == sizeof(unsigned) &&
                  sizeof(enum conf_tls_batch) == sizeof(unsigned) &&
                  sizeof(enum conf_key_kind) == sizeof(unsigned),
              "an enum of choices is an unsigned");

/* "fin, rst or peer". */
static const char *
choice_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
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
parse_choice(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    char words[OPTION_WORDS_MAX];

    for (unsigned i = 0; o->choices[i] != NULL; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *(unsigned *)field = i;
            return 0;
        }
    }
    return value_refuse(why, "'%.60s' is not %s; write %s", text, o->noun, choice_words(o, words));
}

static void
write_choice(const struct conf_option *o, const void *field, struct value_writer *w)
{
    w->put_text(w, o->choices[*(const unsigned *)field]);
}

/* -- shapes, statuses --------------------------------------------------------------------- */

static int
parse_shape(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    (void)o;
    return value_shape(text, field, why);
}

static bool
equals_shape(const void *a, const void *b)
{
    const struct value_shape *x = a, *y = b;

    return strcmp(x->text, y->text) == 0;
}

static const char *
shape_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    return value_shape_forms(buf, OPTION_WORDS_MAX);
}

static void
write_shape(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct value_shape *s = field;

    (void)o;
    if (s->shape == NULL)
        w->put_null(w);
    else
        w->put_text(w, s->text);
}

static int
parse_statuses(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    struct conf_statuses *s = field;

    (void)o;
    return value_statuses(text, &s->first, &s->last, why);
}

static bool
equals_statuses(const void *a, const void *b)
{
    const struct conf_statuses *x = a, *y = b;

    return x->first == y->first && x->last == y->last;
}

static const char *
status_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    snprintf(buf, OPTION_WORDS_MAX, "one or a range, 100 to 999");
    return buf;
}

static void
write_statuses(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct conf_statuses *s = field;
    char text[VALUE_TEXT_MAX];

    (void)o;
    snprintf(text, sizeof(text), "%u-%u", s->first, s->last);
    w->put_text(w, text);
}

/* -- KEY=VALUE ----------------------------------------------------------------------------- */

static int
parse_setting(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    (void)o;
    (void)field;
    return value_refuse(why, "'%.60s' is not a value", text);
}

static bool
equals_setting(const void *a, const void *b)
{
    (void)a;
    (void)b;
    return true; /* nothing is kept */
}

static void
write_setting(const struct conf_option *o, const void *field, struct value_writer *w)
{
    (void)o;
    (void)field;
    w->put_null(w);
}

#define VALUE_TYPE_ROW(type, ...) [TYPE_##type] = {__VA_ARGS__},
const struct value_type value_types[VALUE_TYPE_COUNT] = {VALUE_TYPES(VALUE_TYPE_ROW)};
#undef VALUE_TYPE_ROW
