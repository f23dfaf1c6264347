/* SPDX-License-Identifier: BSD-3-Clause */
/* Feeds every file of a corpus folder to a fuzz target, with any compiler and without libFuzzer.
 * Usage: replay_NAME FOLDER. Exit 1 when there was nothing to feed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const size_t INPUT_MAX = 1 << 20;

/* The bytes in a block of exactly their size, so that a sanitizer sees the first one too many. */
static int
feed(const char *folder, const char *name)
{
    uint8_t *data = malloc(INPUT_MAX), *exact;
    char path[4096];
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (data == NULL || file == NULL) {
        perror(path);
        exit(1);
    }
    len = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    exact = realloc(data, len > 0 ? len : 1);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 1;
}

int
main(int argc, char **argv)
{
    struct dirent *entry;
    int n_fed = 0;
    DIR *dir;

    dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (dir == NULL) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER (one that exists)\n", argv[0]);
        return 1;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            n_fed += feed(argv[1], entry->d_name);
    }
    closedir(dir);
    printf("%d inputs\n", n_fed);
    return n_fed > 0 ? 0 : 1;
}
