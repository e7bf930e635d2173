# SPDX-License-Identifier: Apache-2.0
# Shared by the installation tests: sourced, not run.
set -euo pipefail
unset HILFARM_FIRMWARE_DIR HILFARM_BIN_DIR XDG_STATE_HOME
work=$(mktemp -d /tmp/hilfarm-install-XXXXXX)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"

fail() { echo "FAILED: $*" >&2; exit 1; }

# as_user COMMAND...: runs a command without root's permission to write everywhere
as_user() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

# check_tree PREFIX: the files of an installation, and a run on a virtual board by a user who cannot write the current folder
check_tree() {
    local prefix=$1 bin=$1/bin/hilfarm file command state=$work/state folder=$work/read-only
    for file in bin/hilfarmd bin/hilfarm-agent bin/hilfarm-vboard lib/systemd/system/hilfarm-agent.service lib/systemd/system/hilfarm-broker.service lib/systemd/system/hilfarm-renew.service lib/systemd/system/hilfarm-renew.timer lib/systemd/system/hilfarmd.service lib/systemd/system/hilfarmd.socket lib/sysusers.d/hilfarm.conf share/hilfarm/firmware/hilfarm-stm32l4r5zi.bin share/hilfarm/firmware/small/hilfarm-stm32l4r5zi.bin \
        share/bash-completion/completions/hilfarm lib/udev/rules.d/60-hilfarm.rules share/doc/hilfarm/examples/quick.yaml \
        share/doc/hilfarm/examples/FORMAT.md share/doc/hilfarm/examples/systemd/hilfarm-night.timer; do
        [ -f "$prefix/$file" ] || [ -f "$prefix/$file.gz" ] || fail "$file is not installed" # dh_compress
    done
    for file in security.md many-hosts.md; do # which packages compress
        ls "$prefix/share/doc/hilfarm/$file"* >/dev/null || fail "$file is not installed"
    done
    file=share/doc/hilfarm/examples/notify_mail.sh
    [ -x "$prefix/$file" ] || fail "$file is not executable"
    for command in "" $("$bin" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/-\1/p'); do
        ls "$prefix"/share/man/man1/"hilfarm$command".1* >/dev/null || fail "no man page hilfarm$command(1)"
    done
    for file in hilfarmd.8 hilfarm-agent.8 hilfarm-vboard.1 hilfarm-spec.5 hilfarm-farm.5; do
        ls "$prefix"/share/man/man?/$file* >/dev/null || fail "no man page $file"
    done

    rm -rf "$folder" "$state"
    mkdir -m 555 "$folder"
    mkdir -m 777 "$state"
    (cd "$folder" && as_user env XDG_STATE_HOME="$state" HOME=/nonexistent "$bin" run "$prefix/share/doc/hilfarm/examples/quick.yaml" --quiet) ||
        fail "a run in a read-only folder"
    [ -f "$state/hilfarm/hilfarm.db" ] || fail "the store is not in \$XDG_STATE_HOME"
    (cd "$folder" && as_user env XDG_STATE_HOME="$state" HOME=/nonexistent "$bin" report) | grep -q '2 measured, 0 failed' || fail "report"
    (cd "$folder" && as_user env HOME="$state" "$bin" runs >"$work/runs.txt" 2>&1) || true
    grep -q "$state/.local/state/hilfarm/hilfarm.db" "$work/runs.txt" || fail "the store without XDG_STATE_HOME: $(cat "$work/runs.txt")"
    # Where the current folder is writable, the store is there.
    mkdir -m 777 "$work/writable"
    (cd "$work/writable" && as_user env XDG_STATE_HOME="$state" HOME=/nonexistent "$bin" runs >"$work/runs.txt" 2>&1) || true
    grep -q 'results/hilfarm.db' "$work/runs.txt" || fail "the store of a writable folder: $(cat "$work/runs.txt")"
    rmdir "$work/writable"
}
