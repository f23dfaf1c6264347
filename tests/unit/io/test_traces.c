/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/traces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char root[] = "/tmp/test_traces.XXXXXX";
static struct traces t;

static const char *
at(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", root, name);
    return path;
}

static void
make(const char *name)
{
    FILE *file = fopen(at(name), "w");

    cr_assert(ne(ptr, file, NULL), "%s", name);
    fclose(file);
}

static bool
is_there(const char *name)
{
    return access(at(name), F_OK) == 0;
}

static void
set_up(void)
{
    cr_assert(ne(ptr, mkdtemp(root), NULL));
    mkdir(at("shakedown-7"), 0700);
    mkdir(at("huge"), 0700);
    make("shakedown-7/config");
    make("shakedown-7/fbarray_memzone");
    make("huge/shakedown-7map_0");
    make("huge/shakedown-7map_1");
    make("huge/shakedown-77map_0");
    make("huge/other");
    strcpy(t.shared_dir, at("shakedown-7"));
    strcpy(t.huge_dirs[0], at("huge"));
}

static void
tear_down(void)
{
    unlink(at("huge/shakedown-77map_0"));
    unlink(at("huge/other"));
    rmdir(at("huge"));
    cr_assert(zero(int, rmdir(root)));
}

TestSuite(traces, .init = set_up, .fini = tear_down);

Test(traces, what_is_shared_with_other_processes_goes_and_nothing_of_others)
{
    traces_publish(&t);
    traces_remove(&t);
    cr_assert(not(is_there("shakedown-7")));
    cr_assert(not(is_there("huge/shakedown-7map_0")));
    cr_assert(not(is_there("huge/shakedown-7map_1")));
    cr_assert(is_there("huge/shakedown-77map_0"));
    cr_assert(is_there("huge/other"));
}

Test(traces, many_files_go_too)
{
    char name[64];

    for (unsigned i = 2; i < 500; i++) {
        snprintf(name, sizeof(name), "huge/shakedown-7map_%u", i);
        make(name);
    }
    traces_publish(&t);
    traces_remove(&t);
    for (unsigned i = 0; i < 500; i++) {
        snprintf(name, sizeof(name), "huge/shakedown-7map_%u", i);
        cr_assert(not(is_there(name)), "%s", name);
    }
}
