/* SPDX-License-Identifier: BSD-3-Clause */
/* See eal.h. */
#include "io/eal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pdump.h>

static const char NOWHERE[] = "/dev/null";

/* EAL makes a directory there for files that other processes share with it. Where none can be made
 * it goes on without, when it shares nothing (--no-shconf, --in-memory): so a process that is
 * killed leaves nothing either. @return RUNTIME_DIRECTORY as it was, or NULL. */
static char *
hide_runtime_dir(void)
{
    const char *old = getenv("RUNTIME_DIRECTORY");
    char *saved = old == NULL ? NULL : strdup(old);

    setenv("RUNTIME_DIRECTORY", NOWHERE, 1);
    return saved;
}

static void
restore_runtime_dir(char *saved)
{
    if (saved == NULL)
        unsetenv("RUNTIME_DIRECTORY");
    else
        setenv("RUNTIME_DIRECTORY", saved, 1);
    free(saved);
}

/* While it lasts, another thread may take the traces away. */
static int
init_eal(struct eal_args *args, struct eal_log *log, struct traces *t)
{
    char *saved;
    int ret;

    traces_publish(t);
    if (args->has_telemetry || args->is_shared) {
        ret = rte_eal_init(args->argc, args->argv);
        if (args->has_telemetry)
            traces_expect_telemetry(t, rte_eal_get_runtime_dir());
        if (args->is_shared)
            traces_expect_shared(t, rte_eal_get_runtime_dir());
        return ret;
    }
    saved = hide_runtime_dir();
    log->expected = NOWHERE; /* that it cannot be made */
    ret = rte_eal_init(args->argc, args->argv);
    log->expected = NULL;
    restore_runtime_dir(saved);
    return ret;
}

int
eal_start(struct eal_args *args, struct eal_log *log, struct traces *t, struct fail *f)
{
    int ret = init_eal(args, log, t), err = rte_errno;

    if (ret >= 0 && args->is_shared && rte_pdump_init() < 0) {
        err = rte_errno;
        (void)rte_eal_cleanup();
        ret = -1;
    }
    if (ret >= 0) {
        eal_log_started(log);
        return 0;
    }
    traces_remove(t);
    if (args->is_shared && t->huge_dirs[0][0] == '\0')
        return fail_set(f, EXIT_HOST,
                        "--eal-shared: there is no hugetlbfs, on which memory could be shared: "
                        "mkdir -p /dev/hugepages && mount -t hugetlbfs hugetlbfs /dev/hugepages");
    /* What EAL calls invalid is the user's: the device's arguments or --eal. */
    if (err == EINVAL)
        fail_set(f, EXIT_USAGE, "--device or --eal: DPDK refuses an argument");
    else
        fail_set(f, EXIT_HOST, "DPDK's EAL does not start: %s", rte_strerror(err));
    eal_log_explain(log, f);
    return -1;
}

const char *
eal_file_prefix(void)
{
    const char *dir = rte_eal_get_runtime_dir(), *slash = strrchr(dir, '/');

    return slash != NULL ? slash + 1 : dir;
}

void
eal_stop(bool is_shared)
{
    if (is_shared)
        (void)rte_pdump_uninit();
    (void)rte_eal_cleanup(); /* it fails only for a secondary process */
}
