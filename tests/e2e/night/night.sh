#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the commands of packaging/systemd/hilfarm-night.service for three nights: the first is green, the second measures a
# model that has grown, the third its repair.
# usage: night.sh BUILD_FOLDER
set -euo pipefail
build=$PWD/$(realpath --relative-to="$PWD" "$1")
unit=$PWD/packaging/systemd/hilfarm-night.service
work=$(mktemp -d /tmp/hilfarm-night-XXXXXX)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

if command -v systemd-analyze >/dev/null; then
    XDG_RUNTIME_DIR=$work systemd-analyze verify --user "$unit" "${unit%.service}.timer" >"$work/verify.txt" 2>&1 || fail "systemd-analyze verify: $(cat "$work/verify.txt")"
    [ ! -s "$work/verify.txt" ] || fail "systemd-analyze verify: $(cat "$work/verify.txt")"
else
    echo "SKIPPED: systemd-analyze is not installed"
fi

export HOME=$work PATH=$build/bin:$work/bin:$PATH USER=lab
unset XDG_STATE_HOME HILFARM_FIRMWARE_DIR MAILTO
mkdir -p "$work/bench" "$work/bin"
# Stands for the mail program: the subject and the text.
cat >"$work/bin/mail" <<'END'
#!/bin/sh
{ echo "To: $5"; echo "Subject: $2"; echo "$4"; cat; } >>"$HOME/mailbox"
END
chmod +x "$work/bin/mail"
cp configs/notify_mail.sh "$work/bench"
cat >"$work/bench/nightly.yaml" <<'END'
name: nightly
models: [{tflite: net.tflite}]
measure: {warmup: 0, runs: 2}
END
echo "boards: [{id: l4, chip: stm32l4r5zi, virtual: true, baud: 921600}]" >"$work/bench/farm.yaml"

# night ALPHA: what systemd would execute. @return the exit status of the run
night() {
    hilfarm export tflite "mobilenetv1_$1_32_c1_o2" -o "$work/bench/net.tflite"
    local status=0
    (cd "$work/bench" && eval "$(sed -n 's/^ExecStart=//p' "$unit")") || status=$?
    (cd "$work/bench" && eval "$(sed -n 's/^ExecStopPost=-\{0,1\}//p' "$unit")") >"$work/prune.txt" || fail "prune: $(cat "$work/prune.txt")"
    return $status
}

night 0.2 || fail "the first night: exit status $?"
[ ! -e "$work/mailbox" ] || fail "mail after a green night"
grep -q 'failures="0" errors="0"' "$work/bench/night.xml" || fail "JUnit of a green night: $(cat "$work/bench/night.xml")"

status=0
night 0.4 || status=$?
[ $status -eq 5 ] || fail "the night with a regression: exit status $status, expected 5"
grep -q '^Subject: hilfarm nightly: 1 regressed (1 of 1 measured)$' "$work/mailbox" || fail "mail: $(cat "$work/mailbox")"
grep -q '^Content-Type: text/markdown' "$work/mailbox" || fail "mail: $(cat "$work/mailbox")"
grep -q '^## hilfarm nightly: 1 regressed (1 of 1 measured)$' "$work/mailbox" || fail "mail with escapes: $(cat "$work/mailbox")"
grep -q '^### Regressed$' "$work/mailbox" || fail "mail without Markdown: $(cat "$work/mailbox")"
grep -q 'type="regression"' "$work/bench/night.xml" || fail "JUnit: $(cat "$work/bench/night.xml")"

rm "$work/mailbox"
night 0.2 || fail "the night after: exit status $?"
[ ! -e "$work/mailbox" ] || fail "mail after the repair: $(cat "$work/mailbox")"
grep -q '^deleted details of 0 runs' "$work/prune.txt" || fail "prune: $(cat "$work/prune.txt")"
