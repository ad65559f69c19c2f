# Sourced by the other tools: makes sure that everything they need is installed.
#
#   w4_setup demo|test|bench
#
# On Debian and its relatives missing packages are installed without a question;
# elsewhere, or without root and sudo, the missing ones are named.  A server
# given by PG_CONFIG is used as it is.  Sets and exports PG_CONFIG and PATH.

W4_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
W4_BUILD=$W4_ROOT/build
W4_PG_VERSION=${W4_PG_VERSION:-15}

w4_say()
{
	printf '%s\n' "$*" >&2
}

w4_die()
{
	w4_say "web4: $*"
	exit 1
}

# Run a command with the rights to install software.
w4_as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# The packages that one purpose needs, one a line.
w4_packages()
{
	printf '%s\n' gcc libc6-dev make libsodium-dev
	if [ "$W4_PG_GIVEN" = no ]; then
		printf '%s\n' "postgresql-$W4_PG_VERSION" "postgresql-server-dev-$W4_PG_VERSION"
	fi
	if [ "$1" = test ]; then
		printf '%s\n' clang clang-14 libclang-rt-14-dev libcmocka-dev valgrind \
			libtap-parser-sourcehandler-pgtap-perl
		if [ "$W4_PG_GIVEN" = no ]; then
			printf '%s\n' "postgresql-$W4_PG_VERSION-pgtap" "postgresql-$W4_PG_VERSION-cron"
		fi
	fi
}

w4_missing_packages()
{
	local package

	for package in $(w4_packages "$1"); do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
			printf '%s\n' "$package"
	done
}

# The server package would create and start a cluster on port 5432.
w4_apt_install()
{
	local no_cluster=/etc/postgresql-common/createcluster.d/web4-setup.conf
	local guard=no status=0
	local env=(env DEBIAN_FRONTEND=noninteractive)
	local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
	local name

	for name in http_proxy https_proxy no_proxy; do
		[ -z "${!name:-}" ] || env+=("$name=${!name}")
	done
	case " $* " in
		*" postgresql-$W4_PG_VERSION "*)
			guard=yes
			w4_as_root mkdir -p "$(dirname "$no_cluster")"
			printf 'create_main_cluster = false\n' | w4_as_root tee "$no_cluster" >/dev/null
			;;
	esac
	w4_as_root "${env[@]}" "${apt[@]}" update >&2 &&
		w4_as_root "${env[@]}" "${apt[@]}" install --no-install-recommends "$@" >&2 || status=$?
	if [ $guard = yes ]; then
		w4_as_root rm -f "$no_cluster"
	fi
	return $status
}

w4_install_missing()
{
	local missing

	missing=$(w4_missing_packages "$1" | tr '\n' ' ')
	[ -n "${missing// /}" ] || return 0
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		w4_die "these packages are missing, and installing them needs root or sudo without a password: $missing"
	fi
	w4_say "web4: installing $missing"
	# shellcheck disable=SC2086
	w4_apt_install $missing || w4_die "could not install: $missing"
}

w4_setup()
{
	local purpose=$1 bindir

	W4_PG_GIVEN=no
	case ${PG_CONFIG:-pg_config} in
		pg_config | /usr/bin/pg_config) ;;
		*) W4_PG_GIVEN=yes ;;
	esac
	if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
		w4_install_missing "$purpose"
		if [ $W4_PG_GIVEN = no ]; then
			PG_CONFIG=/usr/lib/postgresql/$W4_PG_VERSION/bin/pg_config
		fi
	else
		PG_CONFIG=${PG_CONFIG:-pg_config}
	fi
	command -v "$PG_CONFIG" >/dev/null ||
		w4_die "no pg_config: install PostgreSQL's server headers and libsodium, or set PG_CONFIG"
	[ -f "$("$PG_CONFIG" --pgxs)" ] || w4_die "$PG_CONFIG belongs to an installation without server headers"
	bindir=$("$PG_CONFIG" --bindir)
	export PG_CONFIG PATH="$bindir:$PATH"
	mkdir -p "$W4_BUILD"
}

# make install of a directory, with sudo where the server's directories need it.
w4_install_module()
{
	local make=(make -C "$1" -s "PG_CONFIG=$PG_CONFIG" install)

	if [ -w "$("$PG_CONFIG" --pkglibdir)" ] && [ -w "$("$PG_CONFIG" --sharedir)/extension" ]; then
		"${make[@]}"
	else
		w4_as_root "${make[@]}"
	fi
}

# Compile in the source tree and install into the server's own directories.
w4_build_and_install()
{
	make -C "$W4_ROOT" -s "PG_CONFIG=$PG_CONFIG" -j"$(nproc)" all || return 1
	w4_install_module "$W4_ROOT"
}
