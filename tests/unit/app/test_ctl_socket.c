/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/ctl_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/units.h"

static struct ctl_socket s;
static char dir[] = "/tmp/ctl_socket.XXXXXX", path[64];
static struct fail f;

static void
set_up(void)
{
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/run.sock", dir);
    ctl_socket_init(&s);
}

static void
tear_down(void)
{
    ctl_socket_close(&s);
    unlink(path);
    rmdir(dir);
}

TestSuite(ctl_socket, .init = set_up, .fini = tear_down);

static void
open_it(void)
{
    cr_assert(zero(int, ctl_socket_open(&s, path, &f)), "%s", f.text);
}

/* Who has connected and sent @text. */
static int
client(const char *text)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    strcpy(a.sun_path, path);
    cr_assert(zero(int, connect(fd, (struct sockaddr *)&a, sizeof(a))));
    cr_assert(eq(sz, (size_t)send(fd, text, strlen(text), 0), strlen(text)));
    return fd;
}

static struct ctl_client *
waiting(uint64_t now_ns)
{
    unsigned cursor = 0;

    ctl_socket_look(&s, now_ns);
    ctl_socket_look(&s, now_ns);
    return ctl_socket_waiting(&s, &cursor);
}

/* What has come for @fd, "closed" behind what is all. */
static const char *
received(int fd)
{
    static char text[4096];
    size_t n = 0;
    ssize_t got;

    while ((got = recv(fd, text + n, sizeof(text) - 8 - n, 0)) > 0)
        n += (size_t)got;
    strcpy(text + n, got == 0 ? "closed" : "");
    return text;
}

Test(ctl_socket, is_for_this_user_alone_and_goes_with_the_run)
{
    struct stat st;

    open_it();
    cr_assert(zero(int, lstat(path, &st)));
    cr_assert(eq(uint, st.st_mode & S_IFMT, S_IFSOCK));
    cr_assert(eq(uint, st.st_mode & 0777, 0600));
    ctl_socket_close(&s);
    cr_assert(not(zero(int, lstat(path, &st))));
}

Test(ctl_socket, a_line_is_answered_and_the_connection_closed)
{
    struct ctl_client *c;
    int fd;

    open_it();
    fd = client("ra");
    cr_assert(waiting(0) == NULL);
    send(fd, "te 5\n", 5, 0);
    c = waiting(0);
    cr_assert(c != NULL);
    cr_assert(eq(str, c->line, "rate 5"));
    ctl_client_answer(c, strdup("done\n"), 5);
    cr_assert(waiting(0) == NULL);
    cr_assert(eq(str, (char *)received(fd), "ok 5\ndone\nclosed"));
    close(fd);
}

Test(ctl_socket, a_refusal_has_the_status_and_the_sentence)
{
    struct ctl_client *c;
    int fd;

    open_it();
    fd = client("x\n");
    c = waiting(0);
    fail_set(&f, EXIT_USAGE, "no such thing");
    ctl_client_refuse(c, &f);
    waiting(0);
    cr_assert(eq(str, (char *)received(fd), "2 no such thing\nclosed"));
    close(fd);
}

Test(ctl_socket, who_never_ends_a_line_or_reads_is_let_go_of)
{
    const size_t bytes = 4 << 20;
    int idle, deaf;

    open_it();
    idle = client("snap");
    deaf = client("snapshot\n");
    ctl_client_answer(waiting(0), calloc(1, bytes), bytes);
    ctl_socket_look(&s, 4 * NS_PER_SEC);
    cr_assert(eq(str, (char *)received(idle), ""));
    ctl_socket_look(&s, 9 * NS_PER_SEC);
    ctl_socket_look(&s, 15 * NS_PER_SEC);
    cr_assert(eq(str, (char *)received(idle), "closed"));
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        cr_assert(eq(int, s.clients[i].fd, -1));
    close(idle);
    close(deaf);
}

Test(ctl_socket, as_many_as_there_are_places_do_not_keep_the_next_out_for_ever)
{
    int fds[CTL_CLIENTS_MAX + 1];

    open_it();
    for (unsigned i = 0; i < CTL_CLIENTS_MAX; i++)
        fds[i] = client("");
    ctl_socket_look(&s, 0);
    fds[CTL_CLIENTS_MAX] = client("stop\n");
    cr_assert(waiting(NS_PER_SEC) == NULL);
    ctl_socket_look(&s, 6 * NS_PER_SEC);
    cr_assert(waiting(6 * NS_PER_SEC) != NULL);
    for (unsigned i = 0; i <= CTL_CLIENTS_MAX; i++)
        close(fds[i]);
}

Test(ctl_socket, a_line_that_is_too_long_or_has_a_nul_is_not_read)
{
    char text[CTL_LINE_MAX + 1];
    int fd;

    open_it();
    memset(text, 'a', sizeof(text));
    text[CTL_LINE_MAX] = '\0';
    fd = client(text);
    cr_assert(waiting(0) == NULL);
    cr_assert(strstr(received(fd), "closed") != NULL);
    close(fd);
    fd = client("");
    send(fd, "stop\0\n", 6, 0);
    cr_assert(waiting(0) == NULL);
    cr_assert(strstr(received(fd), "closed") != NULL);
    close(fd);
}

Test(ctl_socket, what_is_there_and_no_socket_is_left_alone)
{
    struct stat st;
    FILE *out = fopen(path, "w");

    fclose(out);
    cr_assert(eq(int, ctl_socket_open(&s, path, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(strstr(f.text, "is there already") != NULL, "%s", f.text);
    cr_assert(zero(int, lstat(path, &st)));
    cr_assert(eq(uint, st.st_mode & S_IFMT, S_IFREG));
}

Test(ctl_socket, one_of_a_run_that_goes_on_is_not_taken_and_one_that_was_left_behind_is)
{
    static struct ctl_socket other;
    int fd;

    ctl_socket_init(&other);
    open_it();
    cr_assert(eq(int, ctl_socket_open(&other, path, &f), -1));
    cr_assert(strstr(f.text, "another run listens") != NULL, "%s", f.text);
    close(s.fd); /* as a process that was killed leaves it */
    s.fd = -1;
    cr_assert(zero(int, ctl_socket_open(&other, path, &f)), "%s", f.text);
    fd = client("");
    close(fd);
    ctl_socket_close(&other);
}

/* Another run has put its own there. */
Test(ctl_socket, only_its_own_is_removed)
{
    static struct ctl_socket other;
    struct stat st;

    ctl_socket_init(&other);
    open_it();
    unlink(path);
    cr_assert(zero(int, ctl_socket_open(&other, path, &f)));
    ctl_socket_close(&s);
    cr_assert(zero(int, lstat(path, &st)));
    ctl_socket_close(&other);
    cr_assert(not(zero(int, lstat(path, &st))));
}

Test(ctl_socket, a_path_that_is_too_long_is_refused)
{
    char text[200];

    memset(text, 'a', sizeof(text));
    text[150] = '\0';
    cr_assert(eq(int, ctl_socket_check(text, &f), -1));
    cr_assert(strstr(f.text, "107 bytes at most") != NULL, "%s", f.text);
    cr_assert(zero(int, ctl_socket_check("", &f)));
}
