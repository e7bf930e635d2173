#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the dependencies in the table of ARCHITECTURE.md, in CMake's links (MODULES_FILE, written at configure time) and in the
# includes of the sources. Prints every difference; exits 1 if there is one.
# usage: borders.sh MODULES_FILE     in the root of the source tree
set -eu
modules=$1
failures=0
differ() { echo "$*"; failures=$((failures + 1)); }

# "library folder": the rows of the table; "library use": what each may use, in its short form.
table=$(sed -n 's/^| `\([^`]*\)` | `\{0,1\}\([^`|]*[^`| ]\)`\{0,1\} | \([^|]*\) |.*/\2 \1 | \3/p' ARCHITECTURE.md)
# Short names, sorted: modules without hf_, external packages without PkgConfig:: or lib. Parts of the C library are ignored.
short() { sed 's/^hf_//; s/^PkgConfig:://; s/^Threads::Threads$//; s/^m$//' | tr 'A-Z' 'a-z' | sed 's/^lib//' | sed '/^$/d' | sort -u | paste -sd' '; }
# included FILE...: the folders in the quoted includes
included() { [ $# -eq 0 ] || sed -n 's/^#include "\([a-z_]*\)\/.*/\1/p' "$@" | sort -u; }

declare -A folder_of
while read -r library folder _; do folder_of[${library#[hv][fb]_}]=$folder; done <"$modules"

# needed FOLDER: the modules that its sources include, and those that these modules' public headers include
needed() {
    local open seen=" " module more
    mapfile -t files < <(find "$1" -maxdepth 1 -name '*.[ch]'; find "$1/include" -name '*.h' 2>/dev/null || true)
    open=$(included "${files[@]}")
    while [ -n "$open" ]; do
        more=
        for module in $open; do
            [[ $seen != *" $module "* ]] || continue
            seen+="$module "
            [ -z "${folder_of[$module]:-}" ] || more+=" $(included "${folder_of[$module]}"/include/*/*.h 2>/dev/null || true)"
        done
        open=$(tr -s ' ' '\n' <<<"$more" | sed '/^$/d' | sort -u)
    done
    echo "$seen"
}

while read -r library folder links; do
    row=$(grep "^$library " <<<"$table" || true)
    [ -n "$row" ] || { differ "ARCHITECTURE.md: no row for $library ($folder)"; continue; }
    [ "$(cut -d' ' -f2 <<<"$row")" = "$folder" ] || differ "ARCHITECTURE.md: $library is in $folder"
    said=$(cut -d'|' -f2 <<<"$row" | tr ',' '\n' | sed 's/^ *//; s/ *$//; s/^nothing$//' | short)
    linked=$(tr ' ' '\n' <<<"$links" | short)
    [ "$said" = "$linked" ] || differ "$library: ARCHITECTURE.md says '$said', CMake links '$linked'"

    # An include without a link does not compile. Here: a link without an include.
    uses=$(needed "$folder")
    for link in $links; do
        [[ $link != [hv][fb]_* || $uses == *" ${link#[hv][fb]_} "* ]] || differ "$library: links $link but includes none of its headers"
    done
done <"$modules"

while read -r library _; do
    grep -q "^$library " "$modules" || [[ $library != [hv][fb]_* ]] || differ "ARCHITECTURE.md: library $library does not exist"
done <<<"$table"

# A second debug tool can be added if only one file knows which tools exist.
users=$(grep -l '^#include "openocd/' agents/board/*.[ch] | paste -sd' ')
[ "$users" = agents/board/open_flasher.c ] || differ "agents/board: OpenOCD is included by '$users', expected agents/board/open_flasher.c alone"

[ "$failures" -eq 0 ] || { echo "$failures differences between ARCHITECTURE.md, CMake and the includes"; exit 1; }
echo "$(wc -l <"$modules") modules: the table, the links and the includes agree"
