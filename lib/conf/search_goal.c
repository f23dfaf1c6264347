/* SPDX-License-Identifier: BSD-3-Clause */
/* See search_goal.h. */
#include "conf/search_goal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"

static const double WIDTH = 0.005;
static const uint64_t INITIAL_NS = NS_PER_SEC;
static const uint64_t TRIAL_MAX_NS = 3600 * NS_PER_SEC, SUM_MAX_NS = 24 * 3600 * NS_PER_SEC;

#define KEY_MAX 64

enum goal_key { KEY_FINAL, KEY_SUM, KEY_INITIAL, KEY_LOSS, KEY_EXCEED, KEY_WIDTH, KEYS };

static const char *const keys[KEYS] = {
    [KEY_FINAL] = "final_trial_duration",
    [KEY_SUM] = "duration_sum",
    [KEY_INITIAL] = "initial_trial_duration",
    [KEY_LOSS] = "loss_ratio",
    [KEY_EXCEED] = "exceed_ratio",
    [KEY_WIDTH] = "width",
};

static int
read_duration(enum goal_key key, const char *text, uint64_t max, uint64_t *ns,
              struct value_why *why)
{
    char least[VALUE_TEXT_MAX], most[VALUE_TEXT_MAX];

    if (value_duration(text, ns, why) < 0)
        return -1;
    if (*ns >= SEARCH_TRIAL_MIN_NS && *ns <= max)
        return 0;
    return value_refuse(why, "%s: %.40s is out of range; allowed is %s to %s", keys[key], text,
                        value_format_duration(SEARCH_TRIAL_MIN_NS, least),
                        value_format_duration(max, most));
}

/* Less than all; a width is also more than nothing that could be told apart. */
static int
read_ratio(enum goal_key key, const char *text, double *ratio, struct value_why *why)
{
    uint32_t least = key == KEY_WIDTH ? 1000 : 0, most = key == KEY_WIDTH ? 500000 : 999999, ppm;

    if (value_share(text, &ppm, why) < 0)
        return -1;
    *ratio = (double)ppm / VALUE_SHARE_ALL;
    if (ppm >= least && ppm <= most)
        return 0;
    return value_refuse(why, "%s: %.40s is out of range; allowed is %s", keys[key], text,
                        key == KEY_WIDTH ? "0.1% to 50%" : "0% to less than 100%");
}

static enum goal_key
find_key(const char *key)
{
    int i = 0;

    while (i < KEYS && strcmp(keys[i], key) != 0)
        i++;
    return (enum goal_key)i;
}

bool
search_goal_has(const char *key)
{
    return find_key(key) != KEYS;
}

int
search_goal_set(struct search_goal *g, const char *key, const char *text, struct value_why *why)
{
    const char *near;

    switch (find_key(key)) {
    case KEY_FINAL:
        return read_duration(KEY_FINAL, text, TRIAL_MAX_NS, &g->final_ns, why);
    case KEY_SUM:
        return read_duration(KEY_SUM, text, SUM_MAX_NS, &g->sum_ns, why);
    case KEY_INITIAL:
        return read_duration(KEY_INITIAL, text, TRIAL_MAX_NS, &g->initial_ns, why);
    case KEY_LOSS:
        return read_ratio(KEY_LOSS, text, &g->loss_ratio, why);
    case KEY_EXCEED:
        return read_ratio(KEY_EXCEED, text, &g->exceed_ratio, why);
    case KEY_WIDTH:
        return read_ratio(KEY_WIDTH, text, &g->width, why);
    case KEYS:
        break;
    }
    near = suggest_nearest(key, keys, KEYS);
    if (near != NULL)
        return value_refuse(why, "'%.40s' is nothing that a goal has; did you mean %s?", key, near);
    return value_refuse(why,
                        "'%.40s' is nothing that a goal has; it has final_trial_duration, "
                        "duration_sum, initial_trial_duration, loss_ratio, exceed_ratio and width",
                        key);
}

/* What is said fits together. */
static int
complete(struct search_goal *g, struct value_why *why)
{
    char sum[VALUE_TEXT_MAX], final[VALUE_TEXT_MAX];

    if (g->final_ns == 0)
        return value_refuse(why, "a goal needs a final_trial_duration, e.g. "
                                 "final_trial_duration=10s");
    if (g->sum_ns == 0)
        g->sum_ns = g->final_ns;
    if (g->initial_ns == 0)
        g->initial_ns = u64_min(INITIAL_NS, g->final_ns);
    if (g->width == 0)
        g->width = WIDTH;
    if (g->sum_ns < g->final_ns)
        return value_refuse(why,
                            "duration_sum: %s is less than the %s of final_trial_duration; it has "
                            "to be at least as long",
                            value_format_duration(g->sum_ns, sum),
                            value_format_duration(g->final_ns, final));
    if (g->initial_ns > g->final_ns)
        return value_refuse(why,
                            "initial_trial_duration: %s is more than the %s of "
                            "final_trial_duration; it may be as long at most",
                            value_format_duration(g->initial_ns, sum),
                            value_format_duration(g->final_ns, final));
    return 0;
}

/* @text of @len without the blanks around it. @return whether it fits @out. */
static bool
copy_word(const char *text, size_t len, char out[static KEY_MAX])
{
    while (len > 0 && isspace((unsigned char)*text)) {
        text++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    if (len >= KEY_MAX)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

int
search_goal_parse(const char *text, struct search_goal *g, struct value_why *why)
{
    *g = (struct search_goal){0};
    while (*text != '\0') {
        size_t len = strcspn(text, ","), name = strcspn(text, "=,");
        char key[KEY_MAX], value[KEY_MAX];

        if (name == len || !copy_word(text, name, key) ||
            !copy_word(text + name + 1, len - name - 1, value))
            return value_refuse(why,
                                "'%.60s' is no part of a goal; write NAME=VALUE, with commas "
                                "between, e.g. final_trial_duration=10s,loss_ratio=0.1%%",
                                text);
        if (search_goal_set(g, key, value, why) < 0)
            return -1;
        text += len + (text[len] == ',');
    }
    return complete(g, why);
}

int
conf_check_search_goal(const char *text, struct value_why *why)
{
    struct search_goal g;

    return search_goal_parse(text, &g, why);
}
