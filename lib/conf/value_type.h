/* SPDX-License-Identifier: BSD-3-Clause */
/* The kinds of option values. Each is one row of functions: how a user writes it and which field
 * it fills, how it is compared, described, and written to a result. A new kind is one row of the
 * list, and those of its functions that no other kind has. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/value.h"

struct conf_option;

/* Room for a default or a range in words. */
#define OPTION_WORDS_MAX 160

/* Where a value is written to; report/scenario.c makes JSON of it. Each value is one call, or a
 * list: put_list(), then put_text() for each item. */
struct value_writer {
    void (*put_null)(struct value_writer *w);
    void (*put_bool)(struct value_writer *w, bool b);
    void (*put_count)(struct value_writer *w, uint64_t n);
    void (*put_text)(struct value_writer *w, const char *text); /* NULL: out of memory */
    void (*put_list)(struct value_writer *w);
};

struct value_type {
    /* Read @text within the bounds of @o; lists append to @field.
     * Returns 0, or -1 with @field untouched and @why set. */
    int (*parse)(const struct conf_option *o, const char *text, void *field, struct value_why *why);
    /* Whether two fields hold the same value. */
    bool (*equals)(const void *a, const void *b);
    /* What is allowed, for --help and docs; "" when there is nothing to say. Returns @buf. */
    const char *(*range_words)(const struct conf_option *o, char buf[static OPTION_WORDS_MAX]);
    /* Write what parse() would read; null for what is not set. */
    void (*write)(const struct conf_option *o, const void *field, struct value_writer *w);
    /* Numbers only: from text, whatever the bounds, and back. */
    int (*read)(const char *text, uint64_t *n, struct value_why *why);
    const char *(*format)(uint64_t n, char buf[static VALUE_TEXT_MAX]);
};

#define VALUE_BOOL                                                                                 \
    .parse = parse_bool, .equals = equals_bool, .range_words = bool_words, .write = write_bool
#define VALUE_NUMBER                                                                               \
    .parse = parse_number, .equals = equals_number, .range_words = number_words,                   \
    .write = write_number

/* X(type, fields of struct value_type), and what each type's field is. */
#define VALUE_TYPES(X)                                                                             \
    /* char[CONF_TEXT_MAX]; min and max bound its length */                                        \
    X(TEXT, .parse = parse_text, .equals = equals_text, .range_words = no_words,                   \
      .write = write_text)                                                                         \
    /* the same, and never shown */                                                                \
    X(SECRET, .parse = parse_text, .equals = equals_text, .range_words = no_words,                 \
      .write = write_secret)                                                                       \
    /* char[CONF_LINES_MAX]; each value is a line of it */                                         \
    X(LINES, .parse = parse_lines, .equals = equals_text, .range_words = no_words,                 \
      .write = write_lines)                                                                        \
    /* bool; without a metavar a flag, which needs no value on the command line */                 \
    X(BOOL, VALUE_BOOL)                                                                            \
    /* unsigned */                                                                                 \
    X(INT, .parse = parse_int, .equals = equals_word, .range_words = number_words,                 \
      .write = write_int, .read = value_count, .format = value_format_plain)                       \
    /* unsigned, as wire/vlan.h has it */                                                          \
    X(VLAN, .parse = parse_vlan, .equals = equals_word, .range_words = vlan_words,                 \
      .write = write_vlan, .read = value_count, .format = value_format_plain)                      \
    /* uint64_t, in the last three per thousand seconds, in bytes, in ns */                        \
    X(COUNT, VALUE_NUMBER, .read = value_count, .format = value_format_count)                      \
    X(RATE, .parse = parse_number, .equals = equals_number, .range_words = number_words,           \
      .write = write_rate, .read = value_rate, .format = value_format_rate)                        \
    X(BYTES, VALUE_NUMBER, .read = value_bytes, .format = value_format_size)                       \
    X(DURATION, .parse = parse_number, .equals = equals_number, .range_words = number_words,       \
      .write = write_duration, .read = value_duration, .format = value_format_duration)            \
    /* uint32_t, parts of a million */                                                             \
    X(SHARE, .parse = parse_share, .equals = equals_word, .range_words = share_words,              \
      .write = write_share)                                                                        \
    /* an enum whose values count from 0: one of the row's choices */                              \
    X(CHOICE, .parse = parse_choice, .equals = equals_word, .range_words = choice_words,           \
      .write = write_choice)                                                                       \
    /* struct conf_ranges */                                                                       \
    X(RANGES, .parse = type_parse_ranges, .equals = type_equals_ranges, .range_words = no_words,   \
      .write = type_write_ranges)                                                                  \
    /* struct conf_gateway */                                                                      \
    X(GATEWAY, .parse = type_parse_gateway, .equals = type_equals_gateway,                         \
      .range_words = no_words, .write = type_write_gateway)                                        \
    /* struct conf_mac */                                                                          \
    X(MAC, .parse = type_parse_mac, .equals = type_equals_mac, .range_words = no_words,            \
      .write = type_write_mac)                                                                     \
    /* struct conf_ports */                                                                        \
    X(PORTS, .parse = type_parse_ports, .equals = type_equals_ports,                               \
      .range_words = type_port_words, .write = type_write_ports)                                   \
    /* struct value_shape */                                                                       \
    X(SHAPE, .parse = parse_shape, .equals = equals_shape, .range_words = shape_words,             \
      .write = write_shape)                                                                        \
    /* struct conf_statuses */                                                                     \
    X(STATUSES, .parse = parse_statuses, .equals = equals_statuses, .range_words = status_words,   \
      .write = write_statuses)                                                                     \
    /* uint8_t[VALUE_PORT_SET_BYTES] */                                                            \
    X(PORT_SET, .parse = type_parse_port_set, .equals = type_equals_port_set,                      \
      .range_words = type_port_words, .write = type_write_port_set)                                \
    /* no field: KEY=VALUE stands for another row, as conf_parse_args() knows */                   \
    X(SETTING, .parse = parse_setting, .equals = equals_setting, .range_words = no_words,          \
      .write = write_setting)

#define VALUE_TYPE_ID(type, ...) TYPE_##type,
enum value_type_id { VALUE_TYPES(VALUE_TYPE_ID) VALUE_TYPE_COUNT };
#undef VALUE_TYPE_ID

extern const struct value_type value_types[VALUE_TYPE_COUNT];
