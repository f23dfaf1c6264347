/* SPDX-License-Identifier: BSD-3-Clause */
/* See yaml.h. */
#include "conf/yaml.h"

#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

#include "base/units.h"

struct anchor {
    char *name;
    uint32_t node;
};

/* An open sequence or mapping. */
struct level {
    uint32_t node;
    uint32_t last; /* its last child */
    unsigned n;    /* how many it has */
};

struct parse {
    struct yaml *y;
    const struct source *source;
    const char *const *keys;
    struct fail *fail;
    struct level levels[YAML_DEPTH_MAX];
    unsigned depth;
    unsigned skipped; /* open levels of a value that is not kept */
    bool skips;       /* the next value of the root's mapping */
    bool has_document;
    struct place key; /* the last one */
    struct anchor anchors[YAML_ANCHORS_MAX];
    unsigned n_anchors;
};

/* libfyaml would write to standard error. */
static void
say_nothing(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)length;
}

static int
refuse_memory(struct parse *p)
{
    return fail_set(p->fail, EXIT_HOST, "%.200s: not enough memory to read it", p->source->name);
}

/* @return NULL: there is no memory */
static char *
keep_text(struct yaml *y, const char *text, size_t length)
{
    char *copy = malloc(length + 1);

    if (y->n_texts == y->texts_room) {
        uint32_t room = y->texts_room == 0 ? 256 : 2 * y->texts_room;
        char **larger = realloc(y->texts, room * sizeof(*larger));

        if (larger == NULL) {
            free(copy);
            return NULL;
        }
        y->texts = larger;
        y->texts_room = room;
    }
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    y->texts[y->n_texts++] = copy;
    return copy;
}

/* @return 0, or -1 with the failure set. */
static int
add_node(struct parse *p, const struct yaml_node *node)
{
    struct yaml *y = p->y;

    if (y->n == YAML_NODES_MAX)
        return source_refuse(p->source, node->at, p->fail,
                             "there is too much in it; at most %d values are allowed, with those "
                             "that aliases repeat",
                             YAML_NODES_MAX);
    if (y->n == y->room) {
        uint32_t room = y->room == 0 ? 256 : 2 * y->room;
        struct yaml_node *larger = realloc(y->nodes, room * sizeof(*larger));

        if (larger == NULL)
            return refuse_memory(p);
        y->nodes = larger;
        y->room = room;
    }
    y->nodes[y->n++] = *node;
    return 0;
}

/* Make node @idx the next child of the innermost open level. */
static void
link_child(struct parse *p, uint32_t idx)
{
    struct level *l;

    if (p->depth == 0)
        return;
    l = &p->levels[p->depth - 1];
    if (l->n == 0)
        p->y->nodes[l->node].child = idx;
    else
        p->y->nodes[l->last].next = idx;
    l->last = idx;
    l->n++;
}

static int
open_level(struct parse *p, uint32_t idx)
{
    if (p->depth == YAML_DEPTH_MAX)
        return source_refuse(p->source, p->y->nodes[idx].at, p->fail,
                             "it is nested too deeply; at most %d levels are allowed",
                             YAML_DEPTH_MAX);
    p->levels[p->depth++] = (struct level){.node = idx};
    return 0;
}

/* Versions differ in where they say that it is. */
static bool
is_empty(struct fy_event *e)
{
    struct fy_token *token = fy_event_get_token(e);
    size_t length = 0;

    return e->type == FYET_SCALAR &&
           (token == NULL || (fy_token_scalar_style(token) == FYSS_PLAIN &&
                              fy_token_get_text(token, &length) != NULL && length == 0));
}

static struct place
place_of(const struct parse *p, struct fy_event *e)
{
    const struct fy_mark *mark = fy_event_start_mark(e);

    if (mark == NULL || is_empty(e))
        return p->key;
    return (struct place){.line = (uint32_t)mark->line + 1, .column = (uint32_t)mark->column + 1};
}

/* A key that stands twice is a slip, and which of the two counts nobody can know. */
static int
check_key(struct parse *p, uint32_t idx)
{
    const struct level *l = &p->levels[p->depth - 1];
    const struct yaml_node *key = &p->y->nodes[idx];
    const struct yaml_node *other = yaml_child(p->y, &p->y->nodes[l->node]);

    if (key->kind != YAML_SCALAR)
        return source_refuse(p->source, key->at, p->fail,
                             "a key is one word, not a list or a group of others");
    p->key = key->at;
    for (unsigned i = 0; i + 1 < l->n; i += 2) {
        if (strcmp(other->text, key->text) == 0)
            return source_refuse(p->source, key->at, p->fail,
                                 "'%.60s' is there already, in line %u; give it once", key->text,
                                 other->at.line);
        other = yaml_next(p->y, yaml_next(p->y, other));
    }
    return 0;
}

static bool
is_key(const struct parse *p)
{
    const struct level *l = p->depth > 0 ? &p->levels[p->depth - 1] : NULL;

    return l != NULL && p->y->nodes[l->node].kind == YAML_MAPPING && l->n % 2 == 0;
}

