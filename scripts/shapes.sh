#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes a small data set for configs/train_shapes.yaml: coloured shapes, a folder of images per class.
# usage: scripts/shapes.sh [FOLDER [TRAIN-IMAGES [TEST-IMAGES [SIDE [SEED]]]]]     default: results/shapes 400 100 96 1
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- results/shapes

install_packages "${build_packages[@]}"
build release make_shapes
exec build/release/bin/make_shapes "$@"
