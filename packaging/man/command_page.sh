#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the man page of a command from its --help and an include file of help2man.
# usage: command_page.sh NAME PROGRAM_FOLDER VERSION INCLUDE OUTPUT_FOLDER SECTION      NAME: hilfarm, hilfarm-run, hilfarm-vboard ...
set -eu
name=$1 programs=$2 version=$3 include=$4 output=$5 section=$6
work=$output/work/$section
case $name.$section in
hilfarm.1 | hilfarmd.8 | hilfarm-agent.8 | hilfarm-vboard.1) help=$("$programs/$name" --help) ;;
*) help=$("$programs/hilfarm" "${name#hilfarm-}" --help) ;;
esac

# Exit status and examples, at the end of the help, become separate sections.
roff() { sed 's/\\/\\\\/g; s/-/\\-/g'; }
exit_status=$(awk '/^Examples?:$/ { on = 0 } /^Exit status/ { on = 1 } on' <<<"$help" | sed '1s/^Exit status:* *//' | roff)
examples=$(awk 'on; /^Examples?:$/ { on = 1 }' <<<"$help" | roff)
mkdir -p "$work"
{
    cat "$include"
    [ -z "$exit_status" ] || printf '\n[EXIT STATUS]\n%s\n' "$exit_status"
    [ -z "$examples" ] || printf '\n[EXAMPLES]\n.nf\n%s\n.fi\n' "$examples"
} >"$work/$name.h2m"

# help2man names the page after the program that it runs: a script that prints the rest of the help in GNU form.
{
    printf '#!/bin/sh\ncat <<"END"\n'
    awk '/^(Examples?:$|Exit status)/ { exit } { print }' <<<"$help" |
        sed 's/^usage:/Usage:/; s/^       hilfarm/  or:  hilfarm/; s/^  \([a-z]*\) /  \1  /' |
        sed 's/^\( \{20,\}\)\([a-z][a-zA-Z=-]*\)  *  \(.*\)/\1\2: \3;/' # values of an option, which help2man joins
    echo END
} >"$work/$name"
chmod +x "$work/$name"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$include")} \
    help2man --no-info --section="$section" --source="hilfarm $version" --version-string="$version" --include="$work/$name.h2m" \
    --output="$output/$name.$section" "$work/$name"
