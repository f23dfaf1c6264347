/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/value_type.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "conf/options.h"

/* Writes a value as one line: "null", "yes", a number, a text, or "[a b]" for a list. */
struct line_writer {
    struct value_writer base;
    char text[2 * CONF_LINES_MAX];
};

static void
add(struct value_writer *w, const char *text)
{
    struct line_writer *l = (struct line_writer *)w;
    size_t length = strlen(l->text);

    snprintf(l->text + length, sizeof(l->text) - length, "%s%s", length > 1 ? " " : "", text);
}

static void
line_null(struct value_writer *w)
{
    add(w, "null");
}

static void
line_bool(struct value_writer *w, bool b)
{
    add(w, b ? "yes" : "no");
}

static void
line_count(struct value_writer *w, uint64_t n)
{
    char text[VALUE_TEXT_MAX];

    add(w, value_format_plain(n, text));
}

static void
line_list(struct value_writer *w)
{
    add(w, "[");
}

static const char *
line_of(const struct conf *c, int row)
{
    static struct line_writer l;

    l = (struct line_writer){.base = {line_null, line_bool, line_count, add, line_list}};
    value_types[conf_options[row].type].write(&conf_options[row], option_field(c, 0, row), &l.base);
    return l.text;
}

/* An option of each type, a value, how it is written then, and how what is not set is. */
static const struct {
    int row;
    const char *value, *written, *unset;
} rows[] = {
    {OPTION_JSON, "out.json", "out.json", "null"},
    {OPTION_BASIC, "joe:secret", "***", "null"},
    {OPTION_HEADER, "A: b", "[A: b", "["},
    {OPTION_EXPECT, "404", "404-404", "200-399"},
    {OPTION_ECHO, "yes", "yes", "no"},
    {OPTION_NAGLE, "yes", "yes", "no"},
    {OPTION_VLAN, "100.7", "100.7", "null"},
    {OPTION_LCORES, "7", "7", "1"},
    {OPTION_CONNECTIONS, "2k", "2000", "null"},
    {OPTION_RATE, "200k/s", "200000", "null"},
    {OPTION_SHAPE, "ramp:1k..2k/3s", "ramp:1k..2k/3s", "null"},
    {OPTION_SEND, "64KiB", "65536", "0"},
    {OPTION_HOLD, "1500ms", "1500ms", "0s"},
    {OPTION_RESUME, "12.5%", "12.5%", "never"},
    {OPTION_CLOSE, "peer", "peer", "fin"},
    {OPTION_LOCAL, "198.18.0.1/15", "[198.18.0.1/15", "["},
    {OPTION_GATEWAY, "198.18.0.1", "[198.18.0.1", "["},
    {OPTION_MAC, "02:00:00:00:00:aB", "02:00:00:00:00:ab", "null"},
    {OPTION_PORTS, "2000-3000", "2000-3000", "1024-65535"},
    {OPTION_LISTEN, "80,443", "80,443", "1-65535"},
};

Test(value_type, every_type_has_all_its_functions_and_an_option)
{
    for (int t = 0; t < VALUE_TYPE_COUNT; t++) {
        const struct value_type *type = &value_types[t];
        unsigned n = 0;

        cr_expect(type->parse != NULL && type->equals != NULL, "%d", t);
        cr_expect(type->range_words != NULL && type->write != NULL, "%d", t);
        cr_expect(eq(int, type->read != NULL, type->format != NULL), "%d", t);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            n += conf_options[rows[i].row].type == (enum value_type_id)t;
        cr_expect(n > 0 || t == TYPE_SETTING, "no row below has type %d", t);
    }
}

Test(value_type, a_value_is_read_compared_and_written)
{
    static struct conf c;

    conf_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct conf_option *o = &conf_options[rows[i].row];
        struct value_why why = {""};

        cr_expect(eq(str, (char *)line_of(&c, rows[i].row), (char *)rows[i].unset), "%s", o->name);
        cr_expect(option_is_default(&c, 0, rows[i].row), "%s", o->name);
        cr_assert(eq(int, option_assign(&c, 0, rows[i].row, rows[i].value, &why), 0), "%s",
                  why.text);
        cr_expect(eq(str, (char *)line_of(&c, rows[i].row), (char *)rows[i].written), "%s",
                  o->name);
        cr_expect(not(option_is_default(&c, 0, rows[i].row)), "%s", o->name);
    }
}

Test(value_type, what_cannot_be_read_leaves_the_field_alone)
{
    static struct conf c, before;

    conf_init(&c);
    before = c;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct conf_option *o = &conf_options[rows[i].row];
        struct value_why why = {""};

        if (o->type == TYPE_TEXT)
            continue; /* any text is one */
        cr_expect(eq(int, option_assign(&c, 0, rows[i].row, "no/such", &why), -1), "%s", o->name);
        cr_expect(ne(str, why.text, ""), "%s", o->name);
    }
    cr_expect(zero(int, memcmp(&c, &before, sizeof(c))));
}

Test(value_type, a_setting_is_no_value_and_has_none)
{
    static struct conf c;
    struct value_why why = {""};

    conf_init(&c);
    cr_expect(eq(int, option_assign(&c, 0, OPTION_SET, "load.rate=1", &why), -1));
    cr_expect(eq(str, why.text, "'load.rate=1' is not a value"));
    cr_expect(eq(str, (char *)line_of(&c, OPTION_SET), "null"));
    cr_expect(option_is_default(&c, 0, OPTION_SET));
}
