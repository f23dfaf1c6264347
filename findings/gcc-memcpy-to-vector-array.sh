#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# GCC 12.2: memcpy() of 32 bytes into an array of one AVX2 vector goes through the stack in halves.
#
# `lanes v; memcpy(&v, p, 32)` is a load. `lanes v[1]; memcpy(v, p, 32)` is two loads of 16 bytes, two stores
# of 16 bytes to the stack and a load of 32 bytes from there, whatever -march says. A load that needs two stores is
# not forwarded, so each turn of the loop waits for them. Both copies have the same size.
#
# Who sums payload (checksums), or compares it, with GCC's vectors measures the stack. Two vectors a turn in an
# array look like an unrolled loop and cost several times as much as one. The times below are for reading only.
# Needs: a C library's headers, binutils.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get gcc-12=12.2.0-14+deb12u1 cpp-12=12.2.0-14+deb12u1 libgcc-12-dev=12.2.0-14+deb12u1 libc6-dev=2.36-9+deb12u14 \
    libisl23=0.25-1.1 libmpc3=1.3.1-1 libmpfr6=4.2.0-1
export LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu
cc() { "$dir/usr/bin/x86_64-linux-gnu-gcc-12" "$@"; }

cat >"$dir/sum.h" <<'C'
#include <stddef.h>
#include <stdint.h>
uint64_t into_variable(const uint8_t *data, size_t n);
uint64_t into_array(const uint8_t *data, size_t n);
C
cat >"$dir/sum.c" <<'C'
#include "sum.h"
#include <string.h>
typedef uint64_t lanes __attribute__((vector_size(32)));

__attribute__((target("avx2"))) uint64_t into_variable(const uint8_t *data, size_t n)
{
    lanes sum = {0};
    for (size_t i = 0; i < n; i++) {
        lanes v;
        memcpy(&v, data + i * 32, 32);
        sum += v & 0xffffffff;
    }
    return sum[0] + sum[1] + sum[2] + sum[3];
}

__attribute__((target("avx2"))) uint64_t into_array(const uint8_t *data, size_t n)
{
    lanes sum = {0};
    for (size_t i = 0; i < n; i++) {
        lanes v[1];
        memcpy(v, data + i * 32, 32);
        sum += v[0] & 0xffffffff;
    }
    return sum[0] + sum[1] + sum[2] + sum[3];
}
C
cat >"$dir/main.c" <<'C'
#include "sum.h"
#include <stdio.h>
#include <time.h>

static double ns(uint64_t (*f)(const uint8_t *, size_t))
{
    static uint8_t data[1504];
    struct timespec a, b;
    volatile uint64_t all = 0;

    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < 300000; i++)
        all += f(data + 1, 46);
    clock_gettime(CLOCK_MONOTONIC, &b);
    return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 300000;
}

int main(void)
{
    printf("time:     1472 bytes in %.0f ns by the variable, in %.0f ns by the array\n", ns(into_variable),
           ns(into_array));
    return 0;
}
C

halves_stored() { # FUNCTION: stores of 16 bytes in it
    sed -n "/^$1:/,/cfi_endproc/p" "$dir/sum.s" | grep -cE '%xmm[0-9]+, -?[0-9]*\(' || true
}
seen=
for march in corei7 haswell znver3; do
    cc -O3 -march=$march -S "$dir/sum.c" -o "$dir/sum.s"
    seen+="$march $(halves_stored into_variable) $(halves_stored into_array), "
done
echo "version:  $(cc --version | head -1)"
echo "expected: no 16-byte store in either function: 32 bytes are one register"
echo "seen:     -march, stores by the variable, stores by the array: ${seen%, }"
if [ -n "$(command -v ld)" ] && grep -qw avx2 /proc/cpuinfo; then
    cc -O3 -march=corei7 -B"$dir/usr/lib/gcc/x86_64-linux-gnu/12" "$dir/sum.c" "$dir/main.c" -o "$dir/main" &&
        timeout 20 "$dir/main"
fi

if [ "$seen" = "corei7 0 2, haswell 0 2, znver3 0 2, " ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
