#!/usr/bin/env bash
# Install into the server's directories, as an administrator would.
. "$(dirname "$0")/lib.sh"

check "make install" w4_build_and_install
for file in "$("$PG_CONFIG" --pkglibdir)/web4.so" \
	"$("$PG_CONFIG" --sharedir)/extension/web4.control" \
	"$("$PG_CONFIG" --sharedir)/extension/web4--$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" web4.control).sql"; do
	check "installed $(basename "$file")" test -s "$file"
done
