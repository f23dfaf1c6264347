/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/memif.h"

static struct fail f;

static void
expands(const char *text, bool serves, const char *wanted)
{
    char args[256] = "untouched";

    cr_assert(memif_expand(args, sizeof(args), text, serves), "%s", text);
    cr_assert(eq(str, args, (char *)(uintptr_t)wanted));
}

Test(memif, the_short_form_leaves_role_and_rings_to_us)
{
    expands("memif:/run/x.sock", false,
            "net_memif0,role=client,socket-abstract=no,socket=/run/x.sock,rsize=12");
    expands("memif:/run/x.sock", true,
            "net_memif0,role=server,socket-abstract=no,socket=/run/x.sock,rsize=12");
}

Test(memif, arguments_behind_the_path_are_the_drivers)
{
    expands("memif:x.sock,rsize=10,id=3", false,
            "net_memif0,role=client,socket-abstract=no,socket=x.sock,rsize=10,id=3");
}

Test(memif, other_texts_are_not_ours)
{
    char args[64] = "untouched";

    cr_assert(not(memif_expand(args, sizeof(args), "net_memif0,role=client", false)));
    cr_assert(not(memif_expand(args, sizeof(args), "memif", false)));
    cr_assert(eq(str, args, "untouched"));
}

Test(memif, the_long_form_says_role_and_socket_itself)
{
    struct memif m;

    cr_assert(
        eq(int, memif_parse(&m, "net_memif0,role=server,socket=/a,socket-abstract=no", &f), 0));
    cr_assert(m.is_memif);
    cr_assert(m.is_server);
    cr_assert(eq(str, m.socket, "/a"));
    cr_assert(eq(int, memif_parse(&m, "net_memif0,socket=/a", &f), 0));
    cr_assert(not(m.is_server));
    cr_assert(eq(str, m.socket, ""), "the driver's default is an abstract socket, no file");
}

Test(memif, a_path_that_is_missing_or_too_long_is_refused)
{
    struct memif m;
    char text[256] = "net_memif0,socket-abstract=no,socket=";

    cr_assert(eq(int, memif_parse(&m, text, &f), -1));
    rig_says(f, "memif:PATH");
    memset(text + strlen(text), 'x', 108);
    cr_assert(eq(int, memif_parse(&m, text, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    rig_says(f, "longer than 107 bytes");
}

/* -- the socket --------------------------------------------------------------------------- */

static struct memif served = {.is_memif = true, .is_server = true};

static void
put_socket_at(const char *name)
{
    rig_make_root();
    snprintf(served.socket, sizeof(served.socket), "%s/%s", rig_root, name);
}

static int
listen_there(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

    strcpy(addr.sun_path, served.socket);
    cr_assert(eq(int, bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0));
    cr_assert(eq(int, listen(fd, 1), 0));
    return fd;
}

Test(memif, a_socket_that_is_not_there_can_be_made, .fini = rig_remove_root)
{
    put_socket_at("sock");
    cr_assert(eq(int, memif_check(&served, &f), 0), "%s", f.text);
}

Test(memif, a_folder_that_is_not_there_is_named, .fini = rig_remove_root)
{
    put_socket_at("nowhere/sock");
    cr_assert(eq(int, memif_check(&served, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "/nowhere/: No such file");
}

Test(memif, a_client_is_told_of_a_folder_that_is_not_there, .fini = rig_remove_root)
{
    put_socket_at("nowhere/sock");
    served.is_server = false;
    cr_assert(eq(int, memif_check(&served, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "/nowhere/: No such file");
    put_socket_at("sock"); /* it waits for the server */
    served.is_server = false;
    cr_assert(eq(int, memif_check(&served, &f), 0), "%s", f.text);
}

Test(memif, a_socket_that_another_process_serves_is_left_alone, .fini = rig_remove_root)
{
    struct sockaddr_un addr;
    socklen_t len = sizeof(addr);
    int fd;

    put_socket_at("sock");
    fd = listen_there();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    cr_assert(eq(int, memif_check(&served, &f), -1));
    rig_says(f, "is busy");
    cr_assert(eq(int, accept(fd, (struct sockaddr *)&addr, &len), -1), "it was not disturbed");
    cr_assert(eq(int, access(served.socket, F_OK), 0));
    close(fd);
}

Test(memif, a_socket_that_a_killed_process_left_is_removed, .fini = rig_remove_root)
{
    put_socket_at("sock");
    close(listen_there());
    cr_assert(eq(int, memif_check(&served, &f), 0), "%s", f.text);
    cr_assert(eq(int, access(served.socket, F_OK), -1));
}

Test(memif, a_file_that_is_no_socket_is_kept, .fini = rig_remove_root)
{
    put_socket_at("file");
    rig_file("/file", "precious");
    cr_assert(eq(int, memif_check(&served, &f), -1));
    rig_says(f, "is no socket");
    cr_assert(eq(int, access(served.socket, F_OK), 0));
}
