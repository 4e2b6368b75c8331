# Sourced by ./test and tests/runner/with-postgres: a private PostgreSQL server for the time of one run.
#   start_postgres   finds or installs PostgreSQL, starts a server, exports KEYLADDER_TEST_POSTGRES (an administrator's connection string)
#   stop_postgres    stops that server and removes its folder; does nothing if there is none

source "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

postgres_bin='' postgres_folder=''

find_postgres() { # the newest that is there: Debian's folders, else what the path has
    postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$postgres_bin" ] && command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
        postgres_bin=$(dirname "$(command -v initdb)")
    fi
    [ -x "$postgres_bin/initdb" ] && [ -x "$postgres_bin/pg_ctl" ]
}

install_postgres() {
    # Debian's package would make a cluster of its own and start it with the system. Nobody asked for that: for this one installation it is off.
    local no_cluster=/etc/postgresql-common/createcluster.d/keyladder-test.conf
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
        as_root mkdir -p "$(dirname "$no_cluster")"
        echo 'create_main_cluster = off' | as_root tee "$no_cluster" >/dev/null
    fi
    local installed=0
    apt_install "PostgreSQL's server (initdb, pg_ctl), 14 or newer" postgresql || installed=1
    [ ! -f "$no_cluster" ] || as_root rm -f "$no_cluster"
    return "$installed"
}

as_postgres() { # PostgreSQL refuses to run as root; an unprivileged user that exists does it then
    if [ "$(id -u)" -ne 0 ]; then
        (cd "$postgres_folder" && "$@")
    else
        (cd "$postgres_folder" && runuser -u "$(id -un postgres 2>/dev/null || echo nobody)" -- "$@")
    fi
}

start_postgres() {
    find_postgres || { install_postgres && find_postgres; } || return 1
    postgres_folder=$(mktemp -d /tmp/keyladder-postgres.XXXXXX) # short: the socket's path has a limit of 107 bytes
    [ "$(id -u)" -ne 0 ] || chown "$(id -un postgres 2>/dev/null || echo nobody)" "$postgres_folder"
    # A socket in a folder of our own is reached by nobody else, so it asks for no password; no port is opened.
    # Durability is off because the server dies with the run: never copy these lines to a server that keeps data.
    # The log is kept for the tests that look for secrets in it.
    local options="-c listen_addresses='' -c unix_socket_directories='$postgres_folder' -c max_connections=300"
    options+=" -c max_wal_size=64MB -c wal_keep_size=2GB -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    if ! {
        as_postgres "$postgres_bin/initdb" -D "$postgres_folder/data" -U keyladder -A trust -E UTF8 --locale=C --no-sync --wal-segsize=1 &&
            as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/log" -w -t 60 -o "$options" start
    } >"$postgres_folder.log" 2>&1; then
        cat "$postgres_folder.log" "$postgres_folder/log" 2>/dev/null
        echo "PostgreSQL ($postgres_bin) did not start."
        rm -f "$postgres_folder.log"
        return 1
    fi
    rm -f "$postgres_folder.log"
    export KEYLADDER_TEST_POSTGRES="Host=$postgres_folder;Username=keyladder;Database=postgres"
}

stop_postgres() {
    [ -n "$postgres_folder" ] || return 0
    [ ! -f "$postgres_folder/data/postmaster.pid" ] || as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$postgres_folder"
    postgres_folder=''
}
