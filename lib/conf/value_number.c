/* SPDX-License-Identifier: BSD-3-Clause */
/* See value.h: numbers with units, and back to text. */
#include "conf/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* More digits after the point than these cannot come out whole with any unit of ours, and 10^18
 * times the largest factor still fits 128 bits. */
static const uint64_t TENTHS_MAX = UINT64_C(1000000000000000000);

struct unit {
    const char *name;
    uint64_t factor;
};

/* One kind of number: how it is called in an error, and what may follow the digits. */
struct kind {
    const char *noun, *form;
    const char *base; /* what one is; "" for plain counts */
    const char *most; /* max in words */
    uint64_t max;
    const char *bare; /* the unit of a number without one; NULL: "", if there is that */
    bool is_summed;   /* of several parts, 1m30s */
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

/* In thousandths: a connection every few seconds is a rate, too. */
static const struct unit rate_units[] = {
    {"", 1000},   {"k", 1000000},   {"K", 1000000},   {"M", 1000000000},   {"G", 1000000000000},
    {"/s", 1000}, {"k/s", 1000000}, {"K/s", 1000000}, {"M/s", 1000000000}, {"G/s", 1000000000000},
};

static const struct unit byte_units[] = {
    {"", 1},          {"B", 1},
    {"k", 1000},      {"K", 1000},
    {"KiB", 1 << 10}, {"M", 1000000},
    {"MiB", 1 << 20}, {"G", 1000000000},
    {"GiB", 1 << 30}, {"TiB", UINT64_C(1) << 40},
};

static const struct unit bit_rate_units[] = {
    {"", 1},        {"k", 1000},       {"K", 1000},
    {"M", 1000000}, {"G", 1000000000}, {"T", UINT64_C(1000000000000)},
};

static const struct unit share_units[] = {{"%", VALUE_SHARE_ALL / 100}};

static const struct kind duration_kind = {
    .noun = "a duration",
    .base = "nanoseconds",
    .most = "584 years",
    .form = "write seconds, or a number with ns, us, ms, s, m, h or d, e.g. 200ms or 1m30s",
    .max = TIME_NEVER - 1,
    .bare = "s",
    .is_summed = true,
    .units = duration_units,
    .n_units = ARRAY_LEN(duration_units),
};

static const struct kind count_kind = {
    .noun = "a count",
    .base = "",
    .most = "18446744073709551615",
    .form = "write a whole number, optionally with k, M or G, e.g. 200k",
    .max = UINT64_MAX,
    .units = count_units,
    .n_units = ARRAY_LEN(count_units),
};

static const struct kind rate_kind = {
    .noun = "a rate",
    .base = "thousandths of one per second",
    .most = "18446744073709551",
    .form = "write how many a second, optionally with k, M or G, e.g. 200k",
    .max = UINT64_MAX,
    .units = rate_units,
    .n_units = ARRAY_LEN(rate_units),
};

static const struct kind bit_rate_kind = {
    .noun = "a bit rate",
    .base = "bits per second",
    .most = "18446744073709551615",
    .form = "write bits per second, optionally with k, M, G or T, e.g. 10G",
    .max = UINT64_MAX,
    .units = bit_rate_units,
    .n_units = ARRAY_LEN(bit_rate_units),
};

static const struct kind byte_kind = {
    .noun = "a size",
    .base = "bytes",
    .most = "18446744073709551615",
    .form = "write bytes, optionally with KiB, MiB, GiB or TiB, or k, M or G, e.g. 64KiB",
    .max = UINT64_MAX,
    .units = byte_units,
    .n_units = ARRAY_LEN(byte_units),
};

static const struct kind share_kind = {
    .noun = "a share",
    .base = "parts of a million",
    .most = "100%",
    .form = "write never, always or a percentage, e.g. 50%",
    .max = VALUE_SHARE_ALL,
    .units = share_units,
    .n_units = ARRAY_LEN(share_units),
};

static const struct unit *
find_unit(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->n_units; i++)
        if (strcmp(k->units[i].name, name) == 0)
            return &k->units[i];
    return NULL;
}

