# Sourced by tools/quickstart and tools/test: installs what tools/packages lists, if anything of it is missing.
# With everything there it needs neither root nor a network.

# install_packages [test]: with `test`, what only the tests need as well.
install_packages() {
  local listed missing=() package
  listed=$(sed -n -e "${1:+s/^test: *//}" -e 's/[[:space:]]*#.*//' -e '/^[a-z0-9][a-z0-9.+-]*$/p' tools/packages)
  for package in $listed; do
    case $package in
      npm) command -v npm >/dev/null && continue ;;  # other sources of Node bring npm inside the nodejs package
    esac
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "these packages are missing and need root: ${missing[*]} (run as root, or install sudo)" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "installing ${#missing[@]} packages: ${missing[*]}"
  if ! "${as_root[@]}" apt-get update -qq || ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install \
      -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null; then
    echo "apt-get could not install: ${missing[*]} (is this Debian 12, with a network?)" >&2
    return 1
  fi
}
