/* SPDX-License-Identifier: BSD-3-Clause */
/* See server.h. */
#include "metrics/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/units.h"
#include "metrics/accept.h"

static_assert((int)EXPOSITION_FORMS == (int)ARRAY_LEN(((struct metrics_server *)0)->pages),
              "a page for each");

static const char PATH[] = "/metrics";

/* Of a connection: a request's head fits, and nothing else is read. */
static const size_t CLIENT_BYTES = 8192;

/* From so many connections on the one that has moved least lately makes way for each that comes. */
static const unsigned CLIENTS_MANY = SERVER_CLIENTS_MAX * 3 / 4;

/* -- listening ---------------------------------------------------------------------------- */

void
metrics_server_init(struct metrics_server *s)
{
    *s = (struct metrics_server){.fd = -1};
    for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
        s->clients[i].fd = -1;
}

/* @return the length of what is in @to */
static socklen_t
socket_address(const struct conf_listen *at, struct sockaddr_storage *to)
{
    char text[IP_TEXT_MAX];

    memset(to, 0, sizeof(*to));
    ip_format(&at->addr, text);
    if (at->addr.is_v6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(at->port);
        inet_pton(AF_INET6, text, &v6->sin6_addr);
        return sizeof(*v6);
    }
    ((struct sockaddr_in *)to)->sin_family = AF_INET;
    ((struct sockaddr_in *)to)->sin_port = htons(at->port);
    inet_pton(AF_INET, text, &((struct sockaddr_in *)to)->sin_addr);
    return sizeof(struct sockaddr_in);
}

/* An address of IPv6 is one of IPv6 only, also ::. @return 0, or -1 with errno. */
static int
bind_and_listen(int fd, const struct conf_listen *at)
{
    struct sockaddr_storage a;
    socklen_t length = socket_address(at, &a);
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return -1;
    if (at->addr.is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
        return -1;
    return bind(fd, (struct sockaddr *)&a, length) == 0 ? listen(fd, SERVER_CLIENTS_MAX) : -1;
}

int
metrics_server_listen(struct metrics_server *s, const struct conf_listen *at, struct fail *f)
{
    int family = at->addr.is_v6 ? AF_INET6 : AF_INET, why;
    char text[IP_TEXT_MAX];

    s->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd >= 0 && bind_and_listen(s->fd, at) == 0)
        return 0;
    why = errno;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    return fail_set(f, EXIT_HOST, "--metrics: nobody can listen at port %u of %s: %s", at->port,
                    ip_format(&at->addr, text), strerror(why));
}

const char *
metrics_server_place(const struct metrics_server *s, char buf[static SERVER_PLACE_MAX])
{
    struct sockaddr_storage a = {0};
    socklen_t length = sizeof(a);
    char text[INET6_ADDRSTRLEN];
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a;

    (void)getsockname(s->fd, (struct sockaddr *)&a, &length);
    if (a.ss_family == AF_INET6)
        snprintf(buf, SERVER_PLACE_MAX, "[%s]:%u",
                 inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text)), ntohs(v6->sin6_port));
    else
        snprintf(buf, SERVER_PLACE_MAX, "%s:%u",
                 inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text)), ntohs(v4->sin_port));
    return buf;
}

/* -- pages -------------------------------------------------------------------------------- */

/* A response of text in memory that lasts, or is copied. @return NULL: there is no memory */
static struct MHD_Response *
make_response(const char *text, size_t bytes, enum MHD_ResponseMemoryMode mode, const char *type)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(bytes, (void *)(uintptr_t)text, mode);

    if (r != NULL)
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    return r;
}

static struct MHD_Response *
make_note(const char *text)
{
    return make_response(text, strlen(text), MHD_RESPMEM_PERSISTENT, "text/plain; charset=utf-8");
}

static struct MHD_Response *
render(const struct metrics_snapshot *shown, enum exposition_form form)
{
    struct MHD_Response *r = NULL;
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    bool is_whole;

    if (out == NULL)
        return NULL;
    is_whole = exposition_write(out, shown, form);
    if (fclose(out) == 0 && is_whole)
        r = make_response(text, bytes, MHD_RESPMEM_MUST_FREE, exposition_types[form]);
    if (r == NULL)
        free(text);
    else
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Accept");
    return r;
}

/* Those who are still reading a page keep it. */
static void
forget_pages(struct metrics_server *s)
{
    for (unsigned i = 0; i < EXPOSITION_FORMS; i++) {
        if (s->pages[i] != NULL)
            MHD_destroy_response(s->pages[i]);
        s->pages[i] = NULL;
    }
    metrics_snapshot_release(s->shown);
    s->shown = NULL;
}

/* The page of the newest snapshot: rendered once for all who ask until the next. NULL: there is no
 * memory, or no snapshot yet. */
