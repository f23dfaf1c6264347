/* SPDX-License-Identifier: BSD-3-Clause */
/* See privilege.h. */
#include "app/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "report/registry.h"

/* @return whether @text is a number of a user or a group. */
static bool
read_id(const char *text, unsigned *id)
{
    unsigned long n;
    char *end;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    n = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || n >= UINT_MAX) /* the last one means none */
        return false;
    *id = (unsigned)n;
    return true;
}

static void
take_account(struct privilege *p, const struct passwd *account)
{
    p->uid = account->pw_uid;
    p->gid = account->pw_gid;
    p->has_account = true;
    snprintf(p->name, sizeof(p->name), "%s", account->pw_name);
}

static int
choose_asked(struct privilege *p, const char *user, uid_t euid, struct fail *f)
{
    const struct passwd *account = getpwnam(user);
    unsigned id = 0;

    if (account == NULL && read_id(user, &id))
        account = getpwuid(id);
    else if (account == NULL)
        return fail_set(f, EXIT_USAGE,
                        "--user: there is no user '%.60s' here; allowed is a name or a number of "
                        "/etc/passwd, or any other number",
                        user);
    p->uid = p->gid = id;
    snprintf(p->name, sizeof(p->name), "%s", user);
    if (account != NULL)
        take_account(p, account);
    if (euid != 0 && p->uid != euid)
        return fail_set(
            f, EXIT_USAGE,
            "--user: only root can become %s; this process runs as %u already, so leave "
            "the option out",
            p->name, (unsigned)euid);
    p->drops = p->is_asked = euid == 0 && p->uid != 0;
    return 0;
}

int
privilege_choose(struct privilege *p, const struct privilege_facts *facts, struct fail *f)
{
    const struct passwd *account;
    unsigned uid, gid;

    *p = (struct privilege){0};
    if (facts->user[0] != '\0')
        return choose_asked(p, facts->user, facts->euid, f);
    if (facts->euid != 0 || !read_id(facts->sudo_uid, &uid) || !read_id(facts->sudo_gid, &gid) ||
        uid == 0)
        return 0;
    p->drops = true;
    p->uid = uid;
    p->gid = gid;
    account = getpwuid(uid);
    if (account != NULL)
        take_account(p, account);
    else
        snprintf(p->name, sizeof(p->name), "%u", uid);
    return 0;
}

int
privilege_choose_own(struct privilege *p, const char *user, struct fail *f)
{
    struct privilege_facts facts = {.euid = geteuid(),
                                    .user = user,
                                    .sudo_uid = getenv("SUDO_UID"),
                                    .sudo_gid = getenv("SUDO_GID")};

    return privilege_choose(p, &facts, f);
}

/* Groups first: who is not root any more has no say in them. */
static bool
take_groups(const struct privilege *p)
{
    return (p->has_account ? initgroups(p->name, p->gid) : setgroups(0, NULL)) == 0;
}

/* A name in a folder is removed by who may write there. */
static int
check_folder(const struct privilege *p, const char *path, struct fail *f)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];

    snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--user: %s could not remove the socket %s at the end: %s; choose a folder of "
                    "theirs",
                    p->name, path, strerror(errno));
}

static int
check_needs(const struct privilege *p, const struct privilege_needs *needs, struct fail *f)
{
    struct fail why;

    for (unsigned i = 0; i < IO_DEVICES_MAX; i++)
        if (needs->sockets[i] != NULL && needs->sockets[i][0] != '\0' &&
            check_folder(p, needs->sockets[i], f) < 0)
            return -1;
    if (report_check(report_sinks, n_report_sinks, needs->conf, &why) < 0)
        return fail_set(f, EXIT_USAGE, "%s, as user %s", why.text, p->name);
    return 0;
}

/* What that user can do: root comes back after it, but for its groups, which are restored, too. */
static int
try_as(const struct privilege *p, const struct privilege_needs *needs, struct fail *f)
{
    gid_t groups[NGROUPS_MAX], egid = getegid();
    int n = getgroups(NGROUPS_MAX, groups), err;

    if (n < 0 || !take_groups(p) || setegid(p->gid) != 0 || seteuid(p->uid) != 0) {
        err = fail_set(f, EXIT_HOST, "--user: %s cannot be become: %s", p->name, strerror(errno));
        (void)!setegid(egid);
        return err;
    }
    err = check_needs(p, needs, f);
    if (seteuid(0) != 0 || setegid(egid) != 0 || setgroups((size_t)n, groups) != 0)
        return fail_set(f, EXIT_HOST, "--user: root did not come back: %s", strerror(errno));
    return err;
}

/* The C library sees to all threads; with the last of root's numbers its capabilities go. */
static int
become(const struct privilege *p, struct fail *f)
{
    if (!take_groups(p) || setresgid(p->gid, p->gid, p->gid) != 0 ||
        setresuid(p->uid, p->uid, p->uid) != 0)
        return fail_set(f, EXIT_HOST, "--user: %s cannot be become: %s", p->name, strerror(errno));
    if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0)
        return fail_set(f, EXIT_HOST, "--user: %s can become root again", p->name);
    return 0;
}

int
privilege_drop(const struct privilege *p, const struct privilege_needs *needs, char *note,
               size_t size, struct fail *f)
{
    struct fail why;
    int err;

    note[0] = '\0';
    if (!p->drops)
        return 0;
    if (needs->keeps != NULL)
        err = fail_set(&why, EXIT_USAGE, "--user: %s", needs->keeps);
    else
        err = try_as(p, needs, &why);
    if (err == 0)
        return become(p, f);
    if (p->is_asked) {
        *f = why;
        return -1;
    }
    snprintf(note, size, "root is kept to the end, and not left for %s, who called sudo: %s",
             p->name, why.text);
    return 0;
}
