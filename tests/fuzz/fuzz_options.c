/* SPDX-License-Identifier: BSD-3-Clause */
/* Any command line, one word a line, is read or refused with a reason. No name is resolved. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf conf;
    char *text = calloc(1, size + 1), *argv[512] = {text};
    struct fail fail = {0};
    int argc = 1;

    if (size > 0)
        memcpy(text, data, size);
    for (size_t i = 0; i < size && argc < 512; i++) {
        if (text[i] == '\n' || text[i] == '\0') {
            text[i] = '\0';
            argv[argc++] = &text[i + 1];
        }
    }
    if (conf_parse_args(&conf, argc, argv, &fail) < 0 && fail.text[0] == '\0')
        abort();
    free(text);
    return 0;
}
