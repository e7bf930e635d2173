#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles includes that the table in ARCHITECTURE.md forbids, with the compiler flags of a source file of the module: they must fail,
# and allowed ones must compile.
# usage: forbidden.sh COMPILE_COMMANDS     in the root of the source tree
set -eu
commands=$1
failures=0

# compiles FILE HEADER: whether a file compiled like FILE can include HEADER
compiles() {
    local flags
    flags=$(grep -B 1 "\"file\": \"$PWD/$1\"" "$commands" | sed -n 's/.*"command": "\(.*\)",$/\1/p' | tr ' ' '\n' | grep '^-[ID]')
    [ -n "$flags" ] || { echo "$1 is not in $commands"; exit 2; }
    # shellcheck disable=SC2086
    echo "#include \"$2\"" | gcc -std=gnu17 -fsyntax-only -x c $flags - 2>/dev/null
}
try() {
    local expected=$1
    if compiles "$2" "$3"; then local got=allowed; else local got=forbidden; fi
    [ "$got" = "$expected" ] || { echo "$2 -> $3: expected $expected, got $got"; failures=$((failures + 1)); }
}

try allowed   orchestrator/farm/run.c           board/board.h
try forbidden orchestrator/farm/run.c           openocd/tcl_rpc.h
try forbidden orchestrator/farm/run.c           session/session.h
try forbidden orchestrator/farm/run.c           flasher/flasher.h
try forbidden orchestrator/cli/main.c           openocd/openocd_flasher.h
try forbidden orchestrator/cli/main.c           serial/serial.h
try forbidden orchestrator/spec/spec.c          process/child.h
try forbidden orchestrator/spec/spec.c          board/board.h
try forbidden orchestrator/report/rows.c        store/store.h
try forbidden orchestrator/schedule/dispatch.c  board/board.h
try forbidden orchestrator/models/graph/graph.c families/families.h
try allowed   agents/serial/serial.c            process/watch.h
try forbidden agents/serial/serial.c            board/board.h
try forbidden agents/openocd/openocd.c          board/board.h
try allowed   agents/openocd/openocd_flasher.c          flasher/flasher.h
try forbidden agents/flasher/flasher.c          openocd/openocd.h
try forbidden agents/process/child.c            serial/serial.h
try allowed   agents/virtual/debug/core_debug.c interface/machine.h
try forbidden agents/virtual/debug/core_debug.c machine/setup.h
try forbidden agents/virtual/debug/core_debug.c uart/pty_port.h
try forbidden agents/virtual/uart/pty_port.c    debug/server.h
try allowed   agents/virtual/machine/bus.c      timing/timing.h
try forbidden agents/virtual/machine/bus.c      address_tracker.h
try forbidden agents/virtual/machine/bus.c      debug/server.h
try forbidden agents/virtual/timing/timing.c    interface/machine.h
try forbidden agents/virtual/vboard/flash_file.c machine_state.h
try forbidden agents/virtual/vboard/flash_file.c timing/timing.h
try forbidden agents/virtual/main.c             machine/setup.h
try forbidden agents/virtual/main.c             board/board.h
try forbidden firmware/engine/run.c             proto/frame.h
try forbidden firmware/proto/line.c             engine/engine.h

[ "$failures" -eq 0 ] || exit 1
echo "31 includes tried: 5 allowed, 26 forbidden, as ARCHITECTURE.md says"
