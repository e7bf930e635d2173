#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Holds the lists of CONTRIBUTING.md to what they say: every file that is named is there, none twice, and a list is no longer than the
# limit it begins with. Prints "kind files" for every list; exits 1 with the reasons if one is not true.
# usage: lists.sh     in the source tree's root
set -eu
failures=0
differ() { echo "CONTRIBUTING.md: $*"; failures=$((failures + 1)); }

kinds=$(sed -n 's/^## //p' CONTRIBUTING.md)
[ -n "$kinds" ] || differ "no lists"
while IFS= read -r kind; do
    section=$(awk -v head="## $kind" '$0 == head { on = 1; next } /^## / { on = 0 } on' CONTRIBUTING.md)
    limit=$(sed -n 's/^At most \([0-9]*\) files.*/\1/p' <<<"$section")
    # Items of the list, continuation lines included; what follows a colon is explanation.
    files=$(awk '/^- / { on = 1 } /^$/ { on = 0 } on { print }' <<<"$section" |
        sed 's/:.*//; /^[^-].*[^,:]$/{/^  `/!d}' | grep -o '`[^`]*/[^`]*`\|`ARCHITECTURE.md`' | tr -d '`' || true)
    count=$(grep -c . <<<"$files" || true)
    [ -n "$limit" ] || differ "$kind: says no limit (At most N files)"
    [ "$count" -gt 0 ] || differ "$kind: names no file"
    [ "$count" -le "${limit:-0}" ] || differ "$kind: $count files, at most ${limit:-0}"
    [ -z "$(sort <<<"$files" | uniq -d)" ] || differ "$kind: names a file twice: $(sort <<<"$files" | uniq -d)"
    while IFS= read -r file; do
        [ -z "$file" ] || [ -f "$file" ] || differ "$kind: there is no $file"
    done <<<"$files"
    echo "$kind: $count files"
done <<<"$kinds"

# What is named anywhere in the document is there.
while IFS= read -r file; do
    [ -e "$file" ] || differ "there is no $file"
done < <(grep -o '`[a-z_/A-Z0-9.]*/[a-zA-Z0-9_./-]*`' CONTRIBUTING.md | tr -d '`' | sort -u)
[ "$failures" -eq 0 ]
