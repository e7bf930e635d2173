# SPDX-License-Identifier: Apache-2.0
# The number of files that a change touches, and violations of the module borders, as rows of metric,value,unit,goal,better.
set -u

# The lists of CONTRIBUTING.md, which tests/unit/house/lists.sh counts.
lists=$(bash tests/unit/house/lists.sh) || echo "$lists" >&2
files() { sed -n "s/^$1: \([0-9]*\) files\$/\1/p" <<<"$lists"; }
twin=$(files "A virtual twin of a chip")
chip=$(files "A chip")
echo "files_for_a_figure,$(files "A figure"),files,4,lower"
echo "files_for_a_chip,$chip,files,3,lower"
echo "files_for_a_chip_and_its_twin,$((chip + twin)),files,6,lower"
echo "files_for_an_operator,$(files "An operator"),files,10,lower"
echo "files_for_a_family,$(files "A family"),files,4,lower"

# Every line of the checker except the last is a forbidden or undocumented dependency.
edges=$(bash tests/unit/house/borders.sh build/release/modules.txt) && forbidden=0 || forbidden=$(($(wc -l <<<"$edges") - 1))
echo "forbidden_edges,$forbidden,edges,0,lower"

# The longest function without assembly, counted from its opening to its closing brace, both in the first column.
longest=$(git ls-files 'orchestrator/*.c' 'agents/*.c' 'firmware/*.c' | xargs awk '
    FNR == 1 { open = 0 }
    /^{/ { open = FNR; assembly = 0; next }
    /__asm/ { assembly = 1 }
    /^}/ { if (open && !assembly && FNR - open + 1 > most) { most = FNR - open + 1; where = FILENAME ":" open } open = 0 }
    END { print most, where }')
echo "longest_function,${longest% *},lines,60,lower"
echo "longest function: ${longest#* }" >&2

# Circular dependencies between files.
if [ -f tests/unit/house/circles.sh ]; then
    circles=$(bash tests/unit/house/circles.sh $(find build/release -name "lib*.a")) && found=0 || found=$(grep -c . <<<"$circles")
    echo "circles_between_files,$found,circles,0,lower"
fi
