# Sourced by ./test and tests/runner/postgres.sh: what a fresh Debian machine lacks is installed where that is allowed.
#   apt_install WHAT PACKAGE…   installs; where it may not, says what to install, and fails

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
    local what=$1
    shift
    if ! command -v apt-get >/dev/null; then
        echo "Install $what with this system's package manager."
        return 1
    elif [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        echo "Install $what and start again: sudo apt-get install $*"
        return 1
    fi
    echo "Installing $what (apt-get install $*)."
    { as_root apt-get update -q >/dev/null || true; } &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >/dev/null
}
