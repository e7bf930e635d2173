#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes hilfarm-spec(5) or hilfarm-farm(5) from the introduction and the section of configs/FORMAT.md.
# usage: format_page.sh spec|farm FORMAT.md VERSION OUTPUT_FOLDER
set -eu
format=$1 document=$2 version=$3 output=$4
case $format in
spec) section="Job spec" other=farm what="job spec of hilfarm: what to measure, on which boards" ;;
farm) section="Farm file" other=spec what="farm file of hilfarm: the boards of a farm" ;;
esac
mkdir -p "$output"
{
    printf '# NAME\n\nhilfarm-%s - %s\n\n# DESCRIPTION\n\n' "$format" "$what"
    awk -v wanted="## $section" '/^<!--|^# / { next } /^## / { skip = $0 != wanted } !skip' "$document" | sed 's/\](\([^)]*\))/]/g; s/\[\([^]]*\)\]/\1/g'
    printf '\n# SEE ALSO\n\n**hilfarm**(1), **hilfarm-run**(1), **hilfarm-%s**(5)\n' "$other"
} | lowdown -s -tman -m "title: hilfarm-$format" -m "section: 5" -m "source: hilfarm $version" -m "volume: File formats" >"$output/hilfarm-$format.5"
