#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, builds and runs every test: formatting, clang-tidy, the fuzzers' corpora, the suite with sanitizers, the end-to-end tests as released.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "1/5 Debian packages"
install_packages "${build_packages[@]}" "${check_packages[@]}"

say "2/5 Formatting (.clang-format)"
mapfile -t sources < <(git ls-files -- '*.c' '*.h')
clang-format-14 --dry-run -Werror "${sources[@]}"
echo "${#sources[@]} files are formatted"

say "3/5 Building (presets release and sanitize)"
build release
build sanitize

say "4/5 clang-tidy (.clang-tidy)"
# Only what the host build compiles: the compilation database says how.
mapfile -t checked < <(sed -n 's/^ *"file": "\(.*\.c\)",\{0,1\}$/\1/p' build/release/compile_commands.json | sort -u)
printf '%s\0' "${checked[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy-14 -p build/release --quiet 2>&1 |
    { grep -v 'warnings generated\.\|warning generated\.\|Suppressed .* warnings\|^Use -header-filter' || true; } | tee build/clang-tidy.log
if grep -q 'error:\|warning:' build/clang-tidy.log; then
    echo "error: clang-tidy has findings (build/clang-tidy.log)" >&2
    exit 1
fi
echo "${#checked[@]} files are clean"

say "5/5 Tests: the fuzzers' corpora, everything with sanitizers, then end to end as released"
if [ ! -d "${HILFARM_SHARED:-../shared}" ]; then
    echo "note: no shared reference folder beside the checkout: the tests that need it report themselves as skipped"
fi
build fuzz
ctest --preset fuzz
ctest --preset sanitize -j "$(nproc)"
ctest --preset release -L 'e2e|fault'
