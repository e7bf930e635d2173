#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cmake --install, then the tree is moved: programs find the firmware, man pages and completions match the commands.
# usage: install_tree.sh BUILD_FOLDER
build=$1
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cmake --install "$build" --prefix "$work/installed" >/dev/null
mv "$work/installed" "$work/moved"
check_tree "$work/moved"

# Every option of every command is in its man page and is completed.
cp=$work/moved/share/bash-completion/completions/hilfarm
PATH=$work/moved/bin:$PATH
_init_completion() { words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}; }
_filedir() { return 1; }
source "$cp"
complete_words() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _hilfarm || true; echo "${COMPREPLY[*]:-}"; }
commands=$(hilfarm --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 7 ] || fail "commands in --help: $commands"
for command in $commands; do
    [[ " $(complete_words hilfarm "") " == *" $command "* ]] || fail "bash does not complete $command"
    options=$(hilfarm "$command" --help | sed -n 's/^  \(-o, \)\{0,1\}\(--[a-z-]*\).*/\2/p')
    [ -n "$options" ] || fail "hilfarm $command --help lists no options"
    page=$(sed 's/\\//g' "$work/moved/share/man/man1/hilfarm-$command.1")
    for option in $options; do
        [[ " $(complete_words hilfarm "$command" "${option%?}") " == *" $option "* ]] || fail "bash does not complete $command $option"
        [[ $page == *"$option"* ]] || fail "hilfarm-$command(1) lacks $option"
    done
done
[[ " $(complete_words hilfarm boards "i") " == " import " ]] || fail "bash does not complete 'hilfarm boards i': $(complete_words hilfarm boards i)"
if command -v zsh >/dev/null; then
    zsh -n "$work/moved/share/zsh/site-functions/_hilfarm"
fi
echo "installed, moved and run: $(wc -w <<<"$commands") commands with their options"
