/* SPDX-License-Identifier: BSD-3-Clause */
/* A goal of a search as users write it: "final_trial_duration=60s, duration_sum=120s,
 * exceed_ratio=50%", the words of RFC 9971 without its "Goal". Pure. */
#pragma once

#include "conf/value.h"
#include "search/goal.h"

#define SEARCH_TRIAL_MIN_NS (100 * NS_PER_MS)

/** Set what @key stands for. @return 0, or -1 with @why set: no such key, or not its value. */
int search_goal_set(struct search_goal *g, const char *key, const char *text,
                    struct value_why *why);

/** Whether a goal has anything called @key. */
bool search_goal_has(const char *key);

/** Read a whole goal, what it does not say filled in. @return 0, or -1 with @why set. */
int search_goal_parse(const char *text, struct search_goal *g, struct value_why *why);

/** Whether @text is a goal: conf_option.check. */
int conf_check_search_goal(const char *text, struct value_why *why);
