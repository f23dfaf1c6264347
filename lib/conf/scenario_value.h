/* SPDX-License-Identifier: BSD-3-Clause */
/* The values of a scenario: what one node of it says, stored in struct conf. */
#pragma once

#include "conf/classes.h"
#include "conf/options.h"
#include "conf/yaml.h"

/* A key with its dots fits in this. */
#define SCENARIO_KEY_MAX 96

struct scenario_reading {
    struct conf *c;
    struct yaml yaml;
    const char *part;           /* the key that has the scenario; NULL: all of the file is one */
    bool is_result;             /* its values are final: a variable in them is only text */
    bool is_ruled[OPTION_ROWS]; /* the command line has its say */
    bool has_urls;              /* of the command line */
    bool is_taken[OPTION_ROWS]; /* by the file, or the class that is read */
    struct place urls_at;       /* of the same */
    unsigned class_idx;         /* what is of a class belongs to this one */
    bool is_in_class;
    const struct yaml_node *classes_key, *classes;   /* NULL: there are none */
    const struct yaml_node *networks_key, *networks; /* the same */
    const struct yaml_node *ports_key, *ports;       /* the same */
    struct conf *scratch;                            /* reads what is overruled */
    struct fail *f;
};

/** Say what is wrong with @key, at @at. @return -1 */
int scenario_refuse(const struct scenario_reading *r, struct place at, const char *key,
                    const char *what);

/* The next ones return 0, or -1 with the failure set. */

/** The text of @value with its variables, in @text of CONF_LINES_MAX. */
int scenario_expand(const struct scenario_reading *r, const struct yaml_node *value,
                    const char *key, char *text);

/** Take @value, or each of @list, as one of the option @row. */
int scenario_take_scalar(struct scenario_reading *r, int row, const struct yaml_node *value);
int scenario_take_list(struct scenario_reading *r, int row, const struct yaml_node *list);

int scenario_take_urls(struct scenario_reading *r, const struct yaml_node *key,
                       const struct yaml_node *value);

/** What says how much of the load is the class's. */
int scenario_take_share(struct scenario_reading *r, const struct yaml_node *key,
                        const struct yaml_node *value, enum classes_share share);

int scenario_take_name(struct scenario_reading *r, const struct yaml_node *key,
                       const struct yaml_node *value);
