/* SPDX-License-Identifier: BSD-3-Clause */
/* See secret.h. */
#include "app/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char NAME[] = "sequence-secret";

/* What stands in the way and has no errno. */
enum { OTHERS_MAY = -1, NOT_A_KEY = -2 };

static const char *
explain(int err)
{
    switch (err) {
    case OTHERS_MAY:
        return "others may read or change it";
    case NOT_A_KEY:
        return "it is no key";
    default:
        return strerror(err);
    }
}

struct siphash_key
secret_new(void)
{
    struct siphash_key key = {0};

    while (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key) && errno == EINTR)
        continue;
    return key;
}

static bool
is_ours_alone(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* @return a descriptor of the folder, or -1 with @err. */
static int
open_folder(const char *path, int *err)
{
    struct stat st;
    int fd;

    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        *err = errno;
        return -1;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        *err = errno;
    } else if (!is_ours_alone(&st)) {
        *err = OTHERS_MAY;
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* @return 0, or what is wrong. */
static int
read_key(int folder, struct siphash_key *key)
{
    int fd = openat(folder, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err = 0;
    struct stat st;

    if (fd < 0)
        return errno;
    if (fstat(fd, &st) != 0)
        err = errno;
    else if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof(*key) ||
             read(fd, key, sizeof(*key)) != (ssize_t)sizeof(*key))
        err = NOT_A_KEY;
    else if (!is_ours_alone(&st))
        err = OTHERS_MAY;
    close(fd);
    return err;
}

/* A file without a name, which goes with the process however that ends; where the file system has
 * none (overlayfs before Linux 6.3) one with a name of its own. @return -1 with errno */
static int
open_new(int folder, char *temp, size_t size)
{
    struct siphash_key number = secret_new();
    int fd = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    temp[0] = '\0';
    if (fd >= 0)
        return fd;
    snprintf(temp, size, "%s.%016llx", NAME, (unsigned long long)number.k0);
    return openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int
give_name(int folder, int fd, const char *temp)
{
    char path[64];

    if (temp[0] != '\0')
        return linkat(folder, temp, folder, NAME, 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, folder, NAME, AT_SYMLINK_FOLLOW);
}

/* The file has its name only when it is whole, and the first of several processes wins. */
static int
write_key(int folder)
{
    struct siphash_key key = secret_new();
    char temp[64];
    int fd = open_new(folder, temp, sizeof(temp)), err = 0;

    if (fd < 0)
        return errno;
    if (write(fd, &key, sizeof(key)) != (ssize_t)sizeof(key) ||
        (give_name(folder, fd, temp) != 0 && errno != EEXIST))
        err = errno;
    close(fd);
    if (temp[0] != '\0')
        unlinkat(folder, temp, 0);
    return err;
}

bool
secret_keep(const char *path, struct siphash_key *key, char *why, size_t size)
{
    int err = 0, folder = open_folder(path, &err);

    if (folder >= 0) {
        err = read_key(folder, key);
        if (err == ENOENT) {
            err = write_key(folder);
            if (err == 0)
                err = read_key(folder, key);
        }
        close(folder);
    }
    if (err != 0)
        snprintf(why, size, "%s: %s", path, explain(err));
    return err == 0;
}

struct siphash_key
secret_of_boot(char *why, size_t size)
{
    const char *runtime = geteuid() == 0 ? "/run" : secure_getenv("XDG_RUNTIME_DIR");
    struct siphash_key key;
    char path[PATH_MAX];

    why[0] = '\0';
    if (runtime == NULL || runtime[0] != '/') {
        snprintf(why, size, "$XDG_RUNTIME_DIR is not set");
        return secret_new();
    }
    snprintf(path, sizeof(path), "%s/shakedown", runtime);
    return secret_keep(path, &key, why, size) ? key : secret_new();
}
