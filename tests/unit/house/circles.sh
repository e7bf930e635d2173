#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Finds circular dependencies between the files of a library, according to the symbols in their object files. Lists them; exits 1 if
# there is one. Only the files of the engine may depend on each other freely.
# usage: circles.sh ARCHIVE...
set -eu
failures=0

# edges ARCHIVE: "user provider" for every symbol that one file of the library uses from another
edges() {
    nm -A -g "$1" 2>/dev/null | sed 's/^[^:]*:\([^:]*\):/\1 /' | awk '
        $2 == "U" { used[++count] = $1 " " $3; next }
        $3 ~ /^[A-Z]$/ && $3 != "U" { home[$4] = $1 }
        END {
            for (i = 1; i <= count; i++) {
                split(used[i], part, " ")
                if ((part[2] in home) && home[part[2]] != part[1]) print part[1], home[part[2]]
            }
        }' | sort -u
}

for archive in "$@"; do
    name=$(basename "$archive" .a)
    [ "$name" != libhf_engine ] || continue
    loops=$(edges "$archive" | tsort 2>&1 >/dev/null || true)
    [ -n "$loops" ] || continue
    failures=$((failures + $(grep -c 'contains a loop' <<<"$loops")))
    echo "${name#lib}: $(sed 's/^tsort: //; s/^-: input contains a loop:$/|/; s/\.c\.o$/.c/' <<<"$loops" | paste -sd' ' | sed 's/^| //; s/ | /; /g')"
done
[ "$failures" -eq 0 ] || { echo "$failures circular dependencies between files"; exit 1; }
echo "$# libraries: no circular dependencies between files"
