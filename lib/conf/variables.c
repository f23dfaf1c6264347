/* SPDX-License-Identifier: BSD-3-Clause */
/* See variables.h. */
#include "conf/variables.h"

#include <stdio.h>
#include <string.h>

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
static const char LETTERS_AND_DIGITS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

/* @return how long the name at the beginning of @text is; 0: none is there, or it is too long. */
static size_t
name_length(const char *text)
{
    size_t length = strspn(text, LETTERS) > 0 ? strspn(text, LETTERS_AND_DIGITS) : 0;

    return length < VARIABLE_NAME_MAX ? length : 0;
}

int
variable_check(const char *text, struct value_why *why)
{
    size_t length = name_length(text);

    if (length > 0 && text[length] == '=' && strchr(text, '\n') == NULL)
        return 0;
    return value_refuse(
        why,
        "'%.60s' is not a variable; write NAME=VALUE, on one line, NAME of letters, "
        "digits and _",
        text);
}

/* @return its value and in *@length how long that is; NULL: it is not set. */
static const char *
value_of(const char *name, const char *given, variable_env *env, size_t *length)
{
    size_t name_len = strlen(name);
    const char *value = NULL;

    for (const char *line = given; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strncmp(line, name, name_len) == 0 && line[name_len] == '=')
            value = line + name_len + 1;
    if (value != NULL) {
        *length = strcspn(value, "\n");
        return value;
    }
    value = env(name);
    *length = value != NULL ? strlen(value) : 0;
    return value;
}

/* @text begins with "${". @return 0 and in *@length how long it is, in @name its name. */
static int
read_variable(const char *text, size_t *length, char name[static VARIABLE_NAME_MAX],
              struct value_why *why)
{
    size_t name_len = name_length(text + 2);

    if (name_len == 0 || text[2 + name_len] != '}')
        return value_refuse(why,
                            "'%.40s' is no variable; write ${NAME}, of letters, digits and _, or "
                            "$${ for the characters themselves",
                            text);
    memcpy(name, text + 2, name_len);
    name[name_len] = '\0';
    *length = name_len + 3;
    return 0;
}

int
variables_expand(const char *text, const char *given, variable_env *env, char *out, size_t size,
                 size_t *at, struct value_why *why)
{
    const char *p = text;
    size_t n = 0;

    while (*p != '\0') {
        size_t taken = 1, length = 1;
        const char *piece = p;
        char name[VARIABLE_NAME_MAX];

        *at = (size_t)(p - text);
        if (strncmp(p, "$${", 3) == 0) {
            taken = 2;
        } else if (strncmp(p, "${", 2) == 0) {
            if (read_variable(p, &taken, name, why) < 0)
                return -1;
            piece = value_of(name, given, env, &length);
            if (piece == NULL)
                return value_refuse(why,
                                    "the variable %s is not set; give --var %s=VALUE, or set it in "
                                    "the environment",
                                    name, name);
        }
        if (n + length + 1 > size)
            return value_refuse(why, "'%.40s...' is too long; at most %zu characters are allowed",
                                text, size - 1);
        memcpy(out + n, piece, length);
        n += length;
        p += taken;
    }
    out[n] = '\0';
    return 0;
}

bool
variables_use(const char *text, const char *name, size_t length)
{
    for (const char *p = strstr(text, "${"); p != NULL; p = strstr(p + 2, "${")) {
        bool is_escaped = p > text && p[-1] == '$';

        if (!is_escaped && strncmp(p + 2, name, length) == 0 && p[2 + length] == '}')
            return true;
    }
    return false;
}
