# SPDX-License-Identifier: Apache-2.0
# The check of types reports each wrong type, missing import and unused parameter, and nothing else: types_refused.sh SOURCE_FOLDER.
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '{"extends": "%s/web/tsconfig.json", "include": ["*.ts"]}\n' "$source" >"$work/tsconfig.json"
echo 'export const bytes = (text: string): number => text.length;' >"$work/right.ts"
echo 'export const bytes: number = "12";' >"$work/wrong_type.ts"
echo 'import { absent } from "./absent"; export const a: number = absent;' >"$work/wrong_import.ts"
echo 'export const first = (values: number[] | null): number => values[0];' >"$work/wrong_null.ts"
echo 'export function twice(value: number): number { return 2; }' >"$work/wrong_unused.ts"
status=0
bash "$source/scripts/types.sh" "$work/tsconfig.json" >"$work/log" || status=$?
[ $status -ne 77 ] || { cat "$work/log"; exit 77; }
[ $status -ne 0 ] || { echo "wrong types are accepted"; exit 1; }
for file in wrong_type wrong_import wrong_null wrong_unused; do
    grep -q "$file.ts(1," "$work/log" || { cat "$work/log"; echo "$file.ts is accepted"; exit 1; }
done
if grep "right.ts" "$work/log"; then
    echo "right types are refused"
    exit 1
fi
