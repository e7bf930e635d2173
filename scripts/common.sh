# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts beside it: sourced, not run.
set -eu

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }

build_packages=(
    gcc libc6-dev cmake ninja-build pkg-config
    gcc-arm-none-eabi libnewlib-arm-none-eabi
    libcapstone-dev libcmocka-dev libjansson-dev libjpeg62-turbo-dev libmd-dev libpng-dev libserialport-dev
    libsqlite3-dev libunicorn-dev libuv1-dev libyaml-dev zlib1g-dev
    openocd
)
check_packages=(clang-14 clang-format-14 clang-tidy-14 flatbuffers-compiler git libclang-rt-14-dev)

# install_packages NAME...: installs those that are missing; does nothing, not even a look at the package lists, when none is.
install_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        echo "Debian packages: all $# are installed"
        return
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "error: missing packages (${missing[*]}): need root or sudo to install them" >&2; exit 3; }
        as_root=(sudo)
    fi
    echo "Debian packages: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET...]: configures and builds, everything if no target is named.
build() {
    local preset=$1
    shift
    cmake --preset "$preset" >/dev/null || { cmake --preset "$preset"; exit 3; }
    cmake --build --preset "$preset" ${1:+--target} "$@"
}
