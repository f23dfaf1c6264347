/* SPDX-License-Identifier: BSD-3-Clause */
/* See source.h. */
#include "conf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/result_head.h"

/* Of a line, what is shown: characters around the caret. */
static const uint32_t SHOWN_BEFORE = 60, SHOWN_AFTER = 40;

static int
refuse_file(const char *path, const char *why, struct fail *f)
{
    return fail_set(f, EXIT_USAGE, "'%.200s' cannot be read: %s; give a scenario file, or a result",
                    path, why);
}

/* @return how much of it has what a result needs to run again; 0: it has not, or nothing else */
static size_t
find_head(const char *text, size_t length)
{
    size_t n = result_head_end(text, length);

    return n < length ? n : 0;
}

/* Of a result only as much as is needed. @return bytes; -1 with errno set, EFBIG when there are
 * more than fit. */
static ssize_t
read_all(int fd, char **text)
{
    size_t room = 0, n = 0;
    ssize_t got = 1;

    *text = NULL;
    while (got > 0) {
        if (n + 1 >= room) {
            char *larger = realloc(*text, room = room == 0 ? 16384 : 4 * room);

            if (larger == NULL)
                return -1;
            *text = larger;
        }
        got = read(fd, *text + n, room - 1 - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
        (*text)[n] = '\0';
        if (n + 1 >= room && find_head(*text, n) > 0)
            return (ssize_t)n;
        if (n > SOURCE_BYTES_MAX) {
            errno = EFBIG;
            return -1;
        }
    }
    return got < 0 ? -1 : (ssize_t)n;
}

/* The length of the UTF-8 character at @p, of which @left bytes are there; 0: it is none (RFC 3629
 * 3). */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

/* libfyaml goes on for ever with some of what is no UTF-8. */
static int
check_utf8(const struct source *s, struct fail *f)
{
    struct place at = {1, 1};
    size_t n;

    for (size_t i = 0; i < s->length; i += n) {
        n = utf8_length((const unsigned char *)s->text + i, s->length - i);
        if (n == 0)
            return source_refuse(s, at, f, "this is no UTF-8, which YAML and JSON are written in");
        at.column++;
        if (s->text[i] == '\n')
            at = (struct place){at.line + 1, 1};
    }
    return 0;
}

/* More brackets open at once, or more dashes at the beginning of a line, than any text has; quotes
 * are not looked at. The reader refuses what is nested far less (conf/yaml.h), but only when
 * libfyaml has taken a quarter of a KiB for each. */
static const unsigned OPEN_MAX = 4096;

static int
check_nesting(const struct source *s, struct fail *f)
{
    struct place at = {1, 1};
    unsigned n_open = 0, n_dashes = 0;
    bool is_at_start = true;

    for (size_t i = 0; i < s->length; i++, at.column++) {
        char c = s->text[i];

        if (c == '\n') {
            at = (struct place){at.line + 1, 0};
            is_at_start = true;
            n_dashes = 0;
        } else if (c == '[' || c == '{') {
            n_open++;
        } else if ((c == ']' || c == '}') && n_open > 0) {
            n_open--;
        } else if (is_at_start && (c == '-' || c == '?')) {
            n_dashes++;
        }
        is_at_start = is_at_start && strchr("\n -?", c) != NULL;
        if (n_open > OPEN_MAX || n_dashes > OPEN_MAX)
            return source_refuse(s, at, f, "it is nested too deeply");
    }
    return 0;
}

/* Give @text, which is malloc()ed, to @s. */
static int
take_text(struct source *s, const char *name, char *text, size_t length, struct fail *f)
{
    size_t head;

    snprintf(s->name, sizeof(s->name), "%s", name);
    s->text = text;
    s->text[length] = '\0';
    head = find_head(text, length);
    if (head > 0) { /* the object ends there */
        text[head] = '}';
        length = head + 1;
        text[length] = '\0';
    }
    s->length = length;
    if (memchr(text, '\0', length) != NULL) {
        source_fini(s);
        return refuse_file(name, "it is no text, for there is a NUL byte in it", f);
    }
    if (check_utf8(s, f) == 0 && check_nesting(s, f) == 0)
        return 0;
    source_fini(s);
    return -1;
}

int
source_read(struct source *s, const char *path, struct fail *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err;
    struct stat st;
    ssize_t length;
    char *text;

    *s = (struct source){0};
    if (fd < 0)
        return refuse_file(path, strerror(errno), f);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return refuse_file(path, "it is a folder", f);
    }
    length = read_all(fd, &text);
    err = errno;
    close(fd);
    if (length >= 0)
        return take_text(s, path, text, (size_t)length, f);
    free(text);
    return refuse_file(path, err == EFBIG ? "it has more than 64 MiB" : strerror(err), f);
}

