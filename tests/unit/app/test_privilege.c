/* SPDX-License-Identifier: BSD-3-Clause */
/* Whom root becomes. That it does is tests/system/test_user.py's. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "app/privilege.h"

static struct privilege p;
static struct fail f;

Test(privilege, without_a_word_root_stays)
{
    cr_assert(zero(int, privilege_choose(&p, &(struct privilege_facts){.user = ""}, &f)));
    cr_assert(not(p.drops));
}

Test(privilege, a_user_is_named_or_numbered)
{
    static const char *const users[] = {"nobody", "65534"};

    for (size_t i = 0; i < 2; i++) {
        cr_assert(zero(int, privilege_choose(&p, &(struct privilege_facts){.user = users[i]}, &f)));
        cr_assert(p.drops && p.is_asked && p.has_account);
        cr_assert(eq(uint, p.uid, 65534));
        cr_assert(eq(uint, p.gid, 65534));
        cr_assert(eq(str, p.name, "nobody"));
    }
}

Test(privilege, a_number_without_an_account_is_its_own_group)
{
    cr_assert(zero(int, privilege_choose(&p, &(struct privilege_facts){.user = "40961"}, &f)));
    cr_assert(p.drops && !p.has_account);
    cr_assert(eq(uint, p.uid, 40961));
    cr_assert(eq(uint, p.gid, 40961));
}

Test(privilege, who_called_sudo_is_become_again)
{
    struct privilege_facts facts = {.user = "", .sudo_uid = "40961", .sudo_gid = "40962"};

    cr_assert(zero(int, privilege_choose(&p, &facts, &f)));
    cr_assert(p.drops && !p.is_asked);
    cr_assert(eq(uint, p.uid, 40961));
    cr_assert(eq(uint, p.gid, 40962));
    facts.user = "root"; /* says more */
    cr_assert(zero(int, privilege_choose(&p, &facts, &f)));
    cr_assert(not(p.drops));
}

Test(privilege, what_sudo_never_says_is_not_believed)
{
    static const struct privilege_facts rows[] = {
        {.user = "", .sudo_uid = "0", .sudo_gid = "0"},
        {.user = "", .sudo_uid = "1000"},
        {.user = "", .sudo_uid = "-1", .sudo_gid = "1"},
        {.user = "", .sudo_uid = "4294967295", .sudo_gid = "1"},
        {.user = "", .sudo_uid = "12x", .sudo_gid = "1"},
        {.user = "", .sudo_uid = "", .sudo_gid = ""},
        {.user = "", .euid = 1000, .sudo_uid = "1001", .sudo_gid = "1001"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(zero(int, privilege_choose(&p, &rows[i], &f)), "%zu", i);
        cr_expect(not(p.drops), "%zu", i);
    }
}

Test(privilege, who_is_not_there_is_named)
{
    cr_assert(eq(int, privilege_choose(&p, &(struct privilege_facts){.user = "no-such"}, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    cr_assert(strstr(f.text, "no user 'no-such'") != NULL, "%s", f.text);
}

Test(privilege, only_root_becomes_somebody_else)
{
    struct privilege_facts facts = {.euid = 1000, .user = "nobody"};

    cr_assert(eq(int, privilege_choose(&p, &facts, &f), -1));
    cr_assert(strstr(f.text, "only root can become nobody") != NULL, "%s", f.text);
    facts.user = "1000"; /* it is already */
    cr_assert(zero(int, privilege_choose(&p, &facts, &f)));
    cr_assert(not(p.drops));
}
