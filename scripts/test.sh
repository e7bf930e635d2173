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

say "4/5 clang-tidy (.clang-tidy), where something changed since it was last clean"
bash scripts/tidy.sh

say "5/5 Tests: the fuzzers' corpora, everything with sanitizers, then end to end as released"
if [ ! -d "${HILFARM_SHARED:-../shared}" ]; then
    echo "note: no shared reference folder beside the checkout: the tests that need it report themselves as skipped"
fi
build fuzz
ctest --preset fuzz
ctest --preset sanitize -j "$(nproc)"
ctest --preset release -L 'e2e|fault' -j "$(nproc)"

# CTest names programs that skipped everything; cases that others skipped are only in their logs.
say "Skipped"
skipped=$(grep -ahE '^(SKIPPED: |\[  SKIPPED \] [A-Za-z_])' build/{sanitize,release}/Testing/Temporary/LastTest.log | sort | uniq -c || true)
echo "${skipped:-nothing}"
