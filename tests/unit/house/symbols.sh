#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds global functions and data that two files define. The linker silently prefers a program's own definition to a library's, so
# the library would call the wrong function. Lists them; exits 1 if there is one.
# usage: symbols.sh OBJECT_OR_ARCHIVE...
set -eu
twice=$(nm -A -g --defined-only "$@" 2>/dev/null | awk '
    NF >= 3 && $(NF - 1) ~ /^[TDBR]$/ {
        file = $1
        sub(/:[0-9a-f]*$/, "", file)
        if ($NF in home && home[$NF] != file) print $NF ": " home[$NF] " and " file
        home[$NF] = file
    }')
if [ -n "$twice" ]; then
    sed 's/[^ ]*\///g; s/\.c\.o\>/.c/g' <<<"$twice"
    exit 1
fi
echo "$# objects and libraries: no symbol is defined twice"
