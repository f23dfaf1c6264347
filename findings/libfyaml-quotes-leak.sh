#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# libfyaml 0.7.12 leaks memory for each scalar in single quotes that has four or more quotes in it.
#
# 'it''s' is YAML's way to write a quote between quotes. With up to three of them nothing is left when the document is
# destroyed; from four on a table of the scalar's pieces is not given back: 512 bytes for 4, 8 KiB for 100. Nothing is
# wrong with the text or with what is read of it, and the same scalar in double quotes leaves nothing.
#
# A program that reads its settings once never notices. One that parses what others send, or the same file at each
# reload, grows without end, and a fuzzer with a leak detector stops at it. Needs: gcc with libasan.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libfyaml-dev=0.7.12-2 libfyaml0=0.7.12-2
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/quotes.c" <<'C'
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One document, read and destroyed: 'a''...''b' or "a\"...\"b" with so many quotes in it. */
int
main(int argc, char **argv)
{
    char quote = argc > 2 ? '"' : '\'', text[4096] = {quote, 'a'}, *end = text + 2;
    struct fy_document *d;
    size_t len = 0;

    for (int i = 0; i < atoi(argv[1]); i++) {
        *end++ = quote == '"' ? '\\' : quote;
        *end++ = quote;
    }
    *end++ = 'b';
    *end++ = quote;
    d = fy_document_build_from_string(NULL, text, FY_NT);
    if (d == NULL || fy_node_get_scalar(fy_document_root(d), &len) == NULL)
        return 9;
    fy_document_destroy(d);
    printf("%zu ", len);
    return 0;
}
C
gcc -g -fsanitize=address -I"$dir/usr/include" "$dir/quotes.c" -o "$dir/quotes" -L"$lib" -lfyaml
seen=
for n in 3 4 100; do
    for kind in "" double; do
        said=$("$dir/quotes" $n $kind 2>&1) || true
        left=$(sed -n 's/^SUMMARY: AddressSanitizer: \([0-9]*\) byte.*/\1/p' <<<"$said")
        seen+="$n:${left:-0} "
    done
done

echo "version:  libfyaml 0.7.12-2; quotes in a scalar, and bytes left behind, 'single' and \"double\""
echo "expected: 3:0 3:0 4:0 4:0 100:0 100:0"
echo "seen:     $seen"

if [ "$seen" = "3:0 3:0 4:512 4:0 100:8192 100:0 " ]; then echo "so it is"; else echo "no longer so"; exit 1; fi
