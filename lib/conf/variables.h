/* SPDX-License-Identifier: BSD-3-Clause */
/* ${NAME} in the values of a scenario: what --var says, or else the environment. "$${" is "${". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/value.h"

#define VARIABLE_NAME_MAX 64

/* What the environment has; NULL: nothing. */
typedef char *variable_env(const char *name);

/** "NAME=VALUE", as a check of an option: NAME is of letters, digits and "_", and begins with no
 * digit. @return 0, or -1 with @why set */
int variable_check(const char *text, struct value_why *why);

/**
 * Write @text to @out, each variable replaced by its value.
 *
 * @param given  "NAME=VALUE" and "\n" each; the last one of a name counts
 * @param[out] at  characters before the variable that is meant by @why
 * @return 0, or -1 with @why set: one is not set, is written wrongly, or there is no room
 */
int variables_expand(const char *text, const char *given, variable_env *env, char *out, size_t size,
                     size_t *at, struct value_why *why);

/** Whether @text has the variable of the @length first characters of @name in it. */
bool variables_use(const char *text, const char *name, size_t length);
