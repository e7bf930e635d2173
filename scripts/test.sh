#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs dependencies, builds and runs every test: formatting, clang-tidy, fuzz corpora, the tests with sanitizers, and in the
# release build the end-to-end tests and those of the engine on an emulated chip, whose code no sanitizer sees.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "1/5 Debian packages"
install_packages "${build_packages[@]}" "${check_packages[@]}" "${package_packages[@]}"

say "2/5 Formatting (.clang-format)"
mapfile -t sources < <(git ls-files -- '*.c' '*.h')
clang-format-14 --dry-run -Werror "${sources[@]}"
echo "${#sources[@]} files are formatted"

say "3/5 Building (presets release and sanitize)"
build release
build sanitize

say "4/5 clang-tidy (.clang-tidy) on changed files"
bash scripts/tidy.sh

say "5/5 Tests: fuzz corpora, tests with sanitizers, end-to-end tests and emulated engine in the release build"
if [ ! -d "${HILFARM_SHARED:-../shared}" ]; then
    echo "note: no reference folder ../shared: tests that need it are skipped"
fi
# What is in the source tree beside the build: tests leave it as it was.
list_tree() {
    git status --porcelain --ignored -- . ':!build'
    find results -mindepth 1 -printf '%p %l %T@\n' | sort
}
build fuzz
before=$(list_tree)
ctest --preset fuzz
ctest --preset sanitize -LE '^target$' -j "$(nproc)"
ctest --preset release -L 'e2e|fault|target' -j "$(nproc)"
if ! diff <(echo "$before") <(list_tree); then
    echo "tests have changed the source tree: they must write into folders of their own" >&2
    exit 1
fi

# CTest lists programs that skipped all their cases; other skipped cases appear only in the logs.
say "Skipped"
skipped=$(grep -ahE '^(SKIPPED: |\[  SKIPPED \] [A-Za-z_])' build/{sanitize,release}/Testing/Temporary/LastTest.log | sort | uniq -c || true)
echo "${skipped:-nothing}"