/* What a number without a unit means; NULL: it needs one. */
static const struct unit *
unit_of_none(const struct kind *k)
{
    return k->bare != NULL ? find_unit(k, k->bare) : find_unit(k, "");
}

/* digits [ "." digits ] [ unit ], up to @*end; @is_first: all of the text may be a number alone. */
static enum fault
read_part(const char *p, const char **end, const struct kind *k, bool is_first, uint64_t *value)
{
    unsigned __int128 whole = 0, part = 0, sum;
    uint64_t tenths = 1;
    const struct unit *unit;
    char name[8];

    if (!isdigit((unsigned char)*p))
        return FAULT_FORM;
    for (; isdigit((unsigned char)*p); p++)
        if ((whole = whole * 10 + (unsigned)(*p - '0')) > UINT64_MAX)
            return FAULT_LARGE;
    if (*p == '.') {
        if (!isdigit((unsigned char)*++p))
            return FAULT_FORM;
        for (; isdigit((unsigned char)*p); p++) {
            if (tenths == TENTHS_MAX && *p != '0')
                return FAULT_FRACTION;
            if (tenths == TENTHS_MAX)
                continue;
            part = part * 10 + (unsigned)(*p - '0');
            tenths *= 10;
        }
    }
    snprintf(name, sizeof(name), "%.*s", k->is_summed ? (int)strcspn(p, "0123456789.") : 7, p);
    *end = p + strlen(name);
    unit = *p == '\0' ? is_first ? unit_of_none(k) : NULL : find_unit(k, name);
    if (unit == NULL && *p == '\0' && whole == 0 && part == 0)
        unit = &k->units[0]; /* nothing is nothing in any unit */
    if (unit == NULL)
        return *p == '\0' && is_first ? FAULT_UNIT : FAULT_FORM;
    if (part * unit->factor % tenths != 0)
        return FAULT_FRACTION;
    sum = whole * unit->factor + part * unit->factor / tenths;
    if (sum > k->max)
        return FAULT_LARGE;
    *value = (uint64_t)sum;
    return FAULT_NONE;
}

/* A part, or several where their sum has a meaning: 1m30s. */
static enum fault
read_number(const char *text, const struct kind *k, uint64_t *value)
{
    const char *p = text;
    uint64_t sum = 0;

    do {
        uint64_t part = 0;
        enum fault fault = read_part(p, &p, k, p == text, &part);

        if (fault != FAULT_NONE)
            return fault;
        if (part > k->max - sum)
            return FAULT_LARGE;
        sum += part;
    } while (*p != '\0');
    *value = sum;
    return FAULT_NONE;
}

static int
value_number(const char *text, const struct kind *k, uint64_t *value, struct value_why *why)
{
    why->is_too_large = false;
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
        why->is_too_large = true;
        return value_refuse(why, "'%.60s' is too large for %s; at most %s is allowed", text,
                            k->noun, k->most);
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
value_rate(const char *text, uint64_t *milli, struct value_why *why)
{
    return value_number(text, &rate_kind, milli, why);
}

int
value_bit_rate(const char *text, uint64_t *bps, struct value_why *why)
{
    return value_number(text, &bit_rate_kind, bps, why);
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
value_format_rate(uint64_t milli, char buf[static VALUE_TEXT_MAX])
{
    int used;

    if (milli % 1000 == 0)
        return value_format_count(milli / 1000, buf);
    used =
        snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64 ".%03u", milli / 1000, (unsigned)(milli % 1000));
    while (buf[used - 1] == '0')
        buf[--used] = '\0';
    return buf;
}

const char *
value_format_plain(uint64_t n, char buf[static VALUE_TEXT_MAX])
{
    snprintf(buf, VALUE_TEXT_MAX, "%" PRIu64, n);
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
