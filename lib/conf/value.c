/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h. */
#include "conf/value.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/safety.h"

/* More digits after the point than these cannot come out whole with any unit of ours, and 10^18
 * times the largest factor still fits 128 bits. */
static const uint64_t TENTHS_MAX = UINT64_C(1000000000000000000);

static const char RANGE_FORM[] = "write ADDRESS/LENGTH or FIRST-LAST/LENGTH, e.g. "
                                 "198.18.0.10-198.18.3.250/15 or 2001:2::10-2001:2::ffff/48";

struct unit {
    const char *name;
    uint64_t factor;
};

/* One kind of number: how it is called in an error, and what may follow the digits. */
struct kind {
    const char *noun, *form;
    const char *base; /* what one is; "" for plain counts */
    uint64_t max;
    const struct unit *units;
    size_t n_units;
};

enum fault { FAULT_NONE, FAULT_FORM, FAULT_UNIT, FAULT_FRACTION, FAULT_LARGE };

static const struct unit duration_units[] = {
    {"ns", 1},
    {"us", NS_PER_US},
    {"ms", NS_PER_MS},
    {"s", NS_PER_SEC},
    {"m", 60 * NS_PER_SEC},
    {"h", 3600 * NS_PER_SEC},
    {"d", 86400 * NS_PER_SEC},
};

static const struct unit count_units[] = {
    {"", 1}, {"k", 1000}, {"K", 1000}, {"M", 1000000}, {"G", 1000000000},
};

static const struct unit rate_units[] = {
    {"", 1},   {"k", 1000},   {"K", 1000},   {"M", 1000000},   {"G", 1000000000},
    {"/s", 1}, {"k/s", 1000}, {"K/s", 1000}, {"M/s", 1000000}, {"G/s", 1000000000},
};

static const struct unit byte_units[] = {
    {"", 1},          {"B", 1},
    {"k", 1000},      {"K", 1000},
    {"KiB", 1 << 10}, {"M", 1000000},
    {"MiB", 1 << 20}, {"G", 1000000000},
    {"GiB", 1 << 30}, {"TiB", UINT64_C(1) << 40},
};

static const struct unit share_units[] = {{"%", VALUE_SHARE_ALL / 100}};

static const struct kind duration_kind = {
    .noun = "a duration",
    .base = "nanoseconds",
    .form = "write a number with ns, us, ms, s, m, h or d, e.g. 200ms",
    .max = TIME_NEVER - 1,
    .units = duration_units,
    .n_units = ARRAY_LEN(duration_units),
};

static const struct kind count_kind = {
    .noun = "a count",
    .base = "",
    .form = "write a whole number, optionally with k, M or G, e.g. 200k",
    .max = UINT64_MAX,
    .units = count_units,
    .n_units = ARRAY_LEN(count_units),
};

static const struct kind rate_kind = {
    .noun = "a rate",
    .base = "connections per second",
    .form = "write connections per second, optionally with k, M or G, e.g. 200k",
    .max = UINT64_MAX,
    .units = rate_units,
    .n_units = ARRAY_LEN(rate_units),
};

static const struct kind byte_kind = {
    .noun = "a size",
    .base = "bytes",
    .form = "write bytes, optionally with KiB, MiB, GiB or TiB, or k, M or G, e.g. 64KiB",
    .max = UINT64_MAX,
    .units = byte_units,
    .n_units = ARRAY_LEN(byte_units),
};

static const struct kind share_kind = {
    .noun = "a share",
    .base = "parts of a million",
    .form = "write never, always or a percentage, e.g. 50%",
    .max = VALUE_SHARE_ALL,
    .units = share_units,
    .n_units = ARRAY_LEN(share_units),
};

int
value_refuse(struct value_why *why, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(why->text, sizeof(why->text), fmt, args);
    va_end(args);
    return -1;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const struct unit *
find_unit(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->n_units; i++)
        if (strcmp(k->units[i].name, name) == 0)
            return &k->units[i];
    return NULL;
}

