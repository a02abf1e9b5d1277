#!/usr/bin/env bash
# Installs what takt is built and tested with, from the distribution's packages.
#
#   scripts/install_dependencies.sh          to build, run and test
#   scripts/install_dependencies.sh check    the above, and what `make check` needs: formatter, linter, sanitizers
#   scripts/install_dependencies.sh bench    the first, and what `make bench` compares with: cyclictest
#   scripts/install_dependencies.sh --list [check|bench]   prints the packages and installs nothing
#
# The packages of tests/rosmsg, tests/files and tests/record come into build/rosmsg, … too: somebody else's CDR, Parquet and MCAP,
# which tests compare takt's with.
#
# Non-interactive and idempotent: only missing packages are installed, nothing that is there is touched, and when nothing
# is missing apt is not called at all, so that it works offline. As root, or through sudo.
set -euo pipefail

# libgl-dev and libopengl-dev: MuJoCo's CMake package asks for OpenGL, which Debian's libmujoco-dev does not bring.
common=(make cmake ninja-build ccache git python3 libeigen3-dev libfmt-dev libspdlog-dev libsimdjson-dev
  libtomlplusplus-dev libcli11-dev libmujoco-dev libgl-dev libopengl-dev nlohmann-json3-dev libdw-dev
  cyclonedds-dev libzmq3-dev cppzmq-dev libzstd-dev liblz4-dev libgtest-dev libbenchmark-dev)
# llvm-19: its symbolizer, without which no suppression of ThreadSanitizer matches a function.
checks=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev lld-19 llvm-19)
peers=(rt-tests)
# What others made and takt is tested with: other DDS programs, a decoder of their packets, networks with faults, somebody
# else's CDR and MCAP. A test without its own is skipped, so that what a system does not have (Debian 13 has no Fast DDS 2)
# is left out.
others=(cyclonedds-tools libfastrtps-dev libfastcdr-dev tshark iproute2 util-linux nodejs npm)

# Sets `packages` for this system.
choose_packages() {
  local system
  system="$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown}-${VERSION_ID:-}")"
  case "$system" in
    debian-12)  # its own GCC 12 is refused by CMake
      packages=("${common[@]}" clang-19 lld-19 libboost1.81-dev)
      ;;
    debian-13) packages=("${common[@]}" g++ libboost-dev) ;;
    ubuntu-24.04)
      packages=("${common[@]}" g++ libboost-dev)
      echo "Ubuntu 24.04: package names are known, but takt has not been tried there." >&2
      ;;
    *) refuse "$system" ;;
  esac
  if [ "$want" = check ]; then
    packages+=("${checks[@]}")
  elif [ "$want" = bench ]; then
    packages+=("${peers[@]}")
  fi
}

refuse() {
  cat >&2 <<TEXT
takt: dependencies can be installed on Debian 12, Debian 13 and Ubuntu 24.04; this is '$1'.
Please install by hand what these packages hold, then run: make build
  compiler: clang 19 or newer, or GCC 13 or newer; Boost 1.81 or newer; MuJoCo 2.2.2 or newer
  ${common[*]}
  for all tests also: ${others[*]}
  for 'make check' also: ${checks[*]}
  for 'make bench' also: ${peers[*]}
TEXT
  exit 1
}

installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# libboost-dev stands for the distribution's default version; any other that is new enough serves as well. Node.js comes in
# packages of its makers too, which bring npm along and exclude the distribution's.
present() {
  installed "$1" || { [ "$1" = libboost-dev ] && installed 'libboost1.8[1-9]-dev'; } ||
    { [ "$1" = libboost-dev ] && installed 'libboost1.9[0-9]-dev'; } ||
    { [ "$1" = nodejs ] && command -v node >/dev/null; } || { [ "$1" = npm ] && command -v npm >/dev/null; }
}

# Whether this system has such a package, by the lists that apt has; true when it has none yet.
packaged() {
  ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "takt: root rights are needed to install packages, and there is no sudo. As root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# libboost1.81-dev and the default libboost-dev (1.74) of Debian 12 exclude each other: never remove what somebody uses.
stop_on_conflict() {
  if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]] && installed libboost1.74-dev; then
    echo "takt: Boost 1.81 is needed, and libboost1.74-dev, which is installed, excludes it. Nothing was changed." >&2
    echo "If nothing else here needs 1.74:  apt-get install libboost1.81-dev  (replaces 1.74), then try again." >&2
    exit 1
  fi
}

# Without them tests are skipped, so whatever goes wrong here is said and no failure, and not tried again in this folder. One by
# one: that one cannot be had is no reason to go without the rest.
install_others() {
  local tried package
  tried="$(cd "$(dirname "$0")/.." && pwd)/build/others_tried"
  missing=()
  for package in "${others[@]}"; do
    present "$package" || ! packaged "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ] || [ "$(cat "$tried" 2>/dev/null)" = "${missing[*]}" ]; then
    return 0
  fi
  mkdir -p "${tried%/*}"
  (apt_get update) || true
  for package in "${missing[@]}"; do
    echo "takt: installing $package"
    (apt_get install --no-install-recommends --no-upgrade --no-remove "$package") ||
      echo "takt: without $package; the tests that want it will be skipped" >&2
  done
  missing=()
  for package in "${others[@]}"; do
    present "$package" || ! packaged "$package" || missing+=("$package")
  done
  echo "${missing[*]}" >"$tried"
}

# install_node_packages NAME: those of tests/NAME come into build/NAME. Without them only its tests are skipped, so whatever
# goes wrong here is said in one line and no failure.
install_node_packages() {
  local root folder
  root="$(cd "$(dirname "$0")/.." && pwd)"
  folder="$root/build/$1"
  if ! command -v npm >/dev/null || cmp -s "$root/tests/$1/package.json" "$folder/installed.json"; then
    return 0
  fi
  mkdir -p "$folder"
  cp "$root/tests/$1/package.json" "$folder/package.json"
  if timeout 120 npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts \
    --fetch-retries=0 >"$folder/install.log" 2>&1 </dev/null; then
    mv "$folder/package.json" "$folder/installed.json"
  else
    echo "takt: npm did not install the packages of tests/$1 (build/$1/install.log); their test will be skipped" >&2
  fi
}

want="build"
list=false
for argument in "$@"; do
  case "$argument" in
    check | bench) want="$argument" ;;
    --list) list=true ;;
    *)
      echo "usage: $0 [--list] [check|bench]" >&2
      exit 2
      ;;
  esac
done

packages=()
choose_packages
if $list; then
  printf '%s\n' "${packages[@]}" "${others[@]}" | sort -u
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  present "$package" || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  stop_on_conflict
  echo "takt: installing ${missing[*]}"
  apt_get update
  apt_get install --no-install-recommends --no-upgrade --no-remove "${missing[@]}"
fi
install_others
for name in rosmsg files record; do
  install_node_packages "$name"
done
