#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds build/package/hilfarm_VERSION_ARCH.deb from the committed files and debian/, and checks it with lintian.
# usage: scripts/package.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "1/3 Debian packages"
install_packages "${build_packages[@]}" "${package_packages[@]}"

say "2/3 Building the package (build/package)"
rm -rf build/package
source_tree=$PWD/build/package/hilfarm
mkdir -p "$source_tree"
git ls-files -z | xargs -0 cp --parents --no-dereference --target-directory="$source_tree"
# dpkg-buildpackage puts the package into the parent of the source tree.
(cd "$source_tree" && dpkg-buildpackage --build=binary --unsigned-changes --unsigned-source >../build.log 2>&1) ||
    { tail -n 40 build/package/build.log | cut -c1-200 >&2; exit 1; }

say "3/3 lintian"
lintian --fail-on error --tag-display-limit 0 build/package/hilfarm_*.deb
echo "package: $(ls build/package/hilfarm_*.deb)"
