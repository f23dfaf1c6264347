#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# same.sh FILE PRINTER PAGE [TEMPLATE]: whether the file of docs/ is what the lists of the code say. Where it has
# a line "<!-- PAGE -->", only the paragraph below that is. To mend the file: PRINTER PAGE [TEMPLATE] > FILE
file=$1
shift
if grep -q "^<!-- $2 -->$" "$file"; then
    "$@" | diff -u --label "$file" --label "$2" /dev/fd/3 - 3<<EOF
$(sed -n "/^<!-- $2 -->$/,/^$/{/^<!--/d;/^$/d;p}" "$file")
EOF
else
    "$@" | diff -u "$file" -
fi
