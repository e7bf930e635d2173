#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy (.clang-tidy) on every file of the host's release build. Skips a file if it, its includes, its compiler command and
# .clang-tidy are unchanged since it was last clean: build/clang-tidy holds a stamp for each clean state.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stamps=build/clang-tidy
mkdir -p "$stamps"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "SOURCE FILE" lines: the files each source depends on, including itself, according to the compiler. Relative to the build folder.
ninja -C build/release -t deps | awk '/^ / { if (!source) source = $1; print source, $1 } /^$/ { source = "" }' >"$work/parts"
awk '{ print $2 }' "$work/parts" | sort -u | (cd build/release && xargs -d '\n' sha256sum) >"$work/sums"
# "SOURCE COMMAND" lines, and the state of each source in the database: its command and the digests of its files.
awk '/"command":/ { command = $0 } /"file":/ { gsub(/[",]/, "", $2); if (!($2 in seen)) print $2, command; seen[$2] = 1 }' \
    build/release/compile_commands.json >"$work/commands"
general=$({ cat .clang-tidy; clang-tidy-14 --version; } | sha256sum)
: >"$work/all"
: >"$work/todo"
awk -v root="$PWD/" -v general="$general" '
    FILENAME ~ /sums$/ { digest[$2] = $1; next }
    FILENAME ~ /parts$/ { source = $1; sub(/^(\.\.\/)+/, root, source); if (!(($1, $2) in had)) state[source] = state[source] digest[$2]; had[$1, $2] = 1; next }
    { file = $1; $1 = ""; print file "\t" general $0 state[file] }' "$work/sums" "$work/parts" "$work/commands" >"$work/states"
while IFS=$'\t' read -r file state; do
    key=$(sha256sum <<<"$state" | cut -c1-64)
    echo "$key" >>"$work/all"
    [ -e "$stamps/$key" ] || printf '%s %s %s\n' "$(stat -c %s "$file")" "$key" "$file" >>"$work/todo"
done <"$work/states"
ls "$stamps" | grep -vxFf "$work/all" | (cd "$stamps" && xargs -r rm -f) || true

# Checks one file and writes its stamp if it is clean. Prints nothing unless it fails.
check() {
    local output
    if output=$(clang-tidy-14 -p build/release --quiet "$2" 2>&1); then
        : >"$stamps/$1"
    else
        grep -v 'warnings\{0,1\} generated\.\|Suppressed .* warnings\|^Use -header-filter' <<<"$output"
        return 1
    fi
}
export -f check
export stamps
total=$(wc -l <"$work/all")
changed=$(wc -l <"$work/todo")
# Largest files first, for an even load.
if ! sort -rn "$work/todo" | cut -d' ' -f2- | xargs -r -P "$(nproc)" -L 1 bash -c 'check "$@"' check; then
    echo "error: clang-tidy reported findings" >&2
    exit 1
fi
echo "$total files are clean; $changed of them had changed"
