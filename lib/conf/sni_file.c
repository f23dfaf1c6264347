/* SPDX-License-Identifier: BSD-3-Clause */
/* See sni_file.h. */
#include "conf/sni_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/url.h"

static int
refuse(struct fail *f, const char *path, const char *why)
{
    return fail_set(f, EXIT_USAGE, "--sni-file '%.200s': %s", path, why);
}

/* All of @path as one text. */
static int
read_text(struct sni_file *s, const char *path, struct fail *f)
{
    FILE *file = fopen(path, "re");
    size_t room = 0;
    struct stat st;
    ssize_t len;
    int err = 0;

    if (file == NULL)
        return refuse(f, path, strerror(errno));
    if (fstat(fileno(file), &st) < 0)
        err = refuse(f, path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        err = refuse(f, path, "it is not a regular file");
    else if ((uint64_t)st.st_size > SNI_FILE_BYTES_MAX)
        err = refuse(f, path, "it has more than 256 MiB");
    else if ((len = getdelim(&s->text, &room, '\0', file)) < 0)
        err = refuse(f, path, ferror(file) ? strerror(errno) : "it is empty");
    else if (s->text[len - 1] == '\0')
        err = refuse(f, path, "it is no text: there is a zero byte in it");
    fclose(file);
    return err;
}

/* What can be sent: no address, and no dot at the end (RFC 6066 3). */
static bool
is_server_name(const char *name)
{
    return url_is_name(name) && name[strlen(name) - 1] != '.';
}

static int
take_line(struct sni_file *s, const char *path, unsigned line, char *name, struct fail *f)
{
    name[strcspn(name, "\r")] = '\0';
    if (name[0] == '\0' || name[0] == '#')
        return 0;
    if (!is_server_name(name))
        return fail_set(f, EXIT_USAGE, "--sni-file '%.200s': line %u: '%.60s' is not a host name",
                        path, line, name);
    if (s->n == SNI_FILE_NAMES_MAX)
        return fail_set(f, EXIT_USAGE, "--sni-file '%.200s': line %u: at most %d names are allowed",
                        path, line, SNI_FILE_NAMES_MAX);
    s->names[s->n++] = name;
    return 0;
}

static unsigned
count_lines(const char *text)
{
    unsigned n = 1;

    for (; (text = strchr(text, '\n')) != NULL; text++)
        n++;
    return n;
}

static int
cut(struct sni_file *s, const char *path, struct fail *f)
{
    char *rest = s->text, *name;
    unsigned line = 1;

    s->names = calloc(count_lines(s->text), sizeof(s->names[0]));
    if (s->names == NULL)
        return fail_set(f, EXIT_HOST, "--sni-file '%.200s': not enough memory", path);
    for (; (name = strsep(&rest, "\n")) != NULL; line++)
        if (take_line(s, path, line, name, f) < 0)
            return -1;
    return s->n > 0 ? 0 : refuse(f, path, "there is no name in it");
}

int
sni_file_read(struct sni_file *s, const char *path, struct fail *f)
{
    *s = (struct sni_file){0};
    if (read_text(s, path, f) == 0 && cut(s, path, f) == 0)
        return 0;
    sni_file_fini(s);
    return -1;
}

void
sni_file_fini(struct sni_file *s)
{
    free(s->names);
    free(s->text);
    *s = (struct sni_file){0};
}
