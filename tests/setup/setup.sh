#!/usr/bin/env bash
# Makes a machine ready to build, test and show the project. Run again, it looks and is done at once.
#
#   tests/setup/setup.sh [auto|pypi|debian] [PACKAGE ...]
#
# 1. Debian packages that are missing are installed: compiler, libraries, cmocka, Python, and any PACKAGE named.
#    Without root's rights this asks for them through sudo.
# 2. build/venv becomes a Python environment with Jupyter and pytest in it. Its contents are PyPI's newest (pypi),
#    or Debian's own packages seen through the environment (debian). auto: PyPI's if it answers, else Debian's.
#
# Either way build/venv/bin/python runs every Jupyter program (-m nbconvert, -m jupyter_console, ...), and kernels
# installed below build/venv are found there and nowhere else: nothing is left in the home folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 DEBIAN_FRONTEND=noninteractive

mode=${1:-auto}
[ $# -gt 0 ] && shift
venv=build/venv
python=/usr/bin/python3

tools=(gcc make pkg-config libc6-dev libuv1-dev libjansson-dev libssl-dev libpcre2-dev libzmq3-dev
       libsqlite3-dev libcurl4-openssl-dev libedit-dev libcmocka-dev python3)
debian_jupyter=(jupyter-notebook jupyter-console python3-nbconvert python3-nbclient python3-ipykernel
                python3-jupyter-client python3-jupyter-kernel-test python3-zmq python3-pytest
                python3-pytest-timeout)
pypi_jupyter=(jupyterlab jupyter-console nbconvert nbclient ipykernel jupyter-client pyzmq pytest
              pytest-timeout jupyter-kernel-test papermill notebook nbclassic)

say() { printf 'setup: %s\n' "$*"; }
fail() { say "$@" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    else
        fail "this needs root's rights, and there is no sudo: $*"
    fi
}

# Those of the named Debian packages that are not installed.
missing() {
    dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' "$@" 2> /dev/null | awk -v names="$*" '
        $2 == "ii" { installed[$1] = 1 }
        END { count = split(names, name); for (i = 1; i <= count; i++) if (!(name[i] in installed)) print name[i] }'
}

install_packages() {
    if ! command -v apt-get > /dev/null; then
        say "this is not Debian; what it calls the following is expected to be here: $*"
        return
    fi
    local absent
    mapfile -t absent < <(missing "$@")
    [ ${#absent[@]} -gt 0 ] || return 0
    say "installing Debian's ${absent[*]}"
    local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends)
    as_root "${apt[@]}" update > build/apt.log 2>&1 || say "apt-get update failed; going on"
    as_root "${apt[@]}" install "${absent[@]}" >> build/apt.log 2>&1 ||
        { tail -n 20 build/apt.log >&2; fail "apt-get failed; all it said is in build/apt.log"; }
}

# One small package, with one try and little patience: does PyPI answer?
pypi_answers() {
    local probe status=0
    probe=$(mktemp -d)
    timeout 60 "$venv/bin/pip" download -q --no-deps --no-cache-dir --retries 0 --timeout 10 -d "$probe" \
        jupyter-console > build/pip.log 2>&1 || status=1
    rm -rf "$probe"
    return $status
}

jupyter_from_pypi() {
    install_packages python3-venv
    "$python" -m venv --clear "$venv"
    pypi_answers || return 1
    say "installing Jupyter from PyPI into $venv"
    "$venv/bin/pip" install -q "${pypi_jupyter[@]}" >> build/pip.log 2>&1
}

jupyter_from_debian() {
    install_packages "${debian_jupyter[@]}"
    "$python" -m venv --clear --system-site-packages --without-pip "$venv"
}

# The environment remembers what it was made from; a changed script makes it anew.
mark() { echo "$1 $(cksum < tests/setup/setup.sh)"; }

jupyter() {
    local made=
    [ -f "$venv/made-from" ] && made=$(cat "$venv/made-from")
    case $mode in
        auto)        { [ "$made" = "$(mark pypi)" ] || [ "$made" = "$(mark debian)" ]; } && return ;;
        pypi|debian) [ "$made" = "$(mark "$mode")" ] && return ;;
        *)           fail "auto, pypi or debian, not $mode" ;;
    esac
    local source=$mode
    if [ "$mode" != debian ]; then
        if jupyter_from_pypi; then
            source=pypi
        else
            [ "$mode" = auto ] || { tail -n 5 build/pip.log >&2; fail "PyPI failed; all pip said is in build/pip.log"; }
            say "PyPI does not answer: Debian's own Jupyter it is"
            source=debian
        fi
    fi
    [ "$source" = pypi ] || jupyter_from_debian
    "$venv/bin/python" -c 'import jupyter_client, jupyter_console, nbclient, nbconvert, pytest_timeout' ||
        fail "the Jupyter in $venv is not whole"
    mark "$source" > "$venv/made-from"
    say "Jupyter is ready in $venv ($source)"
}

mkdir -p build
install_packages "${tools[@]}" "$@"
jupyter
