/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_files.h. */
#include "app/run_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/privilege.h"

size_t
run_files_stem(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

    return dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - path) : strlen(path);
}

void
run_files_name(char to[static PATH_MAX], const char *path, const char *infix, unsigned n)
{
    size_t stem = run_files_stem(path);

    snprintf(to, PATH_MAX, "%.*s%s.%u%s", (int)stem, path, infix, n, path + stem);
}

int
run_files_make_dir(char dir[static PATH_MAX], const char *option, const char *user, struct fail *f)
{
    const char *tmp = getenv("TMPDIR");
    struct privilege owner;

    dir[0] = '\0';
    if (privilege_choose_own(&owner, user, f) < 0)
        return -1;
    snprintf(dir, PATH_MAX, "%.3000s/shakedown-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(dir) == NULL) {
        (void)fail_set(f, EXIT_HOST, "%s: %.300s: %s; TMPDIR may name another place", option, dir,
                       strerror(errno));
        dir[0] = '\0';
        return -1;
    }
    if (!owner.drops || chown(dir, owner.uid, owner.gid) == 0)
        return 0;
    (void)fail_set(f, EXIT_HOST, "%s: %.300s: %s", option, dir, strerror(errno));
    rmdir(dir);
    dir[0] = '\0';
    return -1;
}

void
run_files_remove_dir(const char *dir)
{
    if (dir[0] != '\0')
        rmdir(dir);
}
