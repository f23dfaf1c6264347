/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/suggest.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static const char *const words[] = {"--device", "--local", "--duration",
                                    "--rate",   "--vlan",  "--lcores"};

static const char *
nearest(const char *word)
{
    return suggest_nearest(word, words, sizeof(words) / sizeof(words[0]));
}

Test(suggest, distance_counts_slips)
{
    static const struct {
        const char *a, *b;
        unsigned slips;
    } rows[] = {
        {"", "", 0},         {"rate", "rate", 0},      {"", "abc", 3},     {"abc", "", 3},
        {"rate", "rote", 1}, {"rate", "rates", 1},     {"rate", "rat", 1}, {"device", "devcie", 1},
        {"ab", "ba", 1},     {"kitten", "sitting", 3}, {"abc", "cba", 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(eq(uint, suggest_distance(rows[i].a, rows[i].b), rows[i].slips), "%s %s",
                  rows[i].a, rows[i].b);
}

Test(suggest, the_nearest_word_is_found)
{
    cr_expect(eq(str, (char *)nearest("--devcie"), "--device"));
    cr_expect(eq(str, (char *)nearest("--devices"), "--device"));
    cr_expect(eq(str, (char *)nearest("-device"), "--device"));
    cr_expect(eq(str, (char *)nearest("--vlam"), "--vlan"));
    cr_expect(eq(str, (char *)nearest("--cores"), "--lcores"));
}

Test(suggest, the_beginning_of_a_word_is_near)
{
    cr_expect(eq(str, (char *)nearest("--dur"), "--duration"));
}

Test(suggest, a_far_word_is_not_guessed_at)
{
    static const char *const far[] = {"--nonsense", "--x", "--", "-", "", "--du", "--zzan"};

    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
        cr_expect(nearest(far[i]) == NULL, "%s", far[i]);
}

Test(suggest, a_very_long_word_is_near_nothing)
{
    char word[500];

    memset(word, 'd', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    cr_assert(eq(uint, suggest_distance(word, "d"), SUGGEST_WORD_MAX));
    cr_assert(nearest(word) == NULL);
}
