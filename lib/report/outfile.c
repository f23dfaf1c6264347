/* SPDX-License-Identifier: BSD-3-Clause */
/* See outfile.h. */
#include "report/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/console.h"

static const char SUFFIX[] = ".tmp";
static const unsigned READER_PAUSES = 100; /* of 10 ms: a reader may just be starting */

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
    int err = destination_find(&o->to, path), n;

    o->is_renamed = err == 0 && o->to.fd < 0 && (!o->to.is_there || S_ISREG(o->to.st.st_mode));
    if (err != 0)
        return err;
    if (!o->is_renamed)
        return S_ISDIR(o->to.st.st_mode) ? EISDIR : 0;
    n = snprintf(o->temp, sizeof(o->temp), "%s.XXXXXX%s", o->to.name, SUFFIX);
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

    if (o->to.is_there) {
        (void)!fchown(fd, o->to.st.st_uid, o->to.st.st_gid);
        (void)fchmod(fd, o->to.st.st_mode & 0777);
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
    int err = plan(&o, path), fd;

    if (err == 0 && !o.is_renamed && o.to.fd < 0 && access(o.to.name, W_OK) != 0)
        err = errno;
    if (err != 0)
        return refuse(option, path, strerror(err), EXIT_USAGE, f);
    if (!o.is_renamed)
        return 0;
    fd = create_temp(&o);
    if (fd < 0)
        return refuse(option, path, strerror(errno), EXIT_USAGE, f);
    close(fd);
    unlink(o.temp);
    return 0;
}

bool
outfile_stays(const char *path)
{
    struct outfile o;

    return plan(&o, path) == 0 && !o.is_renamed;
}

bool
outfile_is_stdout(const char *path)
{
    struct destination to;

    return path[0] != '\0' && destination_find(&to, path) == 0 && to.fd == STDOUT_FILENO;
}

static bool
is_stdout(const struct outfile *o)
{
    return o->out == stdout;
}

static int
open_renamed(struct outfile *o)
{
    int fd = create_temp(o), err;

    if (fd < 0)
        return errno;
    set_mode(o, fd);
    o->out = fdopen(fd, "w");
    if (o->out != NULL)
        return 0;
    err = errno;
    close(fd);
    unlink(o->temp);
    return err;
}

/* Have @o write to @fd, which it closes. */
static int
take_descriptor(struct outfile *o, int fd)
{
    int err;

    if (fd < 0)
        return errno;
    o->out = fdopen(fd, "w");
    if (o->out != NULL)
        return 0;
    err = errno;
    close(fd);
    return err;
}

/* What somebody else has opened goes on from where it is. */
static int
open_descriptor(struct outfile *o)
{
    if (o->to.fd == STDOUT_FILENO) {
        o->out = stdout;
        return 0;
    }
    return take_descriptor(
        o, fcntl(o->to.fd == DESTINATION_CONSOLE ? console_fd() : o->to.fd, F_DUPFD_CLOEXEC, 0));
}

/* A FIFO can be opened when somebody reads it. @return a descriptor, or -1 with errno set */
static int
open_for_reader(const char *name, bool waits)
{
    static const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    static const int FLAGS = O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY;
    int fd = open(name, FLAGS | (waits ? 0 : O_NONBLOCK));

    for (unsigned i = 0; fd < 0 && errno == ENXIO && !waits && i < READER_PAUSES; i++) {
        nanosleep(&pause, NULL);
        fd = open(name, FLAGS | O_NONBLOCK);
    }
    if (fd >= 0 && !waits)
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

static int
open_as_it_is(struct outfile *o, bool waits)
{
    return take_descriptor(o, open_for_reader(o->to.name, waits));
}

static int
open_planned(struct outfile *o, bool waits)
{
    if (o->is_renamed)
        return open_renamed(o);
    return o->to.fd >= 0 ? open_descriptor(o) : open_as_it_is(o, waits);
}

int
outfile_begin(struct outfile *o, const char *option, const char *path, bool waits, struct fail *f)
{
    int err = plan(o, path);

    o->option = option;
    o->path = path;
    o->err = 0;
    if (err == 0)
        err = open_planned(o, waits);
    if (err == ENXIO && S_ISFIFO(o->to.st.st_mode))
        return refuse(option, path, "nobody reads this FIFO; start its reader first", EXIT_HOST, f);
    return err == 0 ? 0 : refuse(option, path, strerror(err), EXIT_HOST, f);
}

void
outfile_make_private(struct outfile *o)
{
    if (o->is_renamed)
        (void)fchmod(fileno(o->out), S_IRUSR | S_IWUSR);
}

bool
outfile_flush(struct outfile *o)
{
    errno = 0;
    if ((fflush(o->out) != 0 || ferror(o->out)) && o->err == 0)
        o->err = errno != 0 ? errno : EIO;
    return o->err == 0;
}

/* @return 0, or an errno; a full disk may speak up only when what is written goes there. */
static int
finish(struct outfile *o)
{
    if (!outfile_flush(o))
        return o->err;
    return o->is_renamed && fsync(fileno(o->out)) < 0 ? errno : 0;
}

int
outfile_end(struct outfile *o, struct fail *f)
{
    int err = finish(o);

    if (is_stdout(o)) /* whoever owns it looks whether all of it arrived */
        return 0;
    if (fclose(o->out) != 0 && err == 0)
        err = errno;
    if (err == 0 && o->is_renamed && rename(o->temp, o->to.name) != 0)
        err = errno;
    if (err == 0)
        return 0;
    if (o->is_renamed)
        unlink(o->temp);
    return refuse(o->option, o->path, strerror(err), EXIT_HOST, f);
}

void
outfile_abandon(struct outfile *o)
{
    if (is_stdout(o))
        return;
    fclose(o->out);
    if (o->is_renamed)
        unlink(o->temp);
}

int
outfile_write(const char *option, const char *path, report_writer *write, const struct result *r,
              struct fail *f)
{
    struct outfile o;
    int status;

    if (outfile_begin(&o, option, path, true, f) < 0)
        return -1;
    errno = 0;
    status = write(o.out, r, f);
    if (ferror(o.out)) /* by then the writer has looked, and only errno still knows why */
        o.err = errno != 0 ? errno : EIO;
    if (status == 0)
        return outfile_end(&o, f);
    if (!is_stdout(&o) && !outfile_flush(&o)) /* says more than the writer, who knows no path */
        refuse(option, path, strerror(o.err), EXIT_HOST, f);
    outfile_abandon(&o);
    return -1;
}
