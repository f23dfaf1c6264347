/* SPDX-License-Identifier: BSD-3-Clause */
/* Print a page of pages.h: print_pages man | bash | zsh | fish. */
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "pages.h"

int
main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*write)(FILE *out);
    } pages[] = {{"man", man_write},
                 {"bash", completion_write_bash},
                 {"zsh", completion_write_zsh},
                 {"fish", completion_write_fish}};

    for (size_t i = 0; argc == 2 && i < ARRAY_LEN(pages); i++) {
        if (strcmp(argv[1], pages[i].name) == 0) {
            pages[i].write(stdout);
            return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    fputs("usage: print_pages man|bash|zsh|fish\n", stderr);
    return 2;
}
