/* SPDX-License-Identifier: BSD-3-Clause */
/* See ctl_socket.h. */
#include "app/ctl_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"

/* Who neither writes nor reads for so long is let go of. */
static const uint64_t IDLE_NS = 5 * NS_PER_SEC;

void
ctl_socket_init(struct ctl_socket *s)
{
    s->fd = -1;
    atomic_init(&s->is_made, false);
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        s->clients[i] = (struct ctl_client){.fd = -1};
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    memcpy(a.sun_path, path, strlen(path) + 1);
    return a;
}

/* Whether somebody takes connections at @path, which is a socket. */
static bool
is_alive(const char *path)
{
    struct sockaddr_un a = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is = fd >= 0 && (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 || errno == EAGAIN);

    if (fd >= 0)
        close(fd);
    return is;
}

int
ctl_socket_check(const char *path, struct fail *f)
{
    struct stat st;

    if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return fail_set(f, EXIT_USAGE,
                        "--control: the path of a socket has %zu bytes at most, and this has %zu: "
                        "%.60s...",
                        sizeof(((struct sockaddr_un *)0)->sun_path) - 1, strlen(path), path);
    if (path[0] == '\0' || lstat(path, &st) != 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return fail_set(f, EXIT_USAGE,
                        "--control: %s is there already and is no socket; it is left alone, choose "
                        "another path",
                        path);
    if (is_alive(path))
        return fail_set(f, EXIT_USAGE, "--control: another run listens at %s; choose another path",
                        path);
    return 0;
}

/* The mode that the file gets is the socket's own. */
static int
make(struct ctl_socket *s, const char *path)
{
    struct sockaddr_un a = address_of(path);
    struct stat st;

    if (lstat(path, &st) == 0) /* checked: nobody listens there */
        (void)unlink(path);
    if (fchmod(s->fd, S_IRUSR | S_IWUSR) != 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)) != 0)
        return -1;
    if (lstat(path, &st) != 0 || listen(s->fd, CTL_CLIENTS_MAX) != 0)
        return -1;
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    return 0;
}

int
ctl_socket_open(struct ctl_socket *s, const char *path, struct fail *f)
{
    if (ctl_socket_check(path, f) < 0)
        return -1;
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0 || make(s, path) < 0) {
        int why = errno;

        if (s->fd >= 0)
            close(s->fd);
        s->fd = -1;
        return fail_set(f, EXIT_USAGE, "--control: no socket can be made at %s: %s", path,
                        strerror(why));
    }
    memcpy(s->path, path, strlen(path) + 1);
    atomic_store_explicit(&s->is_made, true, memory_order_release);
    return 0;
}

static void
let_go(struct ctl_client *c)
{
    close(c->fd);
    free(c->answer);
    *c = (struct ctl_client){.fd = -1};
}

void
ctl_socket_abandon(const struct ctl_socket *s)
{
    struct stat st;

    if (atomic_load_explicit(&s->is_made, memory_order_acquire) && lstat(s->path, &st) == 0 &&
        st.st_dev == s->dev && st.st_ino == s->ino)
        (void)unlink(s->path);
}

void
ctl_socket_close(struct ctl_socket *s)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        if (s->clients[i].fd >= 0)
            let_go(&s->clients[i]);
    if (s->fd < 0)
        return;
    ctl_socket_abandon(s);
    close(s->fd);
    s->fd = -1;
    atomic_store_explicit(&s->is_made, false, memory_order_release);
}

/* Who finds no place waits in the kernel's queue. */
static void
take_in(struct ctl_socket *s, uint64_t now_ns)
{
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        if (s->clients[i].fd >= 0)
            continue;
        s->clients[i] = (struct ctl_client){
            .fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), .moved_ns = now_ns};
        if (s->clients[i].fd < 0)
            return;
    }
}

/* @return false: it has left */
static bool
read_line(struct ctl_client *c, uint64_t now_ns)
{
    ssize_t n = recv(c->fd, c->line + c->n_line, sizeof(c->line) - c->n_line, 0);
    char *end;

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (n < 0)
        return true;
    c->moved_ns = now_ns;
    c->n_line += (size_t)n;
    end = memchr(c->line, '\n', c->n_line);
    if (end == NULL)
        return c->n_line < sizeof(c->line);
    *end = '\0';
    c->has_line = strlen(c->line) == (size_t)(end - c->line);
    return c->has_line;
}

/* @return false: all of it is written, or it has left */
static bool
write_answer(struct ctl_client *c, uint64_t now_ns)
{
    ssize_t n = send(c->fd, c->answer + c->sent_bytes, c->answer_bytes - c->sent_bytes,
                     MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    c->moved_ns = now_ns;
    c->sent_bytes += (size_t)n;
    return c->sent_bytes < c->answer_bytes;
}

void
ctl_socket_look(struct ctl_socket *s, uint64_t now_ns)
{
    if (s->fd < 0)
        return;
    take_in(s, now_ns);
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++) {
        struct ctl_client *c = &s->clients[i];
        bool stays = true;

        if (c->fd < 0)
            continue;
        if (!c->has_line)
            stays = read_line(c, now_ns);
        else if (c->answer != NULL)
            stays = write_answer(c, now_ns);
        if (!stays || now_ns - c->moved_ns >= IDLE_NS)
            let_go(c);
    }
}

struct ctl_client *
ctl_socket_waiting(struct ctl_socket *s, unsigned *cursor)
{
    while (*cursor < CTL_CLIENTS_MAX) {
        struct ctl_client *c = &s->clients[(*cursor)++];

        if (c->fd >= 0 && c->has_line && c->answer == NULL)
            return c;
    }
    return NULL;
}

/* Without memory the client sees the connection end without a word. */
static void
answer(struct ctl_client *c, const char *head, const char *body, size_t bytes)
{
    size_t head_bytes = strlen(head);

    c->answer = malloc(head_bytes + bytes + 1);
    if (c->answer == NULL) {
        let_go(c);
        return;
    }
    memcpy(c->answer, head, head_bytes);
    if (bytes > 0)
        memcpy(c->answer + head_bytes, body, bytes);
    c->answer_bytes = head_bytes + bytes;
}

void
ctl_client_answer(struct ctl_client *c, char *body, size_t bytes)
{
    char head[32];

    snprintf(head, sizeof(head), "ok %zu\n", bytes);
    answer(c, head, body, bytes);
    free(body);
}

void
ctl_client_refuse(struct ctl_client *c, const struct fail *why)
{
    char head[sizeof(why->text) + 16];

    snprintf(head, sizeof(head), "%d %s\n", (int)why->status, why->text);
    answer(c, head, NULL, 0);
}
