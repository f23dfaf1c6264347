/* SPDX-License-Identifier: BSD-3-Clause */
/* See eal_args.h. The options are described in DPDK's "EAL parameters" (Linux getting started
 * guide). */
#include "io/eal_args.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* Workers are found by their lcore, so lcores cannot be left to the user. */
static const char *const reserved[] = {"-c", "-l",        "--lcores",   "--main-lcore",
                                       "-s", "-S",        "-h",         "--help",
                                       "-v", "--version", "--proc-type"};

static int add(struct eal_args *a, struct fail *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
add(struct eal_args *a, struct fail *f, const char *fmt, ...)
{
    size_t room = sizeof(a->text) - a->used;
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(a->text + a->used, room, fmt, args);
    va_end(args);
    if (a->argc == EAL_ARGS_MAX || (size_t)len >= room)
        return fail_set(f, EXIT_USAGE, "eal: too many or too long arguments; at most %d, %zu bytes",
                        EAL_ARGS_MAX, sizeof(a->text));
    a->argv[a->argc++] = a->text + a->used;
    a->used += (unsigned)len + 1;
    return 0;
}

/* Cut the next word off @*p: blanks end it, '...' and "..." keep them, \ keeps the next character.
 * @return 1; 0 when there is none; -1 when a quote is open or @word too small. */
static int
next_word(const char **p, char *word, size_t size)
{
    size_t len = 0;
    char quote = '\0';
    const char *s = *p;

    while (isspace((unsigned char)*s))
        s++;
    if (*s == '\0')
        return 0;
    for (; *s != '\0' && (quote != '\0' || !isspace((unsigned char)*s)); s++) {
        if (*s == quote) {
            quote = '\0';
            continue;
        }
        if (quote == '\0' && (*s == '\'' || *s == '"')) {
            quote = *s;
            continue;
        }
        if (quote != '\'' && *s == '\\' && s[1] != '\0')
            s++;
        if (len + 1 >= size)
            return -1;
        word[len++] = *s;
    }
    word[len] = '\0';
    *p = s;
    return quote == '\0' ? 1 : -1;
}

/* Whether getopt_long() can take @word for the option @name: "--name", "--name=value", and what a
 * long name begins with; "-x", "-xvalue". */
static bool
is_option(const char *word, const char *name)
{
    size_t len = strcspn(word, "=");

    if (name[1] != '-')
        return strncmp(word, name, strlen(name)) == 0;
    return len > strlen("--") && strncmp(word, name, len) == 0;
}

bool
eal_args_has(const char *extra, const char *name)
{
    char word[512];

    while (next_word(&extra, word, sizeof(word)) > 0) {
        if (is_option(word, name))
            return true;
    }
    return false;
}

static int
add_extra(struct eal_args *a, const char *extra, struct fail *f)
{
    const char *p = extra;
    char word[512];
    int got;

    while ((got = next_word(&p, word, sizeof(word))) > 0) {
        for (unsigned i = 0; i < ARRAY_LEN(reserved); i++) {
            if (is_option(word, reserved[i]))
                return fail_set(
                    f, EXIT_USAGE,
                    "eal: \"%s\" is not allowed: shakedown chooses the lcores itself (--lcores N; "
                    "taskset says which CPUs it may use) and is always the primary process",
                    word);
        }
        if (add(a, f, "%s", word) < 0)
            return -1;
    }
    if (got < 0)
        return fail_set(f, EXIT_USAGE, "eal: in \"%s\" a quote is not closed or a word is too long",
                        extra);
    return 0;
}

/* "0-3,8,10-11" */
static void
format_cpus(const struct eal_args_opts *opts, char *text, size_t size)
{
    size_t used = 0;

    for (unsigned i = 0, last; i < opts->n_cpus && used < size; i = last + 1) {
        last = i;
        while (last + 1 < opts->n_cpus && opts->cpus[last + 1] == opts->cpus[last] + 1)
            last++;
        used += (size_t)snprintf(text + used, size - used, i == last ? "%s%u" : "%s%u-%u",
                                 used > 0 ? "," : "", opts->cpus[i], opts->cpus[last]);
    }
}

uint16_t
eal_args_cpu(const struct eal_args_opts *opts, unsigned worker)
{
    unsigned i = worker % opts->n_cpus;

    return opts->cpus[opts->from_last_cpu ? opts->n_cpus - 1 - i : i];
}

static int
add_lcores(struct eal_args *a, const struct eal_args_opts *opts, struct fail *f)
{
    char cpus[2048], map[4096];
    size_t used;

    format_cpus(opts, cpus, sizeof(cpus));
    used = (size_t)snprintf(map, sizeof(map), "0@(%s)", cpus);
    for (unsigned w = 0; w < opts->n_workers && used < sizeof(map); w++)
        used += (size_t)snprintf(map + used, sizeof(map) - used, ",%u@%u", w + 1,
                                 eal_args_cpu(opts, w));
    if (used >= sizeof(map))
        return fail_set(f, EXIT_HOST,
                        "too many CPUs in too many pieces for EAL: narrow them with taskset");
    if (add(a, f, "--lcores") < 0 || add(a, f, "%s", map) < 0 || add(a, f, "--main-lcore") < 0)
        return -1;
    return add(a, f, "0");
}

static bool
needs_single_file(const struct device *d)
{
    return d->needs_single_file_segments;
}

static bool
needs_pci(const struct device *d)
{
    return d->needs_pci;
}

static bool
any_needs(const struct eal_args_opts *opts, bool (*needs)(const struct device *d))
{
    for (unsigned i = 0; i < opts->n_devices; i++)
        if (needs(&opts->devices[i]))
            return true;
    return false;
}

/* With huge pages memory is taken page by page as it is asked for, on the NUMA node it is asked
 * for. Without, EAL wants the amount told. --in-memory is refused together with --no-huge (22.11).
 */
static int
add_memory(struct eal_args *a, const struct eal_args_opts *opts, struct fail *f)
{
    uint64_t mib = (opts->memory_bytes + (1 << 20) - 1) >> 20;
    bool has_size = eal_args_has(opts->extra, "-m") || eal_args_has(opts->extra, "--socket-mem");

    if (opts->uses_hugepages) {
        if (any_needs(opts, needs_single_file) && add(a, f, "--single-file-segments") < 0)
            return -1;
        return opts->is_shared ? 0 : add(a, f, "--in-memory");
    }
    if (!eal_args_has(opts->extra, "--no-huge") && add(a, f, "--no-huge") < 0)
        return -1;
    if (add(a, f, "--no-shconf") < 0)
        return -1;
    if (has_size)
        return 0;
    if (add(a, f, "-m") < 0)
        return -1;
    return add(a, f, "%llu", (unsigned long long)mib);
}

static int
add_device(struct eal_args *a, const struct device *d, struct fail *f)
{
    switch (d->kind) {
    case DEVICE_LOOPBACK:
        return 0; /* its ports are made after EAL's start */
    case DEVICE_PCI:
        if (add(a, f, "-a") < 0)
            return -1;
        return add(a, f, "%s", d->args);
    case DEVICE_VDEV:
        return add(a, f, "--vdev=%s", d->args);
    }
    return 0;
}

static int
add_devices(struct eal_args *a, const struct eal_args_opts *opts, struct fail *f)
{
    bool lists_pci = eal_args_has(opts->extra, "-a") || eal_args_has(opts->extra, "--allow") ||
                     eal_args_has(opts->extra, "-b") || eal_args_has(opts->extra, "--block");

    if (!any_needs(opts, needs_pci) && !lists_pci && add(a, f, "--no-pci") < 0)
        return -1;
    for (unsigned i = 0; i < opts->n_devices; i++)
        if (add_device(a, &opts->devices[i], f) < 0)
            return -1;
    return 0;
}

/* What shares nothing. */
static int
check_shared(const struct eal_args_opts *opts, struct fail *f)
{
    static const char *const alone[] = {"--in-memory", "--no-shconf", "--no-huge", "--huge-unlink"};

    for (unsigned i = 0; opts->is_shared && i < ARRAY_LEN(alone); i++)
        if (eal_args_has(opts->extra, alone[i]))
            return fail_set(f, EXIT_USAGE,
                            "--eal-shared: with %s in --eal nobody could attach to this process; "
                            "leave one of them out",
                            alone[i]);
    return 0;
}

int
eal_args_build(struct eal_args *a, const struct eal_args_opts *opts, struct fail *f)
{
    assert(opts->n_cpus > 0);
    assert(opts->n_workers > 0);

    if (check_shared(opts, f) < 0)
        return -1;
    a->argc = 0;
    a->used = 0;
    a->is_shared = opts->is_shared;
    a->has_telemetry = eal_args_has(opts->extra, "--telemetry");
    a->has_log_level = eal_args_has(opts->extra, "--log-level");
    if (add(a, f, "shakedown") < 0 || add_lcores(a, opts, f) < 0 || add_memory(a, opts, f) < 0 ||
        add_devices(a, opts, f) < 0 || (!a->has_telemetry && add(a, f, "--no-telemetry") < 0) ||
        (!a->has_log_level && add(a, f, "--log-level=error") < 0))
        return -1;
    if (!eal_args_has(opts->extra, "--file-prefix") &&
        add(a, f, "--file-prefix=shakedown-%u", opts->process_id) < 0)
        return -1;
    if (add_extra(a, opts->extra, f) < 0)
        return -1;
    a->argv[a->argc] = NULL;
    return 0;
}
