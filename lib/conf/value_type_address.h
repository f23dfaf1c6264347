/* SPDX-License-Identifier: BSD-3-Clause */
/* What value_type.h's rows of addresses and ports are made of; each function is what struct
 * value_type says. Pure. */
#pragma once

#include "conf/value_type.h"

#define TYPE_FUNCTIONS(of)                                                                         \
    int type_parse_##of(const struct conf_option *o, const char *text, void *field,                \
                        struct value_why *why);                                                    \
    bool type_equals_##of(const void *a, const void *b);                                           \
    void type_write_##of(const struct conf_option *o, const void *field, struct value_writer *w);

TYPE_FUNCTIONS(ranges)
TYPE_FUNCTIONS(gateway)
TYPE_FUNCTIONS(mac)
TYPE_FUNCTIONS(ports)
TYPE_FUNCTIONS(port_set)
#undef TYPE_FUNCTIONS

const char *type_port_words(const struct conf_option *o, char buf[static OPTION_WORDS_MAX]);
