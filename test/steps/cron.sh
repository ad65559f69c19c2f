#!/usr/bin/env bash
# Sealing by pg_cron, as docs/operations.md advises; takes up to a minute.
. "$(dirname "$0")/lib.sh"

PATIENCE=90						# seconds; pg_cron starts jobs at full minutes

runs()
{
	query postgres "SELECT count(*) FROM cron.job_run_details WHERE status = 'succeeded' AND database = 'cron_demo'"
}

if [ ! -f "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
	echo "ok - skipped, pg_cron is not installed"
	exit 0
fi
fresh_database cron_demo
query cron_demo "SELECT web4_bootstrap_society('cron')" >/dev/null
query postgres "CREATE EXTENSION IF NOT EXISTS pg_cron"
query postgres "SELECT cron.schedule_in_database('web4-seal', '* * * * *', 'SELECT public.web4_seal_all()', 'cron_demo')" >/dev/null
for ((waited = 0; waited < PATIENCE; waited++)); do
	[ "$(runs)" = 0 ] || break
	sleep 1
done
query postgres "SELECT cron.unschedule('web4-seal')" >/dev/null
equals "pg_cron sealed the log" t "$(query cron_demo "SELECT (web4_tree_head(id)).signature IS NOT NULL FROM web4.society")"
