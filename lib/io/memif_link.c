/* SPDX-License-Identifier: BSD-3-Clause */
/* See memif_link.h. */
#include "io/memif_link.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>

/* A client that was not accepted asks again each so many calls of memif_link_poll(). */
static const unsigned POLLS_PER_TRY = 20;

/* -- the driver's descriptors ------------------------------------------------------------- */

static bool
is_seqpacket(int fd)
{
    int type;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

static bool
is_listener(int fd)
{
    int listens = 0;
    socklen_t len = sizeof(listens);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

/* Whether the driver has @fd for a port like @p: sockets of this kind are nobody else's in this
 * process (EAL's own are of another). A server's, also one that it accepted, have the name of its
 * socket, a client's have none. */
static bool
is_of(const struct memif_port *p, int fd)
{
    struct sockaddr_un addr = {0};
    socklen_t len = sizeof(addr);

    if (!is_seqpacket(fd) || getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
        return false;
    if (!p->memif.is_server)
        return len <= offsetof(struct sockaddr_un, sun_path);
    return len > offsetof(struct sockaddr_un, sun_path) &&
           (p->memif.socket[0] == '\0' ||
            strncmp(addr.sun_path, p->memif.socket, sizeof(addr.sun_path)) == 0);
}

static bool
is_taken(const struct memif_link *l, int fd)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        if (l->ports[i].connection_fd == fd)
            return true;
    return false;
}

/* A listener must not wait in accept() for a client that was rejected meanwhile. */
static void
find_descriptors(const struct memif_link *l, struct memif_port *p)
{
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");

    p->connection_fd = p->listener_fd = -1;
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || !is_of(p, fd))
            continue;
        if (!is_listener(fd)) {
            if (!is_taken(l, fd))
                p->connection_fd = fd;
            continue;
        }
        p->listener_fd = fd;
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    closedir(dir);
}

/* Whether the server has yet to answer. It may be slow, and is not to be asked twice: its driver
 * does not bear (22.11) that one who asked has gone when it answers. */
static bool
is_asking(struct memif_port *p)
{
    if (p->connection_fd >= 0 && !is_of(p, p->connection_fd))
        p->connection_fd = -1;
    return p->connection_fd >= 0;
}

/* Once the two have met nothing is said any more but good-bye. */
static bool
has_hung_up(const struct memif_port *p)
{
    struct pollfd fd = {.fd = p->connection_fd, .events = POLLIN};

    return p->connection_fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* The peer we have is enough. Whoever asks as well is told so at once, by hanging up: the driver is
 * blocked and cannot, and does not bear (22.11) to be asked by one who has left meanwhile. */
static void
reject_others(const struct memif_port *p)
{
    int fd;

    if (p->listener_fd < 0)
        return;
    fd = accept(p->listener_fd, NULL, NULL);
    if (fd >= 0)
        close(fd);
}

/* -- a port ------------------------------------------------------------------------------- */

static bool
has_link(const struct memif_port *p)
{
    struct rte_eth_link link = {0};

    return rte_eth_link_get_nowait(p->port_id, &link) == 0 && link.link_status != 0;
}

/* The first port without one; NULL: each has it. */
static struct memif_port *
find_linkless(struct memif_link *l)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        if (!has_link(&l->ports[i]))
            return &l->ports[i];
    return NULL;
}

/* Knock at the server's door. That there is none is no error worth the driver's lines. Of clients'
 * sockets the one that is new is this port's, so what others had and lost is forgotten before. */
static void
try_to_start(struct memif_link *l, struct memif_port *p)
{
    static const char driver_log[] = "pmd.net.memif";

    if (!intr_block_begin(&l->intr_block))
        return;
    for (unsigned i = 0; i < l->n_ports; i++)
        (void)is_asking(&l->ports[i]);
    rte_log_set_level_pattern(driver_log, RTE_LOG_EMERG);
    if (p->has_started)
        (void)rte_eth_dev_stop(p->port_id);
    p->has_started = rte_eth_dev_start(p->port_id) == 0;
    rte_log_set_level_pattern(driver_log, RTE_LOG_ERR);
    find_descriptors(l, p);
    intr_block_end(&l->intr_block);
}

static void
knock(struct memif_link *l, struct memif_port *p)
{
    if (!p->memif.is_server && p->waits++ % POLLS_PER_TRY == 0 && !is_asking(p))
        try_to_start(l, p);
}

struct memif_link *
memif_link_new(void)
{
    struct memif_link *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return NULL;
    quiesce_init(&l->quiesce);
    intr_block_init(&l->intr_block);
    return l;
}

int
memif_link_add(struct memif_link *l, uint16_t port_id, const struct memif *memif,
               const char *device, struct fail *f)
{
    struct memif_port *p = &l->ports[l->n_ports];
    int ret;

    assert(l->n_ports < MEMIF_PORTS_MAX);

    *p = (struct memif_port){.memif = *memif,
                             .device = device,
                             .port_id = port_id,
                             .connection_fd = -1,
                             .listener_fd = -1};
    if (memif->is_server && (ret = rte_eth_dev_start(port_id)) < 0)
        return fail_set(f, EXIT_HOST, "device %s: it does not start: %s", device,
                        rte_strerror(-ret));
    p->has_started = memif->is_server;
    l->n_ports++;
    return 0;
}

/* -- their comings and goings ------------------------------------------------------------- */

/* A link may have gone down again before the interrupt thread was blocked. */
static void
open_link(struct memif_link *l)
{
    if (!intr_block_begin(&l->intr_block))
        return;
    if (find_linkless(l) != NULL) {
        intr_block_end(&l->intr_block);
        return;
    }
    for (unsigned i = 0; i < l->n_ports; i++)
        find_descriptors(l, &l->ports[i]);
    l->state = MEMIF_LINK_UP;
    quiesce_end(&l->quiesce);
}

static void
poll_down(struct memif_link *l)
{
    if (find_linkless(l) == NULL) {
        open_link(l);
        return;
    }
    for (unsigned i = 0; i < l->n_ports; i++)
        if (!has_link(&l->ports[i]))
            knock(l, &l->ports[i]);
}

/* @return whether a peer has gone */
static bool
poll_up(struct memif_link *l)
{
    bool has_gone = false;

    for (unsigned i = 0; i < l->n_ports; i++) {
        reject_others(&l->ports[i]);
        has_gone |= has_hung_up(&l->ports[i]);
    }
    if (!has_gone)
        return false;
    quiesce_begin(&l->quiesce);
    l->state = MEMIF_LINK_CLOSING;
    return true;
}

bool
memif_link_poll(struct memif_link *l)
{
    switch (l->state) {
    case MEMIF_LINK_DOWN:
        poll_down(l);
        return false;
    case MEMIF_LINK_UP:
        return poll_up(l);
    case MEMIF_LINK_CLOSING:
        if (!quiesce_is_reached(&l->quiesce))
            return false;
        intr_block_end(&l->intr_block);
        l->state = MEMIF_LINK_DOWN;
        return false;
    }
    return false;
}

bool
memif_link_is_up(const struct memif_link *l)
{
    return l->state == MEMIF_LINK_UP;
}

int
memif_link_explain(struct memif_link *l, struct fail *f)
{
    const struct memif_port *p = find_linkless(l);
    const char *at;

    if (p == NULL)
        return fail_set(f, EXIT_HOST, "device %s: the other process has not answered yet",
                        l->ports[0].device);
    at = p->memif.socket[0] != '\0' ? p->memif.socket : "its socket";
    if (p->memif.is_server)
        return fail_set(f, EXIT_HOST, "device %s: no other process has come to %s yet", p->device,
                        at);
    if (!p->has_started && l->n_ports > 1)
        return fail_set(f, EXIT_HOST,
                        "device %s: no process serves %s yet; start what is tested there",
                        p->device, at);
    if (!p->has_started)
        return fail_set(f, EXIT_HOST,
                        "device %s: no process serves %s yet; start it there, for instance "
                        "shakedown serve --device memif:%s --local 198.19.0.1/15",
                        p->device, at, p->memif.socket[0] != '\0' ? p->memif.socket : "PATH");
    return fail_set(f, EXIT_HOST,
                    "device %s: the process that serves %s turns us away: it has another peer, or "
                    "hangs",
                    p->device, at);
}

void
memif_link_close(struct memif_link *l)
{
    quiesce_begin(&l->quiesce);
    if (l->state == MEMIF_LINK_DOWN)
        l->state = intr_block_begin(&l->intr_block) ? MEMIF_LINK_CLOSING : MEMIF_LINK_DOWN;
}

/* The driver frees what its listener's handler uses, and leaves both to the interrupt thread
 * (22.11): so that the handler never runs again, something that never happens takes the listener's
 * place. */
static void
silence_listener(const struct memif_link *l, struct memif_port *p)
{
    int never;

    find_descriptors(l, p);
    if (p->listener_fd < 0 || (never = eventfd(0, EFD_CLOEXEC)) < 0)
        return;
    (void)dup2(never, p->listener_fd);
    close(never);
}

void
memif_link_free(struct memif_link *l)
{
    for (unsigned i = 0; i < l->n_ports; i++)
        silence_listener(l, &l->ports[i]);
    if (l->state != MEMIF_LINK_DOWN)
        intr_block_end(&l->intr_block);
    free(l);
}
