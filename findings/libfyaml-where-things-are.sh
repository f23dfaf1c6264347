#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# libfyaml 0.7.12: the start mark of a quoted scalar or of an alias is not where it starts.
#
# Who points at a fault in a file takes fy_event_start_mark() for the place. For a plain scalar it is the first character;
# for a quoted one it is the character behind the opening quote, for an alias the one behind the asterisk, and a key
# without a value gives an event whose start mark is NULL. A caret drawn there is off by one, or there is
# no place to draw it.
#
# Needs: gcc.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=0.7.12-2...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libfyaml-dev=0.7.12-2 libfyaml0=0.7.12-2
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/marks.c" <<'C'
#include <libfyaml.h>
#include <stdio.h>

int main(void)
{
    static const char text[] = "a: &x plain\nb: 'quoted'\nc: *x\nd:\n";
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET};
    struct fy_parser *parser = fy_parser_create(&config);
    struct fy_event *event;
    unsigned n = 0;

    fy_parser_set_string(parser, text, sizeof(text) - 1);
    while ((event = fy_parser_parse(parser)) != NULL) {
        if (event->type == FYET_SCALAR || event->type == FYET_ALIAS) {
            const struct fy_mark *mark = fy_event_start_mark(event);

            if (n++ % 2 == 1) { /* values, not keys */
                if (mark == NULL)
                    printf("NULL ");
                else
                    printf("%d:%d ", mark->line, mark->column);
            }
        }
        fy_parser_event_free(parser, event);
    }
    printf("\n%s\n", fy_library_version());
    fy_parser_destroy(parser);
    return 0;
}
C
gcc -I"$dir/usr/include" "$dir/marks.c" -o "$dir/marks" "$lib/libfyaml.so.0"
mapfile -t lines < <("$dir/marks")

echo "version:  libfyaml ${lines[1]}"
echo "expected: 0:6 1:3 2:3 3:2, where the values are, lines and columns from 0"
echo "seen:     ${lines[0]}"

if [ "${lines[0]}" = "0:6 1:4 2:4 NULL " ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
