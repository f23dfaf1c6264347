#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# same.sh PRINTER PAGE FILE: whether docs/FILE is what the code's tables say. To mend it: PRINTER PAGE > FILE
"$1" "$2" | diff -u "$3" -