static bool
is_wanted(const struct parse *p, const char *key)
{
    for (unsigned i = 0; p->keys != NULL && p->keys[i] != NULL; i++)
        if (strcmp(p->keys[i], key) == 0)
            return true;
    return p->keys == NULL;
}

/* A complete node, or the beginning of one, has its place in the tree. */
static int
place_node(struct parse *p, uint32_t idx)
{
    bool was_key = is_key(p);

    link_child(p, idx);
    if (was_key && check_key(p, idx) < 0)
        return -1;
    if (was_key && p->depth == 1)
        p->skips = !is_wanted(p, p->y->nodes[idx].text);
    return 0;
}

static int
name_anchor(struct parse *p, struct fy_event *e, uint32_t idx)
{
    struct fy_token *token = fy_event_get_anchor_token(e);
    const char *name;
    size_t length;

    if (token == NULL)
        return 0;
    if (p->n_anchors == YAML_ANCHORS_MAX)
        return source_refuse(p->source, p->y->nodes[idx].at, p->fail,
                             "there are too many anchors; at most %d are allowed",
                             YAML_ANCHORS_MAX);
    name = fy_token_get_text(token, &length);
    p->anchors[p->n_anchors].name = keep_text(p->y, name, length);
    p->anchors[p->n_anchors].node = idx;
    return p->anchors[p->n_anchors++].name == NULL ? refuse_memory(p) : 0;
}

static int
take_scalar(struct parse *p, struct fy_event *e)
{
    struct fy_token *token = fy_event_get_token(e);
    size_t length = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &length) : "";
    struct yaml_node node = {
        .kind = YAML_SCALAR,
        .is_plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN,
        .at = place_of(p, e),
        .child = YAML_NONE,
        .next = YAML_NONE,
    };

    if (token != NULL &&
        (fy_token_scalar_style(token) == FYSS_SINGLE_QUOTED ||
         fy_token_scalar_style(token) == FYSS_DOUBLE_QUOTED) &&
        node.at.column > 1)
        node.at.column--; /* libfyaml points behind the quote */
    if (text == NULL || memchr(text, '\0', length) != NULL)
        return source_refuse(p->source, node.at, p->fail, "there is a NUL in it");
    node.text = keep_text(p->y, text, length);
    if (node.text == NULL)
        return refuse_memory(p);
    if (add_node(p, &node) < 0 || name_anchor(p, e, p->y->n - 1) < 0)
        return -1;
    return place_node(p, p->y->n - 1);
}

static int
take_begin(struct parse *p, struct fy_event *e, enum yaml_kind kind)
{
    struct yaml_node node = {
        .kind = kind, .at = place_of(p, e), .child = YAML_NONE, .next = YAML_NONE};
    uint32_t idx = p->y->n;

    if (add_node(p, &node) < 0 || name_anchor(p, e, idx) < 0 || place_node(p, idx) < 0)
        return -1;
    return open_level(p, idx);
}

/* Copy the subtree @from, with its children. */
static int
copy_node(struct parse *p, uint32_t from, unsigned depth)
{
    struct yaml_node node = p->y->nodes[from];
    uint32_t idx = p->y->n, before = YAML_NONE;

    node.child = node.next = YAML_NONE;
    if (depth > YAML_DEPTH_MAX)
        return source_refuse(p->source, node.at, p->fail,
                             "it is nested too deeply; at most %d levels are allowed",
                             YAML_DEPTH_MAX);
    if (add_node(p, &node) < 0)
        return -1;
    for (uint32_t c = p->y->nodes[from].child; c != YAML_NONE; c = p->y->nodes[c].next) {
        uint32_t copy = p->y->n;

        if (copy_node(p, c, depth + 1) < 0)
            return -1;
        if (before == YAML_NONE)
            p->y->nodes[idx].child = copy;
        else
            p->y->nodes[before].next = copy;
        before = copy;
    }
    return 0;
}

static bool
is_open(const struct parse *p, uint32_t idx)
{
    for (unsigned i = 0; i < p->depth; i++)
        if (p->levels[i].node == idx)
            return true;
    return false;
}

/* The last anchor of a name counts (YAML 1.2 3.2.2.2). */
static int
take_alias(struct parse *p, struct fy_event *e)
{
    struct place at = place_of(p, e);
    uint32_t idx = p->y->n;
    size_t length;
    const char *name = fy_token_get_text(fy_event_get_token(e), &length);

    at.column -= at.column > 1; /* libfyaml points behind the asterisk */
    for (unsigned i = p->n_anchors; i-- > 0;) {
        const struct anchor *a = &p->anchors[i];

        if (strlen(a->name) != length || memcmp(a->name, name, length) != 0)
            continue;
        if (is_open(p, a->node))
            return source_refuse(p->source, at, p->fail, "'*%.60s' would contain itself", a->name);
        return copy_node(p, a->node, p->depth + 1) < 0 ? -1 : place_node(p, idx);
    }
    return source_refuse(p->source, at, p->fail, "there is no anchor '&%.*s' before it",
                         (int)(length < 60 ? length : 60), name);
}

