/* SPDX-License-Identifier: BSD-3-Clause */
/* See suggest.h. */
#include "base/suggest.h"

#include <string.h>
#include <strings.h>

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: rows i-2, i-1 and i of the usual table are enough. */
unsigned
suggest_distance(const char *a, const char *b)
{
    unsigned rows[3][SUGGEST_WORD_MAX + 1];
    size_t n_a = strlen(a), n_b = strlen(b);

    if (n_a > SUGGEST_WORD_MAX || n_b > SUGGEST_WORD_MAX)
        return SUGGEST_WORD_MAX;
    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n_a; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

const char *
suggest_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t length = strlen(word), letters = strspn(word, "-");
    unsigned best = length - letters <= 4 ? 2 : 3; /* one more than is near */
    const char *nearest = NULL;

    for (size_t i = 0; i < n; i++)
        if (strcasecmp(word, candidates[i]) == 0)
            return candidates[i];
    for (size_t i = 0; i < n; i++) {
        unsigned distance = suggest_distance(word, candidates[i]);

        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    for (size_t i = 0; i < n && nearest == NULL && length >= letters + 3; i++)
        if (strncmp(word, candidates[i], length) == 0)
            nearest = candidates[i];
    return nearest;
}
