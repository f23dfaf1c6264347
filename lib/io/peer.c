/* SPDX-License-Identifier: BSD-3-Clause */
/* See peer.h. */
#include "io/peer.h"

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

/* A client that nobody let in asks anew each so many calls of peer_watch(). */
static const unsigned WATCHES_PER_TRY = 20;

/* -- the driver's descriptors ------------------------------------------------------------- */

static bool
has_packets(int fd)
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
 * must not wait in accept() for somebody who was turned away meanwhile. */
static void
find_descriptors(struct peer *p)
{
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");

    p->connection_fd = p->listener_fd = -1;
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || !has_packets(fd))
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
is_asking(struct peer *p)
{
    find_descriptors(p);
    return p->connection_fd >= 0;
}

/* Once the two have met nothing is said any more but good-bye. */
static bool
has_hung_up(const struct peer *p)
{
    struct pollfd fd = {.fd = p->connection_fd, .events = POLLIN};

    return p->connection_fd >= 0 && poll(&fd, 1, 0) > 0;
}

/* The peer we have is enough. Whoever asks as well is told so at once, by hanging up: the driver is
 * held and cannot, and does not bear (22.11) to be asked by one who has left meanwhile. */
static void
turn_others_away(const struct peer *p)
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
has_link(const struct peer *p)
{
    struct rte_eth_link link = {0};

    return rte_eth_link_get_nowait(p->port_id, &link) == 0 && link.link_status != 0;
}

/* Knock at the server's door. That there is none is no error worth the driver's lines. */
static void
try_to_start(struct peer *p)
{
    static const char driver_log[] = "pmd.net.memif";

    if (!hold_begin(&p->hold))
        return;
    rte_log_set_level_pattern(driver_log, RTE_LOG_EMERG);
    if (p->has_started)
        (void)rte_eth_dev_stop(p->port_id);
    p->has_started = rte_eth_dev_start(p->port_id) == 0;
    rte_log_set_level_pattern(driver_log, RTE_LOG_ERR);
    hold_end(&p->hold);
}

struct peer *
peer_open(uint16_t port_id, const struct memif *memif, const char *device, struct fail *f)
{
    struct peer *p = calloc(1, sizeof(*p));
    int ret;

    if (p == NULL) {
        fail_set(f, EXIT_HOST, "not enough memory for device %s", device);
        return NULL;
    }
    p->memif = *memif;
    p->port_id = port_id;
    p->connection_fd = p->listener_fd = -1;
    gate_init(&p->gate);
    hold_init(&p->hold);
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

/* The link may have gone down again before the interrupt thread was held. */
static void
welcome(struct peer *p)
{
    if (!hold_begin(&p->hold))
        return;
    if (!has_link(p)) {
        hold_end(&p->hold);
        return;
    }
    find_descriptors(p);
    p->state = PEER_HERE;
    gate_open(&p->gate);
}

bool
peer_watch(struct peer *p)
{
    switch (p->state) {
    case PEER_AWAY:
        if (has_link(p))
            welcome(p);
        else if (!p->memif.is_server && p->waits++ % WATCHES_PER_TRY == 0 && !is_asking(p))
            try_to_start(p);
        return false;
    case PEER_HERE:
        turn_others_away(p);
        if (!has_hung_up(p))
            return false;
        gate_close(&p->gate);
        p->state = PEER_LEAVING;
        return true;
    case PEER_LEAVING:
        if (!gate_is_empty(&p->gate))
            return false;
        hold_end(&p->hold);
        p->state = PEER_AWAY;
        return false;
    }
    return false;
}

bool
peer_is_here(const struct peer *p)
{
    return p->state == PEER_HERE;
}

int
peer_explain(const struct peer *p, const char *device, struct fail *f)
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
peer_close(struct peer *p)
{
    gate_close(&p->gate);
    if (p->state == PEER_AWAY)
        p->state = hold_begin(&p->hold) ? PEER_LEAVING : PEER_AWAY;
}

/* The driver frees what its listener's handler uses, and leaves both to the interrupt thread
 * (22.11): so that the handler never runs again, something that never happens takes the listener's
 * place. */
static void
silence_listener(struct peer *p)
{
    int never;

    find_descriptors(p);
    if (p->listener_fd < 0 || (never = eventfd(0, EFD_CLOEXEC)) < 0)
        return;
    (void)dup2(never, p->listener_fd);
    close(never);
}

void
peer_free(struct peer *p)
{
    silence_listener(p);
    if (p->state != PEER_AWAY)
        hold_end(&p->hold);
    free(p);
}
