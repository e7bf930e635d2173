#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Debian package, which must pass lintian without errors, and installs, upgrades, runs and purges it in a root of its own.
# usage: package.sh      in the root of the source tree
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
for tool in dpkg-buildpackage dh lintian help2man lowdown git; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "SKIPPED: not a git checkout"; exit 77; }

bash scripts/package.sh >"$work/package.log" 2>&1 || { cat "$work/package.log" >&2; fail "scripts/package.sh"; }
deb=$(ls "$PWD"/build/package/hilfarm_*.deb)

root=$work/root
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
touch "$root"/var/lib/dpkg/{status,available}
# Dependencies are the host's; the root has none of them.
dpkg_root() { dpkg --root="$root" --log=/dev/null --force-not-root --force-depends --force-bad-path "$@" >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "dpkg $*"; }; }
# Upgrade from an older version that had one more file.
dpkg-deb --raw-extract "$deb" "$work/older"
sed -i 's/^Version: .*/Version: 0.0.1/' "$work/older/DEBIAN/control"
echo obsolete >"$work/older/usr/share/hilfarm/firmware/obsolete.bin"
dpkg-deb --root-owner-group --build "$work/older" "$work/older.deb" >/dev/null
dpkg_root --install "$work/older.deb"
[ -f "$root/usr/share/hilfarm/firmware/obsolete.bin" ] || fail "the older version is not installed"
dpkg_root --install "$deb"
[ ! -e "$root/usr/share/hilfarm/firmware/obsolete.bin" ] || fail "the upgrade leaves an obsolete file"
dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}\n' hilfarm | grep -qx installed || fail "not installed"
check_tree "$root/usr"
dpkg_root --purge hilfarm
left=$(find "$root" -path "$root/var" -prune -o -type f -print)
[ -z "$left" ] || fail "left after the purge: $left"
echo "package: built, checked, installed, upgraded, run and purged"
