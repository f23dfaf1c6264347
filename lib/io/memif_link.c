/* SPDX-License-Identifier: BSD-3-Clause */
/* See memif_link.h. */
#include "io/memif_link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
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

/* Sockets of this kind are nobody else's in this process (EAL's own are of another). A listener
 * must not wait in accept() for a client that was rejected meanwhile. */
static void
find_descriptors(struct memif_link *p)
{
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");

    p->connection_fd = p->listener_fd = -1;
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || !is_seqpacket(fd))
            continue;
        if (!is_listener(fd)) {
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
is_asking(struct memif_link *p)
{
    find_descriptors(p);
    return p->connection_fd >= 0;
}

/* Once the two have met nothing is said any more but good-bye. */
static bool
has_hung_up(const struct memif_link *p)
{
    struct pollfd fd = {.fd = p->connection_fd, .events = POLLIN};

    return p->connection_fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* The peer we have is enough. Whoever asks as well is told so at once, by hanging up: the driver is
 * blocked and cannot, and does not bear (22.11) to be asked by one who has left meanwhile. */
static void
reject_others(const struct memif_link *p)
{
    int fd;

    if (p->listener_fd < 0)
        return;
    fd = accept(p->listener_fd, NULL, NULL);
    if (fd >= 0)
        close(fd);
}

/* -- the port ----------------------------------------------------------------------------- */

static bool
has_link(const struct memif_link *p)
{
    struct rte_eth_link link = {0};

    return rte_eth_link_get_nowait(p->port_id, &link) == 0 && link.link_status != 0;
}

/* Knock at the server's door. That there is none is no error worth the driver's lines. */
static void
try_to_start(struct memif_link *p)
{
    static const char driver_log[] = "pmd.net.memif";

    if (!intr_block_begin(&p->intr_block))
        return;
    rte_log_set_level_pattern(driver_log, RTE_LOG_EMERG);
    if (p->has_started)
        (void)rte_eth_dev_stop(p->port_id);
    p->has_started = rte_eth_dev_start(p->port_id) == 0;
    rte_log_set_level_pattern(driver_log, RTE_LOG_ERR);
    intr_block_end(&p->intr_block);
}

struct memif_link *
memif_link_open(uint16_t port_id, const struct memif *memif, const char *device, struct fail *f)
{
    struct memif_link *p = calloc(1, sizeof(*p));
    int ret;

    if (p == NULL) {
        fail_set(f, EXIT_HOST, "not enough memory for device %s", device);
        return NULL;
    }
    p->memif = *memif;
    p->port_id = port_id;
    p->connection_fd = p->listener_fd = -1;
    quiesce_init(&p->quiesce);
    intr_block_init(&p->intr_block);
    if (!memif->is_server)
        return p;
    if ((ret = rte_eth_dev_start(port_id)) < 0) {
        fail_set(f, EXIT_HOST, "device %s: it does not start: %s", device, rte_strerror(-ret));
        free(p);
        return NULL;
    }
    p->has_started = true;
    return p;
}

/* -- its comings and goings --------------------------------------------------------------- */

/* The link may have gone down again before the interrupt thread was blocked. */
static void
open_link(struct memif_link *p)
{
    if (!intr_block_begin(&p->intr_block))
        return;
    if (!has_link(p)) {
        intr_block_end(&p->intr_block);
        return;
    }
    find_descriptors(p);
    p->state = MEMIF_LINK_UP;
    quiesce_end(&p->quiesce);
}

bool
memif_link_poll(struct memif_link *p)
{
    switch (p->state) {
    case MEMIF_LINK_DOWN:
        if (has_link(p))
            open_link(p);
        else if (!p->memif.is_server && p->waits++ % POLLS_PER_TRY == 0 && !is_asking(p))
            try_to_start(p);
        return false;
    case MEMIF_LINK_UP:
        reject_others(p);
        if (!has_hung_up(p))
            return false;
        quiesce_begin(&p->quiesce);
        p->state = MEMIF_LINK_CLOSING;
        return true;
    case MEMIF_LINK_CLOSING:
        if (!quiesce_is_reached(&p->quiesce))
            return false;
        intr_block_end(&p->intr_block);
        p->state = MEMIF_LINK_DOWN;
        return false;
    }
    return false;
}

bool
memif_link_is_up(const struct memif_link *p)
{
    return p->state == MEMIF_LINK_UP;
}

int
memif_link_explain(const struct memif_link *p, const char *device, struct fail *f)
{
    const char *at = p->memif.socket[0] != '\0' ? p->memif.socket : "its socket";

    if (p->memif.is_server)
        return fail_set(f, EXIT_HOST, "device %s: no other process has come to %s yet", device, at);
    if (!p->has_started)
        return fail_set(f, EXIT_HOST,
                        "device %s: no process serves %s yet; start it there, for instance "
                        "shakedown serve --device memif:%s --local 198.19.0.1/15",
                        device, at, p->memif.socket[0] != '\0' ? p->memif.socket : "PATH");
    return fail_set(f, EXIT_HOST,
                    "device %s: the process that serves %s turns us away: it has another peer, or "
                    "hangs",
                    device, at);
}

void
memif_link_close(struct memif_link *p)
{
    quiesce_begin(&p->quiesce);
    if (p->state == MEMIF_LINK_DOWN)
        p->state = intr_block_begin(&p->intr_block) ? MEMIF_LINK_CLOSING : MEMIF_LINK_DOWN;
}

/* The driver frees what its listener's handler uses, and leaves both to the interrupt thread
 * (22.11): so that the handler never runs again, something that never happens takes the listener's
 * place. */
static void
silence_listener(struct memif_link *p)
{
    int never;

    find_descriptors(p);
    if (p->listener_fd < 0 || (never = eventfd(0, EFD_CLOEXEC)) < 0)
        return;
    (void)dup2(never, p->listener_fd);
    close(never);
}

void
memif_link_free(struct memif_link *p)
{
    silence_listener(p);
    if (p->state != MEMIF_LINK_DOWN)
        intr_block_end(&p->intr_block);
    free(p);
}
