#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs dependencies on Debian 12, builds, and runs a sweep on virtual boards. Safe to run again; see README.md.
# usage: scripts/demo.sh [SPEC.yaml [further arguments for `hilfarm run`]]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- configs/mobilenet_sweep.yaml

say "1/3 Debian packages"
packages=("${build_packages[@]}")
targets=(hilfarm hilfarm-vboard firmware_images)
if grep -q '^train:' "$1"; then
    packages+=("${train_packages[@]}")
    targets+=(hilfarm-train)
fi
install_packages "${packages[@]}"

say "2/3 Building host programs and firmware (preset release)"
build release "${targets[@]}"

say "3/3 hilfarm run $*"
exec build/release/bin/hilfarm run "$@"