/* Part of a value that is not kept: an empty one takes its place. */
static int
skip_event(struct parse *p, enum fy_event_type type)
{
    struct yaml_node nothing = {.kind = YAML_SCALAR,
                                .is_plain = true,
                                .at = p->key,
                                .text = "",
                                .child = YAML_NONE,
                                .next = YAML_NONE};

    if (p->skipped == 0 && add_node(p, &nothing) < 0)
        return -1;
    if (p->skipped == 0)
        link_child(p, p->y->n - 1);
    if (type == FYET_SEQUENCE_START || type == FYET_MAPPING_START)
        p->skipped++;
    else if (type == FYET_SEQUENCE_END || type == FYET_MAPPING_END)
        p->skipped--;
    p->skips = p->skipped > 0;
    return 0;
}

static int
take_event(struct parse *p, struct fy_event *e)
{
    if (p->skips)
        return skip_event(p, e->type);
    switch (e->type) {
    case FYET_DOCUMENT_START:
        if (p->has_document)
            return source_refuse(p->source, place_of(p, e), p->fail,
                                 "a second document begins here; a file has one");
        p->has_document = true;
        return 0;
    case FYET_SCALAR:
        return take_scalar(p, e);
    case FYET_SEQUENCE_START:
        return take_begin(p, e, YAML_SEQUENCE);
    case FYET_MAPPING_START:
        return take_begin(p, e, YAML_MAPPING);
    case FYET_ALIAS:
        return take_alias(p, e);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        p->depth--;
        return 0;
    default:
        return 0;
    }
}

/* What libfyaml has to say, the first of it. */
static int
refuse_syntax(struct parse *p, struct fy_diag *diag)
{
    void *prev = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(diag, &prev);
    struct place at = {0, 0};

    if (error == NULL)
        return source_refuse(p->source, at, p->fail, "it is not YAML");
    if (error->line > 0)
        at = (struct place){.line = (uint32_t)error->line,
                            .column = error->column > 0 ? (uint32_t)error->column : 1};
    return source_refuse(p->source, at, p->fail, "it is not YAML: %.200s", error->msg);
}

static int
parse_events(struct parse *p, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *e;
    int err = 0;

    if (fy_parser_set_string(parser, p->source->text, p->source->length) != 0)
        return refuse_memory(p);
    while (err == 0 && (e = fy_parser_parse(parser)) != NULL) {
        err = take_event(p, e);
        fy_parser_event_free(parser, e);
    }
    if (err < 0)
        return -1;
    if (fy_parser_get_stream_error(parser) || fy_diag_got_error(diag))
        return refuse_syntax(p, diag);
    if (p->y->n == 0)
        return source_refuse(p->source, (struct place){0, 0}, p->fail, "there is nothing in it");
    return 0;
}

/* A directive says nothing to a scenario, and of some libfyaml never finds the end. */
static int
refuse_directive(const struct source *s, struct fail *f)
{
    struct place at = {1, 1};
    const char *line = s->text;

    while (*line == '#' || *line == '\n' || *line == '\r') {
        line += strcspn(line, "\n");
        line += *line == '\n';
        at.line++;
    }
    return *line != '%' ? 0
                        : source_refuse(s, at, f, "a scenario has no directives of YAML (%%...)");
}

int
yaml_parse(struct yaml *y, const struct source *s, const char *const *keys, struct fail *f)
{
    struct fy_diag_cfg diag_cfg;
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG};
    struct parse p = {.y = y, .source = s, .keys = keys, .fail = f};
    struct fy_parser *parser = NULL;
    int err;

    *y = (struct yaml){0};
    if (refuse_directive(s, f) < 0)
        return -1;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = say_nothing;
    cfg.diag = fy_diag_create(&diag_cfg);
    if (cfg.diag != NULL) {
        fy_diag_set_collect_errors(cfg.diag, true);
        parser = fy_parser_create(&cfg);
    }
    err = parser != NULL ? parse_events(&p, parser, cfg.diag) : refuse_memory(&p);
    fy_parser_destroy(parser);
    fy_diag_destroy(cfg.diag);
    if (err < 0)
        yaml_fini(y);
    return err;
}

void
yaml_fini(struct yaml *y)
{
    for (uint32_t i = 0; i < y->n_texts; i++)
        free(y->texts[i]);
    free(y->texts);
    free(y->nodes);
    *y = (struct yaml){0};
}

const struct yaml_node *
yaml_value(const struct yaml *y, const struct yaml_node *node, const char *key)
{
    const struct yaml_node *child = node->kind == YAML_MAPPING ? yaml_child(y, node) : NULL;

    while (child != NULL) {
        const struct yaml_node *value = yaml_next(y, child);

        if (value == NULL)
            return NULL;
        if (strcmp(child->text, key) == 0)
            return value;
        child = yaml_next(y, value);
    }
    return NULL;
}

bool
yaml_is_null(const struct yaml_node *node)
{
    static const char *const words[] = {"null", "Null", "NULL", "~"};

    if (node->kind != YAML_SCALAR || !node->is_plain)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(node->text, words[i]) == 0)
            return true;
    return false;
}

bool
yaml_is_empty(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->is_plain && node->text[0] == '\0';
}
