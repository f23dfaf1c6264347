/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_pieces.h. */
#include "proto/http_pieces.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/suggest.h"
#include "base/units.h"

static const char CSV_PREFIX[] = "csv.", RANDOM_PREFIX[] = "random:";

static const struct {
    const char *name;
    enum http_piece_kind kind;
} placeholders[] = {
    {"counter", HTTP_PIECE_COUNTER},
    {"random", HTTP_PIECE_RANDOM},
    {"local.address", HTTP_PIECE_LOCAL_ADDRESS},
    {"local.port", HTTP_PIECE_LOCAL_PORT},
};

/* What stands between braces. */
struct word {
    const char *text;
    size_t len;
};

enum verdict {
    VERDICT_NONE,  /* just braces */
    VERDICT_PIECE, /* a placeholder */
    VERDICT_WRONG, /* one that cannot be, or a slip */
};

static bool
begins(const struct word *w, const char *prefix)
{
    return w->len > strlen(prefix) && memcmp(w->text, prefix, strlen(prefix)) == 0;
}

/* "10-20" */
static bool
read_range(const char *text, size_t len, struct http_piece *p)
{
    char copy[48];
    unsigned long long first, last;
    int used = 0;

    if (len >= sizeof(copy) || strspn(text, "0123456789-") < len)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (sscanf(copy, "%18llu-%18llu%n", &first, &last, &used) != 2 || (size_t)used != len ||
        first > last)
        return false;
    p->first = first;
    p->last = last;
    return true;
}

/* The one that @w may have meant; NULL: it looks like none. */
static const char *
near_word(const struct word *w)
{
    const char *names[ARRAY_LEN(placeholders)];
    char copy[SUGGEST_WORD_MAX];

    if (w->len < 4 || w->len >= sizeof(copy))
        return NULL;
    for (size_t i = 0; i < w->len; i++)
        if (w->text[i] != '.' && (w->text[i] < 'a' || w->text[i] > 'z'))
            return NULL;
    memcpy(copy, w->text, w->len);
    copy[w->len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
        names[i] = placeholders[i].name;
    return suggest_nearest(copy, names, ARRAY_LEN(names));
}

static enum verdict
judge(const struct word *w, const struct csv *csv, struct http_piece *p, const char **near)
{
    int column;

    *p = (struct http_piece){.kind = HTTP_PIECE_TEXT};
    *near = NULL;
    for (size_t i = 0; i < ARRAY_LEN(placeholders); i++) {
        if (strlen(placeholders[i].name) != w->len ||
            memcmp(placeholders[i].name, w->text, w->len) != 0)
            continue;
        p->kind = placeholders[i].kind;
        if (p->kind == HTTP_PIECE_RANDOM)
            p->last = UINT32_MAX;
        return VERDICT_PIECE;
    }
    if (begins(w, RANDOM_PREFIX)) {
        p->kind = HTTP_PIECE_RANDOM;
        return read_range(w->text + strlen(RANDOM_PREFIX), w->len - strlen(RANDOM_PREFIX), p)
                   ? VERDICT_PIECE
                   : VERDICT_WRONG;
    }
    if (begins(w, CSV_PREFIX)) {
        p->kind = HTTP_PIECE_CSV;
        if (csv == NULL)
            return VERDICT_PIECE;
        column = csv_column(csv, w->text + strlen(CSV_PREFIX), w->len - strlen(CSV_PREFIX));
        p->column = (uint32_t)column;
        return column >= 0 ? VERDICT_PIECE : VERDICT_WRONG;
    }
    *near = near_word(w);
    return *near != NULL ? VERDICT_WRONG : VERDICT_NONE;
}

/* What is between the brace at @from and the next one that closes. */
static bool
read_word(const char *text, size_t len, size_t from, struct word *w)
{
    size_t most = u64_min(len, from + HTTP_PLACEHOLDER_MAX - 2);

    w->text = text + from + 1;
    for (size_t i = from + 1; i < most; i++) {
        if (text[i] == '{' || (unsigned char)text[i] < ' ')
            return false;
        if (text[i] == '}') {
            w->len = i - from - 1;
            return w->len > 0;
        }
    }
    return false;
}

/* The pieces found so far. */
struct list {
    struct http_piece *pieces; /* NULL: they are counted */
    int n;
};

static void
add(struct list *l, const struct http_piece *p)
{
    if (l->pieces != NULL)
        l->pieces[l->n] = *p;
    l->n++;
}

static void
add_text(struct list *l, const uint8_t *text, size_t begin, size_t end)
{
    if (end > begin)
        add(l, &(struct http_piece){
                   .kind = HTTP_PIECE_TEXT, .bytes = text + begin, .len = end - begin});
}

/* The mark at @text, which is in a head. */
static bool
read_mark(const uint8_t *text, size_t len, struct http_piece *p)
{
    static const struct {
        const char *mark;
        enum http_piece_kind kind;
    } marks[] = {{HTTP_MARK_BODY_LENGTH, HTTP_PIECE_BODY_LENGTH},
                 {HTTP_MARK_COOKIES, HTTP_PIECE_COOKIES}};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        if (len < strlen(marks[i].mark) || memcmp(text, marks[i].mark, strlen(marks[i].mark)) != 0)
            continue;
        *p = (struct http_piece){.kind = marks[i].kind};
        return true;
    }
    return false;
}

