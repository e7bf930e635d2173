#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 to a finished sweep on virtual boards. Can be repeated; see README.md.
# usage: scripts/demo.sh [SPEC.yaml [more arguments of `hilfarm run`]]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- configs/mobilenet_sweep.yaml

say "1/3 Debian packages"
install_packages "${build_packages[@]}"

say "2/3 Building host programs and firmware (preset release)"
build release hilfarm hilfarm-vboard firmware_images

say "3/3 hilfarm run $*"
exec build/release/bin/hilfarm run "$@"
