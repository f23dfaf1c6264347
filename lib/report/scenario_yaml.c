/* SPDX-License-Identifier: BSD-3-Clause */
/* See scenario_yaml.h. */
#include "report/scenario_yaml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/scenario.h"

static void write_value(FILE *out, json_t *value, int indent);
static void write_pairs(FILE *out, json_t *object, int indent, bool begins);

/* Whether @text may stand without quotes, whatever is around it. */
static bool
is_plain(const char *text)
{
    size_t length = strlen(text);

    if (!isalnum((unsigned char)text[0]) && text[0] != '/')
        return false;
    for (const char *p = text; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("_./:%,+-=@", *p) == NULL)
            return false;
    return text[length - 1] != ':' && strcasecmp(text, "null") != 0;
}

/* In quotes as JSON has them, which are YAML's, too. "${" would be a variable. */
static void
write_text(FILE *out, json_t *value)
{
    const char *text = json_string_value(value);
    char *quoted;

    if (is_plain(text)) {
        fputs(text, out);
        return;
    }
    quoted = json_dumps(value, JSON_ENCODE_ANY);
    for (const char *p = quoted; p != NULL && *p != '\0'; p++) {
        if (strncmp(p, "${", 2) == 0)
            fputc('$', out);
        fputc(*p, out);
    }
    free(quoted);
}

static void
write_list(FILE *out, json_t *list, int indent)
{
    size_t i;
    json_t *item;

    if (json_array_size(list) == 0)
        fputs(" []", out);
    json_array_foreach(list, i, item)
    {
        fprintf(out, "\n%*s-", indent, "");
        if (json_is_object(item)) { /* its first key stands behind the dash */
            fputc(' ', out);
            write_pairs(out, item, indent + 2, false);
        } else {
            write_value(out, item, indent + 2);
        }
    }
}

static void
write_pairs(FILE *out, json_t *object, int indent, bool begins)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (begins)
            fprintf(out, "\n%*s", indent, "");
        fprintf(out, "%s:", key);
        write_value(out, value, indent + 2);
        begins = true;
    }
}

/* What follows a key or a dash: a space and a scalar, or lines of their own. */
static void
write_value(FILE *out, json_t *value, int indent)
{
    if (json_is_object(value)) {
        write_pairs(out, value, indent, true);
    } else if (json_is_array(value)) {
        write_list(out, value, indent);
    } else {
        fputc(' ', out);
        if (json_is_string(value))
            write_text(out, value);
        else
            json_dumpf(value, out, JSON_ENCODE_ANY);
    }
}

int
scenario_yaml_write(FILE *out, const struct conf *c, struct fail *f)
{
    struct json_tree t = {0};
    json_t *o = scenario_json(&t, c);
    bool has_failed = o == NULL || t.has_failed;

    if (!has_failed) {
        write_pairs(out, o, 0, false);
        fputc('\n', out);
    }
    json_decref(o);
    return has_failed ? fail_set(f, EXIT_HOST, "--print-scenario: not enough memory") : 0;
}
