/* SPDX-License-Identifier: BSD-3-Clause */
/* See claim.h. */
#include "io/claim.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NAMES = 8 };

struct name {
    struct sockaddr_un addr;
    socklen_t len;
};

/* The @n-th name for a claim of @device. */
static struct name
name_of(const char *device, unsigned n)
{
    struct name name = {.addr = {.sun_family = AF_UNIX}};
    char *text = name.addr.sun_path + 1; /* sun_path[0] stays 0: an abstract name, without a file */
    size_t room = sizeof(name.addr.sun_path) - 1;
    int len = n == 0 ? snprintf(text, room, "shakedown/iface/%s", device)
                     : snprintf(text, room, "shakedown/iface/%s#%u", device, n);

    if ((size_t)len >= room)
        len = (int)room - 1;
    name.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    return name;
}

static int
new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Whether somebody whom we believe it has @name. The kernel says who listens there. */
static bool
is_claimed(const struct name *name)
{
    struct ucred holder = {.uid = (uid_t)-1};
    socklen_t len = sizeof(holder);
    int fd = new_socket();
    bool is_known = fd >= 0 && connect(fd, (const struct sockaddr *)&name->addr, name->len) == 0 &&
                    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &holder, &len) == 0;

    if (fd >= 0)
        close(fd);
    return is_known && (holder.uid == 0 || holder.uid == geteuid());
}

static bool
any_is_claimed(const char *device, unsigned but)
{
    for (unsigned n = 0; n < NAMES; n++) {
        struct name name = name_of(device, n);

        if (n != but && is_claimed(&name))
            return true;
    }
    return false;
}

/* @return the number of the name that @fd has now, NAMES: all are others'. */
static unsigned
take_name(int fd, const char *device)
{
    for (unsigned n = 0; n < NAMES; n++) {
        struct name name = name_of(device, n);

        if (bind(fd, (const struct sockaddr *)&name.addr, name.len) == 0)
            return n;
    }
    return NAMES;
}

int
claim_make(const char *device, struct fail *f)
{
    int fd = new_socket();
    unsigned n;

    if (fd < 0)
        return fail_set(f, EXIT_HOST, "cannot claim %s: %s", device, strerror(errno));
    /* First the name, then the look: of two at the same time both may see the other, but not
     * neither. */
    n = take_name(fd, device);
    if (n < NAMES && listen(fd, 64) != 0) {
        fail_set(f, EXIT_HOST, "cannot claim %s: %s", device, strerror(errno));
        goto close_fd;
    }
    if (!any_is_claimed(device, n))
        return fd; /* without a name where strangers have all of them */
    fail_set(f, EXIT_HOST,
             "%s is busy: another shakedown is using it; wait for it to end, or use another device",
             device);
close_fd:
    close(fd);
    return -1;
}
