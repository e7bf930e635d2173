# SPDX-License-Identifier: Apache-2.0
# Shared by the other scripts. Source it, do not run it.
set -eu

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }

build_packages=(
    gcc libc6-dev cmake ninja-build pkg-config
    gcc-arm-none-eabi libnewlib-arm-none-eabi esbuild libjs-chart.js
    libcapstone-dev libcmocka-dev libcurl4-openssl-dev libjansson-dev libjpeg62-turbo-dev libmd-dev libmicrohttpd-dev libpng-dev
    libserialport-dev libsqlite3-dev libssl-dev libsystemd-dev libunicorn-dev libuv1-dev libxml2-dev libyaml-dev zlib1g-dev
    help2man lowdown
    openocd
)
package_packages=(debhelper dpkg-dev fakeroot git lintian)
train_packages=(g++ libtorch-dev dataset-fashion-mnist) # optional: hilfarm-train, 506 MB
hosts_packages=(libnats-dev nats-server) # optional: farms of several hosts
check_packages=(clang-14 clang-format-14 clang-tidy-14 flatbuffers-compiler git libclang-rt-14-dev node-typescript)

# install_packages NAME...: installs missing packages. Does not update the package lists if none is missing.
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
        command -v sudo >/dev/null || { echo "error: missing packages (${missing[*]}): installing them requires root or sudo" >&2; exit 3; }
        as_root=(sudo)
    fi
    echo "Debian packages: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET...]: configures and builds the targets, by default all.
build() {
    local preset=$1
    shift
    cmake --preset "$preset" >/dev/null || { cmake --preset "$preset"; exit 3; }
    cmake --build --preset "$preset" ${1:+--target} "$@"
}