/* digits [ "." digits ] [ unit ] */
static enum fault
read_number(const char *p, const struct kind *k, uint64_t *value)
{
    unsigned __int128 whole = 0, part = 0, sum;
    uint64_t tenths = 1;
    const struct unit *unit;

    if (!is_digit(*p))
        return FAULT_FORM;
    for (; is_digit(*p); p++)
        if ((whole = whole * 10 + (unsigned)(*p - '0')) > UINT64_MAX)
            return FAULT_LARGE;
    if (*p == '.') {
        if (!is_digit(*++p))
            return FAULT_FORM;
        for (; is_digit(*p); p++) {
            if (tenths == TENTHS_MAX && *p != '0')
                return FAULT_FRACTION;
            if (tenths == TENTHS_MAX)
                continue;
            part = part * 10 + (unsigned)(*p - '0');
            tenths *= 10;
        }
    }
    unit = find_unit(k, p);
    if (unit == NULL && *p == '\0' && whole == 0 && part == 0)
        unit = &k->units[0]; /* nothing is nothing in any unit */
    if (unit == NULL)
        return *p == '\0' ? FAULT_UNIT : FAULT_FORM;
    if (part * unit->factor % tenths != 0)
        return FAULT_FRACTION;
    sum = whole * unit->factor + part * unit->factor / tenths;
    if (sum > k->max)
        return FAULT_LARGE;
    *value = (uint64_t)sum;
    return FAULT_NONE;
}

static int
value_number(const char *text, const struct kind *k, uint64_t *value, struct value_why *why)
{
    switch (read_number(text, k, value)) {
    case FAULT_NONE:
        return 0;
    case FAULT_FORM:
        return value_refuse(why, "'%.60s' is not %s; %s", text, k->noun, k->form);
    case FAULT_UNIT:
        return value_refuse(why, "'%.60s' has no unit; %s", text, k->form);
    case FAULT_FRACTION:
        return value_refuse(why, "'%.60s' is not a whole number%s%s; %s", text,
                            *k->base != '\0' ? " of " : "", k->base, k->form);
    case FAULT_LARGE:
        return value_refuse(why, "'%.60s' is too large for %s; %s", text, k->noun, k->form);
    }
    return -1;
}

int
value_duration(const char *text, uint64_t *ns, struct value_why *why)
{
    return value_number(text, &duration_kind, ns, why);
}

int
value_count(const char *text, uint64_t *count, struct value_why *why)
{
    return value_number(text, &count_kind, count, why);
}

int
value_rate(const char *text, uint64_t *per_s, struct value_why *why)
{
    return value_number(text, &rate_kind, per_s, why);
}

int
value_bytes(const char *text, uint64_t *bytes, struct value_why *why)
{
    return value_number(text, &byte_kind, bytes, why);
}

int
value_share(const char *text, uint32_t *ppm, struct value_why *why)
{
    uint64_t found = strcmp(text, "always") == 0 ? VALUE_SHARE_ALL : 0;

    if (found == 0 && strcmp(text, "never") != 0 &&
        value_number(text, &share_kind, &found, why) < 0)
        return -1;
    *ppm = (uint32_t)found;
    return 0;
}

int
value_bool(const char *text, bool *b, struct value_why *why)
{
    static const struct {
        const char *word;
        bool b;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},
                 {"no", false}, {"false", false}, {"off", false}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(text, words[i].word) == 0) {
            *b = words[i].b;
            return 0;
        }
    }
    return value_refuse(why, "'%.60s' is neither yes nor no; write yes or no", text);
}

/* Take a port from *@p and move on. */
static bool
take_port(const char **p, uint16_t *port)
{
    unsigned n = 0;
    const char *at = *p;

    if (!is_digit(*at))
        return false;
    for (; is_digit(*at); at++)
        if ((n = n * 10 + (unsigned)(*at - '0')) > UINT16_MAX)
            return false;
    if (n == 0)
        return false;
    *port = (uint16_t)n;
    *p = at;
    return true;
}

/* Take "80" or "8000-8100". */
static bool
take_ports(const char **p, uint16_t *first, uint16_t *last)
{
    if (!take_port(p, first))
        return false;
    *last = *first;
    if (**p != '-')
        return true;
    (*p)++;
    return take_port(p, last);
}

