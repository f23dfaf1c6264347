/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "io/claim.h"

static int
claims(const char *name)
{
    struct fail f;
    int fd = claim_make(name, &f);

    cr_assert(ge(int, fd, 0), "%s", f.text);
    return fd;
}

static void
expect_busy(const char *name)
{
    struct fail f;

    cr_assert(eq(int, claim_make(name, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "veth0 is busy");
}

Test(claim, it_keeps_others_out_until_it_is_closed)
{
    int first, second;

    rig_new_network();
    first = claims("veth0");
    expect_busy("veth0");
    second = claims("veth1");
    close(first);
    first = claims("veth0");
    close(first);
    close(second);
}

/* Take the first @n names of veth0 as another user, and listen there or not. @return a process that
 * holds them until it is killed. */
static pid_t
squat(unsigned n, bool listens)
{
    int ready[2];
    pid_t pid;
    char done;

    cr_assert(zero(int, pipe(ready)));
    pid = fork();
    if (pid == 0) {
        bool is_other = setuid(65534) == 0;

        for (unsigned i = 0; i < n; i++) {
            struct sockaddr_un addr = {.sun_family = AF_UNIX};
            int fd = socket(AF_UNIX, SOCK_STREAM, 0), len;

            len = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1,
                           i == 0 ? "shakedown/iface/veth0" : "shakedown/iface/veth0#%u", i);
            is_other =
                is_other &&
                bind(fd, (struct sockaddr *)&addr,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0 &&
                (!listens || listen(fd, 1) == 0);
        }
        if (is_other && write(ready[1], "y", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    cr_assert(eq(int, (int)read(ready[0], &done, 1), 1));
    close(ready[0]);
    return pid;
}

static void
ends(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

Test(claim, a_name_that_another_user_has_taken_keeps_nobody_out)
{
    rig_new_network();
    if (geteuid() != 0)
        cr_skip_test("cannot become another user");
    for (unsigned listens = 0; listens < 2; listens++) {
        pid_t pid = squat(1, listens != 0);
        int first = claims("veth0"), second;

        expect_busy("veth0");
        ends(pid);
        expect_busy("veth0"); /* the first name is free again; the claim is under the second */
        close(first);
        second = claims("veth0");
        close(second);
    }
}

Test(claim, with_all_names_taken_it_goes_on_without_one)
{
    pid_t pid;

    rig_new_network();
    if (geteuid() != 0)
        cr_skip_test("cannot become another user");
    pid = squat(8, true);
    close(claims("veth0"));
    ends(pid);
}