static int
refuse(const struct word *w, const char *near, struct http_pieces_fault *fault)
{
    snprintf(fault->text, sizeof(fault->text), "{%.*s}", (int)w->len, w->text);
    fault->near = near;
    return -1;
}

int
http_pieces_find(const uint8_t *text, size_t len, bool is_head, const struct csv *csv,
                 struct http_piece *pieces, struct http_pieces_fault *fault)
{
    struct list l = {.pieces = pieces};
    struct http_piece p;
    size_t begin = 0; /* of the text that is not in a piece yet */
    struct word w;

    for (size_t i = 0; i < len;) {
        const char *near;
        enum verdict verdict;

        if (is_head && read_mark(text + i, len - i, &p)) {
            add_text(&l, text, begin, i);
            add(&l, &p);
            begin = i += strlen(HTTP_MARK_COOKIES);
            continue;
        }
        if (text[i] != '{' || !read_word((const char *)text, len, i, &w)) {
            i++;
            continue;
        }
        verdict = judge(&w, csv, &p, &near);
        if (verdict != VERDICT_NONE && i > begin && text[i - 1] == '{' && i + w.len + 2 < len &&
            text[i + w.len + 2] == '}') { /* doubled: one of each is sent */
            add_text(&l, text, begin, i - 1);
            add_text(&l, text, i, i + w.len + 2);
            begin = i += w.len + 3;
            continue;
        }
        if (verdict == VERDICT_WRONG)
            return refuse(&w, near, fault);
        if (verdict == VERDICT_PIECE) {
            add_text(&l, text, begin, i);
            add(&l, &p);
            begin = i + w.len + 2;
        }
        i += verdict == VERDICT_PIECE ? w.len + 2 : 1;
    }
    add_text(&l, text, begin, len);
    return l.n;
}

bool
http_pieces_vary(const struct http_piece *pieces, int n, size_t len)
{
    size_t sum = 0;

    for (int i = 0; i < n; i++) {
        if (pieces[i].kind != HTTP_PIECE_TEXT)
            return true;
        sum += pieces[i].len;
    }
    return sum != len;
}

static uint64_t
random_of(const struct http_piece *p, unsigned i, const struct http_values *v)
{
    struct rng rng = {.state = v->seed + i};

    return p->first + rng_below(&rng, p->last - p->first + 1);
}

static size_t
number_text(uint64_t n, char buf[static HTTP_VALUE_MAX], const uint8_t **bytes)
{
    char *at = buf + HTTP_VALUE_MAX;

    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    *bytes = (const uint8_t *)at;
    return (size_t)(buf + HTTP_VALUE_MAX - at);
}

size_t
http_piece_bytes(const struct http_piece *pieces, unsigned i, const struct http_values *v,
                 char buf[static HTTP_VALUE_MAX], const uint8_t **bytes)
{
    const struct http_piece *p = &pieces[i];
    struct csv_field field;

    *bytes = (const uint8_t *)buf;
    switch (p->kind) {
    case HTTP_PIECE_TEXT:
        *bytes = p->bytes;
        return p->len;
    case HTTP_PIECE_COUNTER:
        return number_text(v->number, buf, bytes);
    case HTTP_PIECE_RANDOM:
        return number_text(random_of(p, i, v), buf, bytes);
    case HTTP_PIECE_LOCAL_ADDRESS:
        return strlen(ip_format(&v->local, buf));
    case HTTP_PIECE_LOCAL_PORT:
        return number_text(v->local_port, buf, bytes);
    case HTTP_PIECE_CSV:
        field = csv_field(v->csv, v->row, p->column);
        *bytes = (const uint8_t *)v->csv->bytes + field.at;
        return field.len;
    case HTTP_PIECE_BODY_LENGTH:
        return number_text(v->body_len, buf, bytes);
    case HTTP_PIECE_COOKIES:
        *bytes = (const uint8_t *)v->cookies;
        return v->cookies_len;
    }
    return 0;
}

uint64_t
http_pieces_len(const struct http_piece *pieces, unsigned first, unsigned end,
                const struct http_values *v)
{
    char buf[HTTP_VALUE_MAX];
    const uint8_t *bytes;
    uint64_t len = 0;

    for (unsigned i = first; i < end; i++)
        len += http_piece_bytes(pieces, i, v, buf, &bytes);
    return len;
}
