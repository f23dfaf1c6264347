/* SPDX-License-Identifier: BSD-3-Clause */
/* Print a page of docs/ that is made from a table of the code: print_docs options | counters. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "conf/help.h"
#include "stat/counters.h"

static void
print_rows(const struct stat_name *names, size_t n, bool has_unit)
{
    for (size_t i = 0; i < n; i++) {
        if (has_unit)
            printf("| `%s` | %s | %s |\n", names[i].name, names[i].unit, names[i].meaning);
        else
            printf("| `%s` | %s |\n", names[i].name, names[i].meaning);
    }
}

static void
print_counters(void)
{
    puts("# Counters\n");
    puts("This page is made from the lists in `lib/stat/counters.h`; the names are the keys of the "
         "JSON "
         "result.\nFrom where to where clocks run is in [MEASURING.md](MEASURING.md).\n");
    puts("## What is counted\n");
    puts("| counter | unit | meaning |\n|---|---|---|");
    print_rows(stat_counter_names, CTR_COUNT, true);
    puts("\n## Why a connection failed\n");
    puts("| cause | meaning |\n|---|---|");
    print_rows(stat_failure_names, FAILURE_COUNT, false);
}

int
main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "options") == 0)
        conf_options_markdown(stdout);
    else if (argc == 2 && strcmp(argv[1], "counters") == 0)
        print_counters();
    else
        return 2;
    return 0;
}
