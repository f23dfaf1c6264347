/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/secret.h"

static char base[64], folder[96], file[128], other[128];

static void
begin(void)
{
    strcpy(base, "/tmp/shakedown-secret-XXXXXX");
    cr_assert(mkdtemp(base) != NULL);
    snprintf(folder, sizeof(folder), "%s/shakedown", base);
    snprintf(file, sizeof(file), "%s/sequence-secret", folder);
    snprintf(other, sizeof(other), "%s/other", base);
}

static void
end(void)
{
    unlink(file);
    unlink(other);
    unlink(folder);
    rmdir(folder);
    rmdir(other);
    rmdir(base);
}

TestSuite(secret, .init = begin, .fini = end);

static bool
is_equal(struct siphash_key a, struct siphash_key b)
{
    return a.k0 == b.k0 && a.k1 == b.k1;
}

static void
expect_refusal(const char *hint)
{
    struct siphash_key key;
    char why[256] = "";

    cr_assert(not(secret_keep(folder, &key, why, sizeof(why))));
    cr_assert(strstr(why, folder) != NULL && strstr(why, hint) != NULL, "%s", why);
}

Test(secret, new_ones_differ)
{
    cr_assert(not(is_equal(secret_new(), secret_new())));
}

Test(secret, it_is_kept_for_the_next_run_and_for_nobody_else)
{
    struct siphash_key first, second;
    char why[256];
    struct stat st;

    umask(0);
    cr_assert(secret_keep(folder, &first, why, sizeof(why)));
    cr_assert(secret_keep(folder, &second, why, sizeof(why)));
    cr_assert(is_equal(first, second));
    cr_assert(eq(int, stat(file, &st), 0));
    cr_assert(eq(uint, st.st_mode & 07777, 0600));
    cr_assert(eq(int, stat(folder, &st), 0));
    cr_assert(eq(uint, st.st_mode & 07777, 0700));
    cr_assert(eq(uint, st.st_nlink, 2)); /* and nothing else was left */
}

Test(secret, two_places_have_two_secrets)
{
    struct siphash_key first, second;
    char why[256];

    cr_assert(secret_keep(folder, &first, why, sizeof(why)));
    unlink(file);
    cr_assert(secret_keep(folder, &second, why, sizeof(why)));
    cr_assert(not(is_equal(first, second)));
}

Test(secret, one_that_others_could_read_is_not_taken)
{
    struct siphash_key key;
    char why[256];

    cr_assert(secret_keep(folder, &key, why, sizeof(why)));
    chmod(file, 0644);
    expect_refusal("others");
    chmod(file, 0600);
    chmod(folder, 0755);
    expect_refusal("others");
}

Test(secret, a_link_in_its_place_is_not_followed)
{
    struct siphash_key key;
    char why[256];

    cr_assert(secret_keep(folder, &key, why, sizeof(why)));
    cr_assert(zero(int, rename(file, other)));
    cr_assert(zero(int, symlink(other, file)));
    expect_refusal("symbolic");
    unlink(file);
    unlink(other);
    cr_assert(zero(int, rename(folder, other)));
    cr_assert(zero(int, symlink(other, folder)));
    expect_refusal("");
}

Test(secret, a_file_that_is_too_short_is_no_secret)
{
    struct siphash_key key;
    char why[256];

    cr_assert(secret_keep(folder, &key, why, sizeof(why)));
    cr_assert(zero(int, truncate(file, 15)));
    expect_refusal("no key");
}
