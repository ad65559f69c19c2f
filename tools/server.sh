# Sourced by the other tools: a PostgreSQL server of our own.
#
#   w4_server_start NAME [setting=value ...]    new cluster, started; sets PGHOST, PGUSER, ...
#   w4_server_stop NAME                         stops what w4_server_start started
#
# The server listens on no network port, only on a socket in a directory of
# its own, so it cannot collide with another one.  It runs as the caller, or,
# because PostgreSQL refuses to run as root, as "postgres" when that is root.

W4_SOCKET_MAX=80				# bytes of a directory name that leave room for the socket's

w4_server_user()
{
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

# Run a command as the user that the server runs as, from a directory it can enter.
w4_as_server()
{
	if [ "$(id -u)" = 0 ]; then
		(cd / && runuser -u "$(w4_server_user)" -- "$@")
	else
		(cd / && "$@")
	fi
}

# The cluster's directory: in build/ (or W4_SERVER_PARENT) if its user can work
# there, else a temporary one that build/server-NAME.dir remembers.
w4_server_dir()
{
	local dir=${W4_SERVER_PARENT:-$W4_BUILD}/server-$1 note=$W4_BUILD/server-$1.dir

	if [ -f "$note" ]; then
		cat "$note"
	else
		echo "$dir"
	fi
}

w4_server_make_dir()
{
	local name=$1 dir=${W4_SERVER_PARENT:-$W4_BUILD}/server-$1 note=$W4_BUILD/server-$1.dir

	mkdir -p "$dir"
	[ "$(id -u)" != 0 ] || chown "$(w4_server_user)" "$dir"
	chmod 700 "$dir"
	if [ ${#dir} -gt $W4_SOCKET_MAX ] || ! w4_as_server test -w "$dir"; then
		rmdir "$dir"
		dir=$(w4_as_server mktemp -d "${TMPDIR:-/tmp}/web4-$name-XXXXXX")
		echo "$dir" >"$note"
	fi
}

w4_server_stop()
{
	local dir

	dir=$(w4_server_dir "$1")
	if [ -f "$dir/data/postmaster.pid" ]; then
		w4_as_server "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$dir/data" -m fast -w -s stop || true
	fi
}

# Stop and delete what an earlier run left behind.
w4_server_remove()
{
	local dir

	dir=$(w4_server_dir "$1")
	w4_server_stop "$1"
	rm -rf "$dir" "$W4_BUILD/server-$1.dir"
}

w4_server_start()
{
	local name=$1 bindir dir setting

	shift
	bindir=$("$PG_CONFIG" --bindir)
	w4_server_remove "$name"
	w4_server_make_dir "$name"
	dir=$(w4_server_dir "$name")
	w4_as_server "$bindir/initdb" -D "$dir/data" -U postgres -A trust --encoding=UTF8 --locale=C.UTF-8 \
		>"$W4_BUILD/server-$name.initdb" 2>&1 || { cat "$W4_BUILD/server-$name.initdb" >&2; return 1; }
	# 32 random bytes: seals what web4_keyring stores (docs/operations.md)
	w4_as_server sh -c "umask 077; head -c 32 /dev/urandom >'$dir/web4.key'"
	{
		echo "listen_addresses = ''"
		echo "unix_socket_directories = '$dir'"
		echo "unix_socket_permissions = 0700"
		echo "log_min_messages = warning"
		echo "log_line_prefix = '%m [%p] %q%d '"
		echo "web4.server_key_file = '$dir/web4.key'"
		for setting in "$@"; do
			echo "$setting"
		done
	} | w4_as_server sh -c "cat >>'$dir/data/postgresql.conf'"
	w4_as_server "$bindir/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s -t 60 start ||
		{ cat "$dir/log" >&2; return 1; }
	export PGHOST=$dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	unset PGPASSWORD PGSERVICE PGSSLMODE PGPASSFILE PGOPTIONS PGAPPNAME
}

w4_server_log()
{
	echo "$(w4_server_dir "$1")/log"
}