int
source_from(struct source *s, const char *name, const char *text, size_t length, struct fail *f)
{
    char *copy = malloc(length + 1);

    *s = (struct source){0};
    if (copy == NULL)
        return fail_set(f, EXIT_HOST, "%.200s: not enough memory to read it", name);
    memcpy(copy, text, length);
    return take_text(s, name, copy, length, f);
}

void
source_fini(struct source *s)
{
    free(s->text);
    *s = (struct source){0};
}

/* The line @at, without its end. @return NULL: there is none */
static const char *
find_line(const struct source *s, uint32_t number, size_t *length)
{
    const char *line = s->text;

    for (uint32_t i = 1; line != NULL && i < number; i++) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    if (line == NULL || number == 0)
        return NULL;
    *length = strcspn(line, "\r\n");
    return *length > 0 ? line : NULL;
}

/* Bytes of UTF-8 after the first of a character. */
static bool
continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void __attribute__((format(printf, 2, 3))) append(struct fail *f, const char *fmt, ...)
{
    size_t used = strlen(f->text);
    va_list args;

    va_start(args, fmt);
    vsnprintf(f->text + used, sizeof(f->text) - used, fmt, args);
    va_end(args);
}

/* The line, of a long one what is around the place, and below it the caret, behind the same tabs.
 */
static void
append_line(const struct source *s, struct place at, struct fail *f)
{
    uint32_t first = at.column > SHOWN_BEFORE ? at.column - SHOWN_BEFORE : 1, column = 1;
    char shown[4 * (60 + 40) + 1], below[60 + 1];
    size_t length, n = 0, n_below = 0;
    const char *line = find_line(s, at.line, &length);

    if (line == NULL)
        return;
    for (size_t i = 0; i < length && n + 1 < sizeof(shown); i++) {
        column += i > 0 && !continues(line[i]);
        if (column < first)
            continue;
        if (column >= at.column + SHOWN_AFTER)
            break;
        shown[n++] = (unsigned char)line[i] < ' ' && line[i] != '\t' ? '?' : line[i];
        if (column < at.column && !continues(line[i]) && n_below + 1 < sizeof(below))
            below[n_below++] = line[i] == '\t' ? '\t' : ' ';
    }
    shown[n] = below[n_below] = '\0';
    append(f, "\n  %s\n  %s^", shown, below);
}

void
source_point(const struct source *s, struct place at, struct fail *f)
{
    char what[sizeof(f->text)];

    memcpy(what, f->text, sizeof(what));
    what[sizeof(what) - 1] = '\0';
    if (at.line == 0)
        snprintf(f->text, sizeof(f->text), "%.200s: %.700s", s->name, what);
    else
        snprintf(f->text, sizeof(f->text), "%.120s:%u:%u: %.520s", s->name, at.line, at.column,
                 what);
    append_line(s, at, f);
}

int
source_refuse(const struct source *s, struct place at, struct fail *f, const char *fmt, ...)
{
    va_list args;

    f->status = EXIT_USAGE;
    va_start(args, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, args);
    va_end(args);
    source_point(s, at, f);
    return -1;
}
