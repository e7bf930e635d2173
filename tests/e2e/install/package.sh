#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Debian package, which must pass lintian without errors, and installs, upgrades, runs,
# removes and purges it in a root of its own.
# usage: package.sh      in the root of the source tree
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
for tool in dpkg-buildpackage dh lintian help2man lowdown git; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "SKIPPED: not a git checkout"; exit 77; }

bash scripts/package.sh >"$work/package.log" 2>&1 || { cat "$work/package.log" >&2; fail "scripts/package.sh"; }
deb=$(ls "$PWD"/build/package/hilfarm_*.deb)

root=$work/root
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers} "$root"/usr/lib "$root"/etc
ln -s usr/lib "$root/lib" # as on every Debian 12
touch "$root"/var/lib/dpkg/{status,available}
# The package's scripts run on this host, told by DPKG_ROOT to work on the root. This host's services are not theirs.
mkdir "$work/stubs"
for tool in systemctl deb-systemd-invoke udevadm; do ln -s /bin/true "$work/stubs/$tool"; done
# Dependencies are the host's; the root has none of them.
dpkg_root() {
    PATH=$work/stubs:$PATH dpkg --root="$root" --log=/dev/null --force-not-root --force-depends --force-bad-path --force-script-chrootless "$@" \
        >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "dpkg $*"; }
}

# Upgrade from an older version that had one more file. What users and the daemon wrote stays.
dpkg-deb --raw-extract "$deb" "$work/older"
sed -i 's/^Version: .*/Version: 0.0.1/' "$work/older/DEBIAN/control"
echo obsolete >"$work/older/usr/share/hilfarm/firmware/obsolete.bin"
dpkg-deb --root-owner-group --build "$work/older" "$work/older.deb" >/dev/null
dpkg_root --install "$work/older.deb"
[ -f "$root/usr/share/hilfarm/firmware/obsolete.bin" ] || fail "the older version is not installed"
echo "boards: []" >"$root/etc/hilfarm/farm.yaml"
echo precious >"$root/var/lib/hilfarm/hilfarm.db"
dpkg_root --install "$deb"
[ ! -e "$root/usr/share/hilfarm/firmware/obsolete.bin" ] || fail "the upgrade leaves an obsolete file"
dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}\n' hilfarm | grep -qx installed || fail "not installed"
grep -qx precious "$root/var/lib/hilfarm/hilfarm.db" || fail "the upgrade loses the state"
check_tree "$root/usr"

# The daemon's user, group, folder and units.
grep -q '^hilfarm:' "$root/etc/passwd" || fail "no user hilfarm"
gid=$(sed -n 's/^hilfarm:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")
[ -n "$gid" ] || fail "no group hilfarm"
if [ "$(id -u)" -eq 0 ]; then
    [ "$(stat -c '%g %a' "$root/var/lib/hilfarm")" = "$gid 750" ] || fail "/var/lib/hilfarm: $(stat -c '%g %a' "$root/var/lib/hilfarm"), expected $gid 750"
fi
for unit in hilfarmd.service hilfarmd.socket hilfarm-agent.service hilfarm-broker.service hilfarm-renew.timer; do
    [ -n "$(find "$root/etc/systemd/system" -name "$unit")" ] || fail "$unit is not enabled"
done

# A run through the daemon, as an ordinary user.
mkdir -m 777 "$work/daemon"
export HILFARM_SOCKET=$work/daemon/hilfarmd.sock
user=() # not as_user: in the background that would be a shell, which a signal would end instead of the daemon
[ "$(id -u)" -ne 0 ] || user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
"${user[@]}" env HOME=/nonexistent "$root/usr/bin/hilfarmd" --socket "$HILFARM_SOCKET" --state "$work/daemon/state" >"$work/daemon.log" 2>&1 &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
for _ in $(seq 300); do [ -S "$HILFARM_SOCKET" ] && break; sleep 0.1; done
as_user env HOME=/nonexistent XDG_STATE_HOME="$work/daemon/user" "$root/usr/bin/hilfarm" run "$root/usr/share/doc/hilfarm/examples/quick.yaml" --quiet >"$work/run.log" 2>&1 ||
    { cat "$work/run.log" "$work/daemon.log" >&2; fail "a run through the daemon"; }
kill "$daemon"
wait "$daemon" || fail "the daemon does not stop: $(cat "$work/daemon.log")"
[ -s "$work/daemon/state/hilfarm.db" ] || fail "the daemon has no store"
unset HILFARM_SOCKET

dpkg_root --remove hilfarm
[ -f "$root/var/lib/hilfarm/hilfarm.db" ] || fail "removing the package loses the state"
dpkg_root --purge hilfarm
[ ! -e "$root/var/lib/hilfarm" ] || fail "the purge leaves the state"
[ -f "$root/etc/hilfarm/farm.yaml" ] || fail "the purge deletes what the administrator wrote"
# The user stays (Debian policy: no other account may get its number); dpkg keeps its records in /var/lib.
left=$(find "$root" \( -path "$root/var/lib/dpkg" -o -path "$root/etc/hilfarm" \) -prune -o -type f ! -path "$root/etc/*passwd*" ! -path "$root/etc/*group*" \
    ! -path "$root/etc/*shadow*" ! -name .pwd.lock -print)
[ -z "$left" ] || fail "left after the purge: $left"
echo "package: built, checked, installed, upgraded, run with and without the daemon, removed and purged"
