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

/* Where to write: to @place as it is, or to @temp, which then takes its name. */
struct outfile {
    char place[PATH_MAX]; /* symbolic links followed */
    char temp[PATH_MAX];
    bool is_renamed;
};

static int
refuse(const char *option, const char *path, const char *why, enum exit_status status,
       struct fail *f)
{
    return fail_set(f, status, "%s %s: the file cannot be written: %s", option, path, why);
}

/* @return 0, or an errno. */
static int
plan(struct outfile *o, const char *path)
{
    struct stat st;
    int n;

    if (realpath(path, o->place) == NULL) {
        if (errno != ENOENT)
            return errno;
        n = snprintf(o->place, sizeof(o->place), "%s", path);
        if (n >= (int)sizeof(o->place))
            return ENAMETOOLONG;
    }
    o->is_renamed = stat(o->place, &st) < 0 || S_ISREG(st.st_mode);
    if (!o->is_renamed && S_ISDIR(st.st_mode))
        return EISDIR;
    if (!o->is_renamed)
        return 0;
    /* The process's number keeps two runs that write to one place apart. */
    n = snprintf(o->temp, sizeof(o->temp), "%s.%ld.tmp", o->place, (long)getpid());
    return n >= (int)sizeof(o->temp) ? ENAMETOOLONG : 0;
}

static int
create_temp(const struct outfile *o)
{
    return open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
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
write_renamed(const char *option, const char *path, const struct outfile *o, report_writer *write,
              const struct result *r, struct fail *f)
{
    int fd = create_temp(o);
    FILE *out;

    if (fd < 0)
        return refuse(option, path, strerror(errno), EXIT_HOST, f);
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
