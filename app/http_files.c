/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_files.h. */
#include "app/http_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file under way. */
struct file {
    const char *option;
    const char *path;
    int fd;
    size_t len;
};

static int
refuse(struct fail *f, const struct file *file, const char *why)
{
    return fail_set(f, EXIT_USAGE, "%s: the file '%.200s' cannot be read: %s", file->option,
                    file->path, why);
}

/* @too_long says it when there are more than @most bytes. @return 0, open, or -1. */
static int
open_file(struct file *file, uint64_t most, const char *too_long, struct fail *f)
{
    struct stat st;

    file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0)
        return refuse(f, file, strerror(errno));
    if (fstat(file->fd, &st) < 0)
        refuse(f, file, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        refuse(f, file, "it is not a regular file");
    else if ((uint64_t)st.st_size > most)
        refuse(f, file, too_long);
    else {
        file->len = (size_t)st.st_size;
        return 0;
    }
    close(file->fd);
    return -1;
}

static int
read_all(const struct file *file, uint8_t *bytes, struct fail *f)
{
    for (size_t done = 0; done < file->len;) {
        ssize_t n = read(file->fd, bytes + done, file->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return refuse(f, file, n < 0 ? strerror(errno) : "it grew shorter meanwhile");
        done += (size_t)n;
    }
    return 0;
}

int
http_body_read(const char *text, struct http_body *b, struct fail *f)
{
    struct file file = {.option = "--body", .path = text + 1};
    int err;

    *b = (struct http_body){0};
    if (text[0] == '\0')
        return 0;
    if (text[0] != '@') {
        b->len = strlen(text);
        b->bytes = (uint8_t *)strdup(text);
        return b->bytes != NULL ? 0 : fail_set(f, EXIT_HOST, "--body: %s", strerror(ENOMEM));
    }
    if (open_file(&file, HTTP_BODY_MAX, "it is longer than the 256 MiB that a body may have", f) <
        0)
        return -1;
    b->len = file.len;
    b->bytes = malloc(b->len + 1); /* one of nothing is a body, too */
    err = b->bytes != NULL ? read_all(&file, b->bytes, f) : refuse(f, &file, strerror(ENOMEM));
    close(file.fd);
    if (err < 0)
        http_body_fini(b);
    return err;
}

void
http_body_fini(struct http_body *b)
{
    free(b->bytes);
    *b = (struct http_body){0};
}

int
http_table_read(const char *path, struct http_table *t, struct fail *f)
{
    struct file file = {.option = "--csv-data", .path = path};
    struct csv_fault fault;

    *t = (struct http_table){0};
    if (path[0] == '\0')
        return 0;
    if (open_file(&file, CSV_BYTES_MAX - 1, "it has 4 GiB or more", f) < 0)
        return -1;
    if (file.len == 0) {
        close(file.fd);
        return refuse(f, &file, "it is empty");
    }
    /* Quotes are taken away in place: in our copy of the pages that have some. */
    t->bytes = mmap(NULL, file.len, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd, 0);
    close(file.fd);
    if (t->bytes == MAP_FAILED) {
        t->bytes = NULL;
        return refuse(f, &file, strerror(errno));
    }
    t->len = file.len;
    if (csv_read(&t->csv, t->bytes, t->len, &fault) == 0)
        return 0;
    http_table_fini(t);
    return fail_set(f, EXIT_USAGE, "--csv-data: line %u of '%.200s': %s", fault.line, path,
                    fault.what);
}

void
http_table_fini(struct http_table *t)
{
    csv_fini(&t->csv);
    if (t->bytes != NULL)
        munmap(t->bytes, t->len);
    *t = (struct http_table){0};
}
