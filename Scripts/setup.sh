# Sourced by the other scripts: moves to the repository's root and makes sure that the machine has
# what a build needs.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# need_packages PACKAGE...: installs missing Debian packages, or says exactly what to install.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
      missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo --non-interactive true 2>/dev/null ||
      fail "please install what is missing: sudo apt-get install ${missing[*]}"
    root=(sudo)
  fi
  printf 'installing %s\n' "${missing[*]}" >&2
  { "${root[@]}" apt-get update &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --no-install-recommends "${missing[@]}"; } >&2 ||
    fail "apt-get failed; please install: ${missing[*]}"
}

# Without dpkg the names of the packages are not known, only what they hold.
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  need_packages() {
    printf 'not a Debian system: make sure that you have what these Debian packages hold: %s\n' \
      "$*" >&2
  }

command -v swift >/dev/null ||
  fail "please install Swift 6.2 or newer: https://www.swift.org/install"
