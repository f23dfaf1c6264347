/* SPDX-License-Identifier: BSD-3-Clause */
/* See mpirun_words.h. */
#include "app/mpirun_words.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/child.h"
#include "base/units.h"
#include "report/html.h"
#include "report/json_head.h"

/* What is this process's: it merges the results, and writes what is made of them. */
static const struct child_option own_options[] = {{JSON_OPTION, true}, {HTML_OPTION, true}};

/* A rank that dies takes no other with it: what those have is to be kept. One byte-transfer layer
 * for a machine and one between them, so that MPI opens no other device of the host. */
static const char *const always[] = {"--bind-to",
                                     "none",
                                     "--oversubscribe",
                                     "--enable-recovery",
                                     "--mca",
                                     "orte_abort_on_non_zero_status",
                                     "0",
                                     "--mca",
                                     "pml",
                                     "ob1",
                                     "--mca",
                                     "btl",
                                     "self,vader,tcp"};

/* Nothing of the network is needed for this machine alone. */
static const char *const here[] = {"--mca", "btl_tcp_if_include", "lo",
                                   "--mca", "oob_tcp_if_include", "lo"};

static bool
is_here(const struct hosts *h)
{
    char own[HOST_NAME_MAX + 1] = "";

    (void)gethostname(own, sizeof(own) - 1);
    for (unsigned i = 0; i < h->n; i++)
        if (strcmp(h->list[i].name, "localhost") != 0 && strcmp(h->list[i].name, own) != 0)
            return false;
    return true;
}

static void
make_list(struct mpirun_words *w, const struct hosts *h)
{
    size_t used = 0;

    for (unsigned i = 0; i < h->n; i++)
        used += (size_t)snprintf(w->list + used, sizeof(w->list) - used, "%s%s:%u",
                                 i > 0 ? "," : "", h->list[i].name, h->list[i].n_ranks);
    snprintf(w->count, sizeof(w->count), "%u", h->n_ranks);
}

static size_t
add(const char *words[], size_t n, const char *const more[], size_t n_more)
{
    for (size_t i = 0; i < n_more; i++)
        words[n++] = more[i];
    return n;
}

int
mpirun_words_make(struct mpirun_words *w, const struct hosts *h, char *const argv[],
                  const char *join, const char *words[static MPIRUN_WORDS_MAX], struct fail *f)
{
    ssize_t length = readlink("/proc/self/exe", w->program, sizeof(w->program) - 1);
    size_t n = 0;

    if (length < 0)
        return fail_set(f, EXIT_HOST, "--hosts: /proc/self/exe: %s", strerror(errno));
    w->program[length] = '\0';
    make_list(w, h);
    n = add(words, n, (const char *const[]){"mpirun", "--np", w->count, "--host", w->list}, 5);
    n = add(words, n, always, ARRAY_LEN(always));
    if (geteuid() == 0)
        words[n++] = "--allow-run-as-root";
    if (is_here(h))
        n = add(words, n, here, ARRAY_LEN(here));
    n = add(words, n, (const char *const[]){w->program, "run", "--join", join}, 4);
    child_copy_words(own_options, ARRAY_LEN(own_options), argv, words, n, MPIRUN_WORDS_MAX);
    return 0;
}

/* A word without what a shell would take for more than a letter. */
static bool
is_plain(const char *word)
{
    return word[0] != '\0' && strcspn(word, " \t\n'\"\\$`&|;<>()*?[]{}~#!") == strlen(word);
}

void
mpirun_words_print(FILE *out, const char *const words[])
{
    fputs("shakedown:", out);
    for (size_t i = 0; words[i] != NULL; i++) {
        if (is_plain(words[i])) {
            fprintf(out, " %s", words[i]);
            continue;
        }
        fputs(" '", out);
        for (const char *p = words[i]; *p != '\0'; p++)
            if (*p == '\'')
                fputs("'\\''", out);
            else
                fputc(*p, out);
        fputc('\'', out);
    }
    fputc('\n', out);
}
