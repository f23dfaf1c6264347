/* SPDX-License-Identifier: BSD-3-Clause */
/* See value_type_address.h. */
#include "conf/value_type_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

/* -- addresses ----------------------------------------------------------------------------- */

int
type_parse_ranges(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    struct conf_ranges *ranges = field;
    struct ip_range range;

    (void)o;
    if (value_range(text, &range, why) < 0)
        return -1;
    if (ranges->n == CONF_RANGES_MAX)
        return value_refuse(why, "'%.100s' is one range too many; at most %d are allowed", text,
                            CONF_RANGES_MAX);
    ranges->range[ranges->n++] = range;
    return 0;
}

bool
type_equals_ranges(const void *a, const void *b)
{
    const struct conf_ranges *x = a, *y = b;

    if (x->n != y->n)
        return false;
    for (unsigned i = 0; i < x->n; i++)
        if (!ip_equal(&x->range[i].first, &y->range[i].first) ||
            x->range[i].count != y->range[i].count ||
            x->range[i].prefix_len != y->range[i].prefix_len)
            return false;
    return true;
}

void
type_write_ranges(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct conf_ranges *ranges = field;
    char text[VALUE_RANGE_TEXT_MAX];

    (void)o;
    w->put_list(w);
    for (unsigned i = 0; i < ranges->n; i++)
        w->put_text(w, value_format_range(&ranges->range[i], text));
}

int
type_parse_gateway(const struct conf_option *o, const char *text, void *field,
                   struct value_why *why)
{
    struct conf_gateway *gateway = field;
    struct ip_addr addr;

    (void)o;
    if (value_address(text, &addr, why) < 0)
        return -1;
    if (gateway->is_set[addr.is_v6])
        return value_refuse(why, "'%.60s' is a second IPv%c gateway; give one for each family",
                            text, addr.is_v6 ? '6' : '4');
    gateway->addr[addr.is_v6] = addr;
    gateway->is_set[addr.is_v6] = true;
    return 0;
}

bool
type_equals_gateway(const void *a, const void *b)
{
    const struct conf_gateway *x = a, *y = b;

    for (int is_v6 = 0; is_v6 < 2; is_v6++)
        if (x->is_set[is_v6] != y->is_set[is_v6] ||
            (x->is_set[is_v6] && !ip_equal(&x->addr[is_v6], &y->addr[is_v6])))
            return false;
    return true;
}

void
type_write_gateway(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct conf_gateway *gateway = field;
    char text[IP_TEXT_MAX];

    (void)o;
    w->put_list(w);
    for (int is_v6 = 0; is_v6 < 2; is_v6++)
        if (gateway->is_set[is_v6])
            w->put_text(w, ip_format(&gateway->addr[is_v6], text));
}

int
type_parse_mac(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    struct conf_mac *mac = field;

    (void)o;
    if (value_mac(text, mac->bytes, why) < 0)
        return -1;
    mac->is_set = true;
    return 0;
}

bool
type_equals_mac(const void *a, const void *b)
{
    const struct conf_mac *x = a, *y = b;

    return x->is_set == y->is_set &&
           (!x->is_set || memcmp(x->bytes, y->bytes, sizeof(x->bytes)) == 0);
}

void
type_write_mac(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct conf_mac *mac = field;
    char text[VALUE_TEXT_MAX];

    (void)o;
    if (mac->is_set)
        w->put_text(w, value_format_mac(mac->bytes, text));
    else
        w->put_null(w);
}

/* -- ports --------------------------------------------------------------------------------- */

const char *
type_port_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX])
{
    (void)o;
    snprintf(buf, OPTION_WORDS_MAX, "1 to 65535");
    return buf;
}

int
type_parse_ports(const struct conf_option *o, const char *text, void *field, struct value_why *why)
{
    struct conf_ports *ports = field;

    (void)o;
    return value_port_range(text, &ports->first, &ports->last, why);
}

bool
type_equals_ports(const void *a, const void *b)
{
    const struct conf_ports *x = a, *y = b;

    return x->first == y->first && x->last == y->last;
}

void
type_write_ports(const struct conf_option *o, const void *field, struct value_writer *w)
{
    const struct conf_ports *ports = field;
    char text[VALUE_TEXT_MAX];

    (void)o;
    snprintf(text, sizeof(text), "%u-%u", ports->first, ports->last);
    w->put_text(w, text);
}

int
type_parse_port_set(const struct conf_option *o, const char *text, void *field,
                    struct value_why *why)
{
    (void)o;
    return value_port_set(text, field, why);
}

bool
type_equals_port_set(const void *a, const void *b)
{
    return memcmp(a, b, VALUE_PORT_SET_BYTES) == 0;
}

void
type_write_port_set(const struct conf_option *o, const void *field, struct value_writer *w)
{
    char *text = value_format_port_set(field);

    (void)o;
    w->put_text(w, text);
    free(text);
}
