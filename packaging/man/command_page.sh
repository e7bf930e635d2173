#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the man page of a command from its --help.
# usage: command_page.sh NAME PROGRAM_FOLDER VERSION INCLUDE OUTPUT_FOLDER      NAME: hilfarm, hilfarm-run, hilfarm-vboard ...
set -eu
name=$1 programs=$2 version=$3 include=$4 output=$5

# help2man names the page after the program it runs, so it runs this one, which passes on the help in GNU form.
case $name in
hilfarm | hilfarm-vboard) call=("$programs/$name") ;;
*) call=("$programs/hilfarm" "${name#hilfarm-}") ;;
esac
mkdir -p "$output/bin"
{
    echo '#!/usr/bin/env bash'
    printf '%q ' "${call[@]}"
    echo '--help | sed "s/^usage:/Usage:/; s/^exit status:/Exit status:/; s/^  \([a-z]*\) /  \1  /"'
} >"$output/bin/$name"
chmod +x "$output/bin/$name"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$include")} \
    help2man --no-info --section=1 --source="hilfarm $version" --version-string="$version" --include="$include" \
    --output="$output/$name.1" "$output/bin/$name"
