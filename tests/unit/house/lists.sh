#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the lists of CONTRIBUTING.md: every file exists, none is listed twice, and no list exceeds its limit. Prints "kind: N files" for
# every list; exits 1 with the reasons if a check fails.
# usage: lists.sh     in the root of the source tree
set -eu
failures=0
differ() { echo "CONTRIBUTING.md: $*"; failures=$((failures + 1)); }

kinds=$(sed -n 's/^### //p' CONTRIBUTING.md)
[ -n "$kinds" ] || differ "it has no lists"
while IFS= read -r kind; do
    section=$(awk -v head="### $kind" '$0 == head { on = 1; next } /^##/ { on = 0 } on' CONTRIBUTING.md)
    limit=$(sed -n 's/^At most \([0-9]*\) files.*/\1/p' <<<"$section")
    # Items of the list with their continuation lines; text after a colon is an explanation.
    files=$(awk '/^- / { on = 1 } /^$/ { on = 0 } on { print }' <<<"$section" |
        sed 's/:.*//; /^[^-].*[^,:]$/{/^  `/!d}' | grep -o '`[^`]*/[^`]*`\|`ARCHITECTURE.md`' | tr -d '`' || true)
    count=$(grep -c . <<<"$files" || true)
    [ -n "$limit" ] || differ "$kind: no limit (At most N files)"
    [ "$count" -gt 0 ] || differ "$kind: names no file"
    [ "$count" -le "${limit:-0}" ] || differ "$kind: $count files, at most ${limit:-0}"
    [ -z "$(sort <<<"$files" | uniq -d)" ] || differ "$kind: names a file twice: $(sort <<<"$files" | uniq -d)"
    while IFS= read -r file; do
        [ -z "$file" ] || [ -f "$file" ] || differ "$kind: $file does not exist"
    done <<<"$files"
    echo "$kind: $count files"
done <<<"$kinds"

# Every file named anywhere in the document exists.
while IFS= read -r file; do
    [ -e "$file" ] || differ "$file does not exist"
done < <(grep -o '`[a-z_/A-Z0-9.]*/[a-zA-Z0-9_./-]*`' CONTRIBUTING.md | tr -d '`' | sort -u)
[ "$failures" -eq 0 ]
