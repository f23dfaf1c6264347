/* SPDX-License-Identifier: BSD-3-Clause */
/* See outfile.h. */
#include "report/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where to write: to @place as it is, or to a file with a name like @temp, which then takes its
 * name, and its mode and owner if it is there. */
struct outfile {
    char place[PATH_MAX]; /* symbolic links followed */
    char temp[PATH_MAX];
    bool is_renamed, is_there;
    struct stat st; /* of what is there */
};

static const char SUFFIX[] = ".tmp";
static const unsigned LINKS_MAX = 40; /* as the kernel follows */

static int
refuse(const char *option, const char *path, const char *why, enum exit_status status,
       struct fail *f)
{
    return fail_set(f, status, "%s %s: the file cannot be written: %s", option, path, why);
}

/* @path is a symbolic link whose target need not be there: have the target's name in @place.
 * @return 0, or an errno. */
static int
follow_link(const char *path, char place[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof(target));
    int n;

    if (len < 0)
        return errno;
    if (len == sizeof(target))
        return ENAMETOOLONG;
    if (target[0] == '/' || slash == NULL)
        n = snprintf(place, PATH_MAX, "%.*s", (int)len, target);
    else
        n = snprintf(place, PATH_MAX, "%.*s%.*s", (int)(slash + 1 - path), path, (int)len, target);
    return n >= PATH_MAX ? ENAMETOOLONG : 0;
}

/* Have in @place where @path leads; nothing need be there yet. @return 0, or an errno. */
static int
find_place(const char *path, char place[PATH_MAX])
{
    char next[PATH_MAX];
    int err;

    if (realpath(path, place) != NULL)
        return 0;
    if (errno != ENOENT)
        return errno;
    if (snprintf(place, PATH_MAX, "%s", path) >= PATH_MAX)
        return ENAMETOOLONG;
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        err = follow_link(place, next);
        if (err == EINVAL || err == ENOENT) /* no link */
            return 0;
        if (err != 0)
            return err;
        strcpy(place, next);
    }
    return ELOOP;
}

/* @return 0, or an errno. */
static int
plan(struct outfile *o, const char *path)
{
    int err = find_place(path, o->place), n;

    if (err != 0)
        return err;
    o->is_there = stat(o->place, &o->st) == 0;
    o->is_renamed = !o->is_there || S_ISREG(o->st.st_mode);
    if (!o->is_renamed && S_ISDIR(o->st.st_mode))
        return EISDIR;
    if (!o->is_renamed)
        return 0;
    n = snprintf(o->temp, sizeof(o->temp), "%s.XXXXXX%s", o->place, SUFFIX);
    return n >= (int)sizeof(o->temp) ? ENAMETOOLONG : 0;
}

/* A name that nobody can foresee, so that nobody can be there first. */
static int
create_temp(struct outfile *o)
{
    return mkostemps(o->temp, (int)strlen(SUFFIX), O_CLOEXEC);
}

/* The one the file had, or what any new file would have. */
static void
set_mode(const struct outfile *o, int fd)
{
    mode_t mask;

    if (o->is_there) {
        (void)!fchown(fd, o->st.st_uid, o->st.st_gid);
        (void)fchmod(fd, o->st.st_mode & 0777);
        return;
    }
    mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
}

int
outfile_check(const char *option, const char *path, struct fail *f)
{
    struct outfile o;
    int err, fd;

    if (strcmp(path, "-") == 0)
        return 0;
    err = plan(&o, path);
    if (err != 0)
        return refuse(option, path, strerror(err), EXIT_USAGE, f);
    if (!o.is_renamed)
        return access(o.place, W_OK) == 0 ? 0
                                          : refuse(option, path, strerror(errno), EXIT_USAGE, f);
    fd = create_temp(&o);
    if (fd < 0)
        return refuse(option, path, strerror(errno), EXIT_USAGE, f);
    close(fd);
    unlink(o.temp);
    return 0;
}

/* Let @write write to @out, and close it. @return 0, or -1 with @f set. */
static int
write_and_close(const char *option, const char *path, FILE *out, bool is_synced,
                report_writer *write, const struct result *r, struct fail *f)
{
    int status, err = 0;

    errno = 0;
    status = write(out, r, f);
    if (fflush(out) != 0 || ferror(out))
        err = errno != 0 ? errno : EIO;
    else if (is_synced && fsync(fileno(out)) < 0) /* a full disk may speak up only now */
        err = errno;
    if (fclose(out) != 0 && err == 0)
        err = errno;
    if (err != 0) /* says more than the writer, which does not know the path */
        return refuse(option, path, strerror(err), EXIT_HOST, f);
    return status;
}

static int
write_renamed(const char *option, const char *path, struct outfile *o, report_writer *write,
              const struct result *r, struct fail *f)
{
    int fd = create_temp(o);
    FILE *out;

    if (fd < 0)
        return refuse(option, path, strerror(errno), EXIT_HOST, f);
    set_mode(o, fd);
    out = fdopen(fd, "w");
    if (out == NULL) {
        refuse(option, path, strerror(errno), EXIT_HOST, f);
        close(fd);
        goto remove_temp;
    }
    if (write_and_close(option, path, out, true, write, r, f) < 0)
        goto remove_temp;
    if (rename(o->temp, o->place) == 0)
        return 0;
    refuse(option, path, strerror(errno), EXIT_HOST, f);
remove_temp:
    unlink(o->temp);
    return -1;
}

static int
write_plain(const char *option, const char *path, report_writer *write, const struct result *r,
            struct fail *f)
{
    FILE *out = fopen(path, "we");

    if (out == NULL)
        return refuse(option, path, strerror(errno), EXIT_HOST, f);
    return write_and_close(option, path, out, false, write, r, f);
}

int
outfile_write(const char *option, const char *path, report_writer *write, const struct result *r,
              struct fail *f)
{
    struct outfile o;
    int err;

    if (strcmp(path, "-") == 0)
        return write(stdout, r, f);
    err = plan(&o, path);
    if (err != 0)
        return refuse(option, path, strerror(err), EXIT_HOST, f);
    if (!o.is_renamed)
        return write_plain(option, path, write, r, f);
    return write_renamed(option, path, &o, write, r, f);
}