int
value_port_set(const char *text, uint8_t set[static VALUE_PORT_SET_BYTES], struct value_why *why)
{
    uint8_t found[VALUE_PORT_SET_BYTES] = {0};
    const char *p = text;
    uint16_t first, last;

    for (;;) {
        if (!take_ports(&p, &first, &last) || (*p != ',' && *p != '\0'))
            return value_refuse(why,
                                "'%.60s' is not a list of ports; write ports and ranges from 1 to "
                                "65535, e.g. 80,443,8000-8100",
                                text);
        if (last < first)
            return value_refuse(why,
                                "the range %u-%u ends before it starts; write the lower port first",
                                first, last);
        for (unsigned port = first; port <= last; port++)
            found[port / 8] |= (uint8_t)(1U << (port % 8));
        if (*p == '\0')
            break;
        p++;
    }
    memcpy(set, found, sizeof(found));
    return 0;
}

int
value_port_range(const char *text, uint16_t *first, uint16_t *last, struct value_why *why)
{
    const char *p = text;
    uint16_t from, to;

    if (!take_ports(&p, &from, &to) || *p != '\0')
        return value_refuse(
            why,
            "'%.60s' is not a range of ports; write FIRST-LAST within 1 to 65535, for "
            "instance 1024-65535",
            text);
    if (to < from)
        return value_refuse(
            why, "the range %u-%u ends before it starts; write the lower port first", from, to);
    *first = from;
    *last = to;
    return 0;
}

int
value_address(const char *text, struct ip_addr *a, struct value_why *why)
{
    struct ip_addr addr;

    if (ip_parse(text, &addr) < 0)
        return value_refuse(why,
                            "'%.60s' is not an address; write one IPv4 or IPv6 address, e.g. "
                            "198.18.0.1 or 2001:2::1",
                            text);
    if (!ip_is_unicast(&addr))
        return value_refuse(why, "'%.60s' is not the address of one host; write a unicast address",
                            text);
    *a = addr;
    return 0;
}

/* @text is what follows the slash, NULL without one. */
static int
read_prefix_len(const char *text, bool is_v6, uint8_t *len, struct value_why *why)
{
    unsigned max = is_v6 ? 128 : 32;
    unsigned n = 0;

    if (text == NULL) {
        *len = (uint8_t)max;
        return 0;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (!is_digit(*p) || (n = n * 10 + (unsigned)(*p - '0')) > max) {
            n = 0;
            break;
        }
    }
    if (n == 0)
        return value_refuse(why,
                            "'/%.60s' is not a prefix length; an IPv%c address allows /1 to /%u",
                            text, is_v6 ? '6' : '4', max);
    *len = (uint8_t)n;
    return 0;
}

/* Addresses in [@first, @last]; 0 when there are more than the limit. */
static uint32_t
count_addresses(const struct ip_addr *first, const struct ip_addr *last)
{
    uint64_t lo = last->lo - first->lo;
    uint64_t hi = last->hi - first->hi - (last->lo < first->lo);

    return hi != 0 || lo >= VALUE_ADDRESSES_MAX ? 0 : (uint32_t)lo + 1;
}

/* A host cannot have the first or the last address of an IPv4 subnet (RFC 1122 3.2.1.3); a /31 has
 * neither (RFC 3021). */
static int
check_subnet_ends(const struct ip_addr *first, const struct ip_addr *last, unsigned prefix_len,
                  struct value_why *why)
{
    uint64_t host_bits = prefix_len <= 30 ? UINT64_C(0xffffffff) >> prefix_len : 0;
    char text[IP_TEXT_MAX];

    if (first->is_v6 || host_bits == 0)
        return 0;
    if ((first->lo & host_bits) == 0)
        return value_refuse(why, "%s is the network address of its /%u; begin one address higher",
                            ip_format(first, text), prefix_len);
    if ((last->lo & host_bits) == host_bits)
        return value_refuse(why, "%s is the broadcast address of its /%u; end one address lower",
                            ip_format(last, text), prefix_len);
    return 0;
}

static int
make_range(struct ip_range *r, const char *text, const struct ip_addr *first,
           const struct ip_addr *last, const char *slash, struct value_why *why)
{
    uint8_t prefix_len = 0;
    uint32_t count;

    if (first->is_v6 != last->is_v6)
        return value_refuse(why, "'%.100s' mixes IPv4 and IPv6; both ends must be of one family",
                            text);
    if (read_prefix_len(slash, first->is_v6, &prefix_len, why) < 0)
        return -1;
    if (last->hi < first->hi || (last->hi == first->hi && last->lo < first->lo))
        return value_refuse(why, "'%.100s' ends before it starts; write the lower address first",
                            text);
    count = count_addresses(first, last);
    if (count == 0)
        return value_refuse(why, "'%.100s' has too many addresses; at most %" PRIu32 " are allowed",
                            text, VALUE_ADDRESSES_MAX);
    if (slash != NULL && !ip_in_prefix(last, first, prefix_len))
        return value_refuse(
            why,
            "'%.100s' leaves its own /%u; both ends must lie in one prefix, so give a "
            "shorter prefix length or split the range",
            text, prefix_len);
    if (!ip_is_unicast(first) || !ip_is_unicast(last))
        return value_refuse(why, "'%.100s' is not for hosts; write unicast addresses", text);
    if (check_subnet_ends(first, last, prefix_len, why) < 0)
        return -1;
    *r = (struct ip_range){.first = *first, .count = count, .prefix_len = prefix_len};
    return 0;
}

