/* SPDX-License-Identifier: BSD-3-Clause */
/* See http_setup.h. */
#include "app/http_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/http_request.h"

/* An address in brackets, a colon and a port, or a name in their place. */
#define AUTHORITY_MAX (CONF_HOST_MAX + 8)

struct body {
    uint8_t *bytes; /* NULL: none */
    size_t len;
};

/* What a Host field says (RFC 9110 7.2). */
static void
write_authority(const struct conf_target *t, char text[static AUTHORITY_MAX])
{
    uint16_t own = t->is_tls ? t->proto->secure_port : t->proto->port;
    char host[CONF_HOST_MAX], addr[IP_TEXT_MAX];

    if (t->host[0] != '\0')
        snprintf(host, sizeof(host), "%s", t->host);
    else
        snprintf(host, sizeof(host), t->addr.is_v6 ? "[%s]" : "%s", ip_format(&t->addr, addr));
    if (t->port == own)
        snprintf(text, AUTHORITY_MAX, "%s", host);
    else
        snprintf(text, AUTHORITY_MAX, "%s:%u", host, t->port);
}

static int
refuse_file(struct fail *f, const char *path, const char *why)
{
    return fail_set(f, EXIT_USAGE, "--body: the file '%.200s' cannot be read: %s", path, why);
}

static int
read_all(int fd, struct body *b, const char *path, struct fail *f)
{
    for (size_t done = 0; done < b->len;) {
        ssize_t n = read(fd, b->bytes + done, b->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return refuse_file(f, path, n < 0 ? strerror(errno) : "it grew shorter meanwhile");
        done += (size_t)n;
    }
    return 0;
}

static int
read_open_file(int fd, struct body *b, const char *path, struct fail *f)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return refuse_file(f, path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse_file(f, path, "it is not a regular file");
    if ((uint64_t)st.st_size > HTTP_BODY_MAX)
        return refuse_file(f, path, "it is longer than the 256 MiB that a body may have");
    b->len = (size_t)st.st_size;
    b->bytes = malloc(b->len + 1); /* one of nothing is a body, too */
    if (b->bytes == NULL)
        return refuse_file(f, path, strerror(ENOMEM));
    return read_all(fd, b, path, f);
}

/* @text is the body, or "@FILE". */
static int
read_body(const char *text, struct body *b, struct fail *f)
{
    int fd, err;

    *b = (struct body){0};
    if (text[0] == '\0')
        return 0;
    if (text[0] != '@') {
        b->len = strlen(text);
        b->bytes = (uint8_t *)strdup(text);
        return b->bytes != NULL ? 0 : fail_set(f, EXIT_HOST, "--body: %s", strerror(ENOMEM));
    }
    fd = open(text + 1, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse_file(f, text + 1, strerror(errno));
    err = read_open_file(fd, b, text + 1, f);
    close(fd);
    if (err < 0)
        free(b->bytes);
    return err;
}

/* The requests to all targets of the class, one after the other in memory. */
static int
make_requests(struct http_setup *s, const struct conf *conf, unsigned class_idx,
              const struct body *b, struct fail *f)
{
    const struct conf_http *h = &conf->classes[class_idx].http;
    size_t used = 0, needed;
    unsigned n = 0;

    s->requests = calloc(conf->n_targets, sizeof(*s->requests));
    for (int pass = 0; s->requests != NULL && pass < 2; pass++) {
        for (unsigned i = 0; i < conf->n_targets; i++) {
            const struct conf_target *t = &conf->targets[i];
            char authority[AUTHORITY_MAX];
            struct http_request_opts o = {.method = h->method,
                                          .host = authority,
                                          .path = t->path,
                                          .fields = h->fields,
                                          .body = b->bytes,
                                          .body_len = b->len};

            if (t->class_idx != class_idx)
                continue;
            write_authority(t, authority);
            if (pass == 1)
                http_request_make(&o, s->bytes + used, &s->requests[n++]);
            used += http_request_bytes(&o);
        }
        needed = used;
        used = 0;
        if (pass == 0 && (s->bytes = malloc(needed)) == NULL)
            break;
    }
    return s->bytes != NULL ? 0 : fail_set(f, EXIT_HOST, "no memory for the requests");
}

int
http_setup_init(struct http_setup *s, const struct conf *conf, unsigned class_idx, struct fail *f)
{
    const struct conf_class *k = &conf->classes[class_idx];
    struct body b;
    int err = 0;

    *s = (struct http_setup){.opts = k->http.opts};
    if (!conf_has_role(conf, ROLE_CLIENT))
        return 0;
    if (read_body(k->http.body, &b, f) < 0)
        return -1;
    err = make_requests(s, conf, class_idx, &b, f);
    free(b.bytes);
    s->opts.requests = s->requests;
    if (err < 0)
        http_setup_fini(s);
    return err;
}

void
http_setup_fini(struct http_setup *s)
{
    free(s->requests);
    free(s->bytes);
    *s = (struct http_setup){0};
}
