# SPDX-License-Identifier: Apache-2.0
# bash completion for hilfarm. Commands and options come from --help, so that they are never out of date.
_hilfarm() {
    local cur prev words cword
    _init_completion || return
    if ((cword == 1)); then
        COMPREPLY=($(compgen -W "--help --version $(hilfarm --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$cur"))
        return
    fi
    case $prev in
    --farm | --spec) _filedir '@(yaml|yml)' && return ;;
    --db | --output | -o | --junit | --markdown | --summary | --html | --data | --openocd | --vboard) _filedir && return ;;
    --firmware-dir) _filedir -d && return ;;
    --pixels) COMPREPLY=($(compgen -W '0..1 -1..1 0..255' -- "$cur")) && return ;;
    --bin) COMPREPLY=($(compgen -W 'u8 i8 f32' -- "$cur")) && return ;;
    --baseline) COMPREPLY=($(compgen -W 'last-green latest' -- "$cur")) && return ;;
    --fail-on) COMPREPLY=($(compgen -W 'failed missed' -- "$cur")) && return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(hilfarm "${words[1]}" --help 2>/dev/null | grep -oE '(^|[ ,[])--?[a-z][a-z-]*' | grep -oE -- '--?[a-z-]+' | sort -u)" -- "$cur"))
        return
    fi
    case ${words[1]} in
    attach | cancel | queue)
        COMPREPLY=($(compgen -W "$(hilfarm queue 2>/dev/null | sed -n '2,$s/ .*//p')" -- "$cur")) ;;
    console | reserve | release)
        COMPREPLY=($(compgen -W "$(hilfarm boards 2>/dev/null | sed -n '2,$s/ .*//p')" -- "$cur")) ;;
    boards)
        if ((cword == 2)); then
            COMPREPLY=($(compgen -W "$(hilfarm boards --help 2>/dev/null | sed -n '1,/^$/s/^ *hilfarm boards \([a-z][a-z]*\).*/\1/p')" -- "$cur"))
        elif [[ ${words[2]} == import ]]; then
            _filedir '@(yaml|yml)'
        fi ;;
    run | train | optimize | validate) _filedir '@(yaml|yml)' ;;
    import-check) _filedir tflite ;;
    analyze | evaluate) _filedir '@(yaml|yml|tflite)' ;;
    export) ((cword == 2)) && COMPREPLY=($(compgen -W 'csv html json tflite image' -- "$cur")) || _filedir tflite ;;
    esac
} && complete -F _hilfarm hilfarm