int
value_range(const char *text, struct ip_range *r, struct value_why *why)
{
    char copy[2 * IP_TEXT_MAX + 8];
    struct ip_addr first, last;
    char *slash, *dash;

    if (strlen(text) >= sizeof(copy))
        return value_refuse(why, "'%.100s' is not a range of addresses; %s", text, RANGE_FORM);
    memcpy(copy, text, strlen(text) + 1);
    if ((slash = strchr(copy, '/')) != NULL)
        *slash++ = '\0';
    if ((dash = strchr(copy, '-')) != NULL)
        *dash++ = '\0';
    if (ip_parse(copy, &first) < 0 || ip_parse(dash != NULL ? dash : copy, &last) < 0)
        return value_refuse(why, "'%.100s' is not a range of addresses; %s", text, RANGE_FORM);
    return make_range(r, text, &first, &last, slash, why);
}

/* The largest unit that divides @value; @units rise. */
static const struct unit *
fitting_unit(uint64_t value, const struct unit *units, size_t n)
{
    const struct unit *best = &units[0];

    for (size_t i = 1; i < n && value != 0; i++)
        if (value % units[i].factor == 0 && units[i].factor > best->factor)
            best = &units[i];
    return best;
}

const char *
value_format_count(uint64_t count, char buf[static VALUE_TEXT_MAX])
{
    const struct unit *u = fitting_unit(count, count_units, ARRAY_LEN(count_units));

    snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 "%s", count / u->factor, u->name);
    return buf;
}

const char *
value_format_size(uint64_t bytes, char buf[static VALUE_TEXT_MAX])
{
    const struct unit *u = fitting_unit(bytes, byte_units, ARRAY_LEN(byte_units));

    snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 "%s", bytes / u->factor, u->name);
    return buf;
}

const char *
value_format_duration(uint64_t ns, char buf[static VALUE_TEXT_MAX])
{
    const struct unit *u = fitting_unit(ns, duration_units, ARRAY_LEN(duration_units));

    if (ns == TIME_NEVER)
        snprintf(buf, VALUE_TEXT_MAX, "never");
    else if (ns == 0)
        snprintf(buf, VALUE_TEXT_MAX, "0s");
    else
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 "%s", ns / u->factor, u->name);
    return buf;
}

const char *
value_format_share(uint32_t ppm, char buf[static VALUE_TEXT_MAX])
{
    const uint32_t percent = VALUE_SHARE_ALL / 100;
    uint32_t part = ppm % percent;
    int digits = 4; /* of a percent, that is parts of a million */

    if (ppm == 0 || ppm == VALUE_SHARE_ALL) {
        snprintf(buf, VALUE_TEXT_MAX, ppm == 0 ? "never" : "always");
        return buf;
    }
    for (; digits > 0 && part % 10 == 0; digits--)
        part /= 10;
    if (digits == 0)
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu32 "%%", ppm / percent);
    else
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu32 ".%0*" PRIu32 "%%", ppm / percent, digits, part);
    return buf;
}

const char *
value_format_bytes(uint64_t bytes, char buf[static VALUE_TEXT_MAX])
{
    if (bytes >= UINT64_C(1) << 30)
        snprintf(buf, VALUE_TEXT_MAX, "%.1f GiB", (double)bytes / (1 << 30));
    else if (bytes >= UINT64_C(1) << 20)
        snprintf(buf, VALUE_TEXT_MAX, "%.1f MiB", (double)bytes / (1 << 20));
    else
        snprintf(buf, VALUE_TEXT_MAX, "%.1f KiB", (double)bytes / (1 << 10));
    return buf;
}
