#!/usr/bin/env bash
# make demo: installs what is missing, starts a private server, runs demo/scenario.sh.
#
#   tools/demo.sh         run it; the server keeps running, so that you can look around
#   tools/demo.sh stop    stop that server and delete its files
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh
. tools/server.sh

how_to_look()
{
	cat <<-EOT

		Look around in psql:
		    $("$PG_CONFIG" --bindir)/psql -h $PGHOST -U postgres demo
		        SELECT * FROM web4_decisions;
		        \\dx+ web4
		Stop the server and delete its files:
		    tools/demo.sh stop
	EOT
}

main()
{
	local status=0

	w4_setup demo
	if [ "${1:-}" = stop ]; then
		w4_server_remove demo
		return
	fi
	w4_build_and_install
	make -C demo -s
	w4_server_start demo
	rm -rf "$W4_BUILD/demo-run"
	mkdir -p "$W4_BUILD/demo-run"
	bash demo/scenario.sh demo "$W4_BUILD/demo-run" || status=$?
	how_to_look
	return $status
}

main "$@"
