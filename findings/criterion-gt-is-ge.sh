#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Criterion 2.4.1: gt(T, a, b) of its new assertions holds when a equals b.
#
# <criterion/new/assert.h> has eq, ne, lt, le, gt and ge, each for a type: cr_assert(gt(int, n, 0)). All but gt do what
# their names say. gt is "at least", for every type, numbers as well as doubles, so the assertion that people write most
# with it, gt(..., n, 0) for "something came", cannot fail for an unsigned n: a test of nothing.
#
# We found it by a test that passed without the change that it was written for. Write lt(T, b, a) instead.
# Needs: gcc.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libcriterion-dev=2.4.1-2 libcriterion3=2.4.1-2 libgit2-1.5=1.5.1+ds-1+deb12u2 libnanomsg5=1.1.5+dfsg-1.1+b1 \
    libmbedcrypto7=2.28.3-1 libmbedtls14=2.28.3-1 libmbedx509-1=2.28.3-1 libhttp-parser2.9=2.9.4-5 \
    libssh2-1=1.10.0-3+deb12u1
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/gt.c" <<'C'
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static int five = 5;
static unsigned none;
static double half = 0.5;

Test(gt, int_5_is_above_5) { cr_assert(gt(int, five, 5)); }
Test(gt, uint_0_is_above_0) { cr_assert(gt(uint, none, 0)); }
Test(gt, dbl_half_is_above_half) { cr_assert(gt(dbl, half, 0.5)); }
Test(gt, int_5_is_above_6) { cr_assert(gt(int, five, 6)); }
Test(lt, int_5_is_below_5) { cr_assert(lt(int, five, 5)); }
Test(lt, uint_0_is_below_0) { cr_assert(lt(uint, none, 0)); }
Test(ge, int_5_is_at_least_6) { cr_assert(ge(int, five, 6)); }
Test(le, int_5_is_at_most_4) { cr_assert(le(int, five, 4)); }
C
gcc -I"$dir/usr/include" "$dir/gt.c" -o "$dir/gt" -L"$lib" -lcriterion -Wl,-rpath-link,"$lib"
"$dir/gt" --tap 2>"$dir/log" >"$dir/tap" || true

passed=$(grep -E '^ok' "$dir/tap" | grep -oE '[a-z]+::[a-z0-9_]+' | sort | paste -sd' ')
echo "version:  Criterion 2.4.1-2"
echo "expected: none of the eight holds"
echo "seen:     these hold: $passed"

if [ "$passed" = "gt::dbl_half_is_above_half gt::int_5_is_above_5 gt::uint_0_is_above_0" ]; then echo "so it is"; else
    cat "$dir/log"
    echo "no longer so"
    exit 1
fi
