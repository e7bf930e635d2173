# SPDX-License-Identifier: Apache-2.0
# Whether what hilfarm says can be trusted: a list of programs, each of which prints its own rows.
set -eu
bin=build/release/bin
"$bin/trust_verify_clock" build/release/firmware "$bin/hilfarm-vboard"
"$bin/trust_wrong_board" "$bin" build/release/firmware
