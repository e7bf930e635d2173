#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that every file named in ARCHITECTURE.md exists: names and patterns in the table in the folder of their row (or below it, or as a
# public header), links and paths anywhere else. Prints those that do not; exits 1 if there is one.
# usage: named_files.sh     in the root of the source tree
set -eu
failures=0 named=0
differ() { echo "ARCHITECTURE.md: $*"; failures=$((failures + 1)); }

# "FOLDER NAME" for every name in backquotes in the last column that looks like a file: twin.c, read*.c, figures.h
while read -r folder name; do
    named=$((named + 1))
    found=$(find "$folder" -path '*/'"$name" -print -quit)
    [ -n "$found" ] || differ "$folder has no $name"
done < <(awk -F' \\| ' '/^\| `/ && NF >= 4 { folder = $1; gsub(/^\| |`/, "", folder); sub(/,.*/, "", folder); print folder "|" $4 }' ARCHITECTURE.md |
    while IFS='|' read -r folder text; do
        grep -o '`[A-Za-z0-9_*]*\.[ch]`' <<<"$text" | tr -d '`' | sed "s|^|$folder |"
    done)

# Links, and names with a folder.
while IFS= read -r path; do
    named=$((named + 1))
    compgen -G "$path" >/dev/null || differ "there is no $path"
done < <({ grep -o '](\([^)]*\))' ARCHITECTURE.md | sed 's/^](//; s/)$//'; grep -o '`[a-z_]*/[A-Za-z0-9_./*-]*`' ARCHITECTURE.md | tr -d '`' | grep -v '^small/\|^e2e/\|^fault/\|^bench/\|<'; } | sort -u)

[ "$failures" -eq 0 ] || exit 1
[ "$named" -ge 100 ] || { echo "ARCHITECTURE.md: only $named names found: the checker does not understand it any more"; exit 1; }
echo "$named files and folders named in ARCHITECTURE.md exist"
