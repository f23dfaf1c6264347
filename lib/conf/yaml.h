/* SPDX-License-Identifier: BSD-3-Clause */
/* A YAML document, and so a JSON one, as a tree of nodes that know where they stand. Parsing is
 * libfyaml's; the tree is bounded: depth, nodes, and what aliases multiply. */
#pragma once

#include <stdbool.h>

#include "conf/source.h"

#define YAML_DEPTH_MAX   16
#define YAML_NODES_MAX   32768
#define YAML_ANCHORS_MAX 64
#define YAML_NONE        UINT32_MAX

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    bool is_plain;    /* a scalar without quotes, whose text may be a word of YAML's */
    struct place at;  /* of an empty value the place of its key */
    const char *text; /* of a scalar */
    uint32_t child; /* the first; YAML_NONE: there is none. A mapping's are key, value, key, ... */
    uint32_t next;  /* the next child of the same parent */
};

struct yaml {
    struct yaml_node *nodes; /* the first one is the root */
    uint32_t n, room;
    char **texts; /* of the nodes, owned */
    uint32_t n_texts, texts_room;
};

/**
 * Parse @s. With @keys only those values of the root's mapping are kept whose keys are in that
 * list, which ends with NULL.
 *
 * @return 0, or -1 with @f set (EXIT_USAGE; without memory EXIT_HOST): points at the place
 */
int yaml_parse(struct yaml *y, const struct source *s, const char *const *keys, struct fail *f);
void yaml_fini(struct yaml *y);

static inline const struct yaml_node *
yaml_child(const struct yaml *y, const struct yaml_node *node)
{
    return node->child == YAML_NONE ? NULL : &y->nodes[node->child];
}

static inline const struct yaml_node *
yaml_next(const struct yaml *y, const struct yaml_node *node)
{
    return node->next == YAML_NONE ? NULL : &y->nodes[node->next];
}

/** The value of @key in the mapping @node. @return NULL: there is none */
const struct yaml_node *yaml_value(const struct yaml *y, const struct yaml_node *node,
                                   const char *key);

/** Whether it says "nothing": null or ~, without quotes. */
bool yaml_is_null(const struct yaml_node *node);

/** Whether nothing stands there. */
bool yaml_is_empty(const struct yaml_node *node);
