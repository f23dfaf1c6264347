/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user says about HTTP: checks of single values, and how they fit together. Pure. */
#pragma once

#include "conf/conf.h"
#include "conf/value.h"

#define HTTP_WEIGHT_MAX 1000

/** Checks of the option table: set @why and return -1 when the text is none. */
int conf_check_method(const char *text, struct value_why *why);
int conf_check_field(const char *text, struct value_why *why);
int conf_check_path(const char *text, struct value_why *why);
int conf_check_host(const char *text, struct value_why *why);
int conf_check_basic(const char *text, struct value_why *why);
int conf_check_bearer(const char *text, struct value_why *why);
int conf_check_expect_body(const char *text, struct value_why *why);

/** Say what is wrong with a placeholder. @return -1 */
int conf_refuse_placeholder(const struct http_pieces_fault *fault, struct value_why *why);

/** The path of "3:/a" or "/a", which follows the weight, and *weight. */
const char *conf_path_of(const char *line, unsigned *weight);

/** "1k" or "sha256:HEX". *bytes is HTTP_ANY_LENGTH for the latter. @return 0, or -1 with @why. */
int conf_read_expect_body(const char *text, uint64_t *bytes,
                          uint8_t digest[static HTTP_DIGEST_BYTES], bool *has_digest,
                          struct value_why *why);

/** Fill in what HTTP is told in class @class_idx, whose protocol is known, and refuse what it would
 * ignore, or what would be ignored without it. */
int conf_finish_http(struct conf *c, unsigned class_idx, struct fail *f);
