#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# types.sh: checks the types of all TypeScript in web/ with Debian's compiler (node-typescript). The build itself does not need it: esbuild
# removes the types without reading them. Exit status 77 without the compiler, as CTest expects of a test that is skipped.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v tsc >/dev/null || { echo "SKIPPED: there is no tsc (Debian: node-typescript)"; exit 77; }
tsc -p "${1:-web/tsconfig.json}" && echo "$(find web -name '*.ts' | wc -l) TypeScript files have no type errors"