static struct MHD_Response *
page(struct metrics_server *s, enum exposition_form form)
{
    struct metrics_snapshot *newest = metrics_board_take(s->board);

    if (newest != s->shown) {
        forget_pages(s);
        s->shown = newest;
    } else {
        metrics_snapshot_release(newest);
    }
    if (s->pages[form] == NULL && s->shown != NULL)
        s->pages[form] = render(s->shown, form);
    return s->pages[form];
}

/* -- requests ----------------------------------------------------------------------------- */

/* The head of a request has come when this is called for the first time; what it asks for and
 * cannot have ends the connection, which an answer to a whole request does not. */
static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *path, const char *method,
       const char *version, const char *body, size_t *body_bytes, void **state)
{
    struct metrics_server *s = arg;
    struct MHD_Response *r;
    bool has_seen_head = *state != NULL;
    const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

    (void)version;
    (void)body;
    *state = s;
    if (strcmp(path, PATH) != 0)
        return MHD_queue_response(c, MHD_HTTP_NOT_FOUND, s->wrong_path);
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return MHD_queue_response(c, MHD_HTTP_METHOD_NOT_ALLOWED, s->wrong_method);
    if (!has_seen_head || *body_bytes > 0) {
        *body_bytes = 0; /* of no use */
        return MHD_YES;
    }
    r = page(s, accept_form(accept));
    if (r == NULL)
        return MHD_queue_response(c, MHD_HTTP_SERVICE_UNAVAILABLE, s->no_memory);
    return MHD_queue_response(c, MHD_HTTP_OK, r);
}

static struct server_client *
least_moved(struct metrics_server *s)
{
    struct server_client *least = NULL;

    for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
        if (s->clients[i].fd >= 0 && (least == NULL || s->clients[i].moved < least->moved))
            least = &s->clients[i];
    return least;
}

static unsigned
count_clients(const struct metrics_server *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SERVER_CLIENTS_MAX; i++)
        n += s->clients[i].fd >= 0;
    return n;
}

/* The daemon sees that it is over, and closes it. */
static void
make_way(struct metrics_server *s)
{
    struct server_client *c = least_moved(s);

    if (count_clients(s) >= CLIENTS_MANY) {
        (void)shutdown(c->fd, SHUT_RDWR);
        c->moved = UINT64_MAX;
    }
}

static void
note_client(struct metrics_server *s, struct MHD_Connection *c, void **place)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

    make_way(s);
    for (unsigned i = 0; i < SERVER_CLIENTS_MAX && info != NULL; i++) {
        if (s->clients[i].fd >= 0)
            continue;
        s->clients[i] = (struct server_client){info->connect_fd, ++s->n_moves};
        *place = &s->clients[i];
        return;
    }
}

static void
notify_connection(void *arg, struct MHD_Connection *c, void **place,
                  enum MHD_ConnectionNotificationCode code)
{
    struct server_client *client = *place;

    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        note_client(arg, c, place);
    else if (client != NULL)
        client->fd = -1;
}

static void
notify_answered(void *arg, struct MHD_Connection *c, void **state,
                enum MHD_RequestTerminationCode code)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct server_client *client = info == NULL ? NULL : info->socket_context;
    struct metrics_server *s = arg;

    (void)state;
    if (client != NULL && code == MHD_REQUEST_TERMINATED_COMPLETED_OK &&
        client->moved != UINT64_MAX)
        client->moved = ++s->n_moves;
}

/* -- life --------------------------------------------------------------------------------- */

static int
make_notes(struct metrics_server *s)
{
    s->wrong_path = make_note("there is /metrics, and nothing else\n");
    s->wrong_method = make_note("figures are read, by GET or HEAD\n");
    s->no_memory = make_note("no figures just now\n");
    if (s->wrong_path == NULL || s->wrong_method == NULL || s->no_memory == NULL)
        return -1;
    return MHD_add_response_header(s->wrong_method, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES
               ? 0
               : -1;
}

int
metrics_server_begin(struct metrics_server *s, struct metrics_board *board, struct fail *f)
{
    s->board = board;
    if (make_notes(s) == 0)
        s->daemon = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, s,
            MHD_OPTION_LISTEN_SOCKET, s->fd, MHD_OPTION_CONNECTION_LIMIT, SERVER_CLIENTS_MAX,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CLIENT_BYTES, MHD_OPTION_NOTIFY_CONNECTION,
            notify_connection, s, MHD_OPTION_NOTIFY_COMPLETED, notify_answered, s, MHD_OPTION_END);
    if (s->daemon == NULL)
        return fail_set(f, EXIT_HOST, "--metrics: the HTTP server does not start: %s",
                        strerror(errno));
    s->fd = -1; /* the daemon closes it */
    return 0;
}

void
metrics_server_fini(struct metrics_server *s)
{
    struct MHD_Response *notes[] = {s->wrong_path, s->wrong_method, s->no_memory};

    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    if (s->fd >= 0)
        close(s->fd);
    forget_pages(s);
    for (unsigned i = 0; i < ARRAY_LEN(notes); i++)
        if (notes[i] != NULL)
            MHD_destroy_response(notes[i]);
    metrics_server_init(s);
}
