-- A tour of the keyring: keys that live in the server and never leave it.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS web4 CASCADE;
CREATE EXTENSION web4;
\set VERBOSITY terse

-- The server key lies in a file outside of the database; here is one.
-- The cluster may be somebody's: what was set before is set again at the end.
SELECT coalesce(max(format('ALTER SYSTEM SET web4.server_key_file = %L', setting)), 'ALTER SYSTEM RESET web4.server_key_file') AS restore_setting
FROM pg_file_settings WHERE name = 'web4.server_key_file' AND sourcefile LIKE '%postgresql.auto.conf' \gset
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; umask 077; head -c 32 /dev/urandom > web4-tour-keyring.key';
ALTER SYSTEM SET web4.server_key_file = 'web4-tour-keyring.key';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset

-- Make a key pair.  What comes out is the public half.
SELECT web4_keyring_generate('signing key of the demo') AS key \gset
SELECT octet_length(:'key'::bytea) AS public_key_bytes, web4_public_key_ok(:'key') AS good;
SELECT label, purpose, owner, signers FROM web4_keyring_list();

-- The secret half is stored sealed: useless without the file.
SELECT octet_length(nonce) AS nonce, octet_length(sealed) AS sealed FROM web4.keyring;

-- Found the first society with a key of the keyring: it is bound to it.
SELECT web4_bootstrap_society('demo') AS society \gset
SELECT label, purpose, owner = :'society' AS societys FROM web4_keyring_list() WHERE owner IS NOT NULL;
SELECT public_key AS society_key FROM web4_keyring_list() WHERE owner = :'society' \gset

-- Sign a document of web4 as that society.
SELECT web4_verify(m, web4_sign_as(:'society', m), :'society_key') AS verifies
FROM convert_to(E'web4:request:v1\n{"action":"read"}', 'UTF8') m;

-- Anything else is not signed, and tree heads are the sealer's alone.
SELECT web4_sign_as(:'society', 'pay 1000 to mallory');
SELECT web4_sign_as(:'society', E'web4:tree-head:v1\n{}');

-- A role signs when an operator granted it the key, and stops when he takes it back.
CREATE ROLE regress_web4_signer;
GRANT EXECUTE ON FUNCTION web4_sign_as(lct, bytea) TO regress_web4_signer;
\set VERBOSITY sqlstate
SET ROLE regress_web4_signer;
SELECT web4_sign_as(:'society', E'web4:request:v1\n{}') IS NOT NULL AS signed;
RESET ROLE;
SELECT web4_keyring_grant(:'society_key', 'regress_web4_signer');
SET ROLE regress_web4_signer;
SELECT web4_sign_as(:'society', E'web4:request:v1\n{}') IS NOT NULL AS signed;
RESET ROLE;
SELECT web4_keyring_revoke(:'society_key', 'regress_web4_signer');
SET ROLE regress_web4_signer;
SELECT web4_sign_as(:'society', E'web4:request:v1\n{}') IS NOT NULL AS signed;
RESET ROLE;
\set VERBOSITY default

-- Change the server key: seal everything under another file, then name that one.
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; umask 077; od -An -tx1 -N32 /dev/urandom | tr -d " \n" > web4-tour-next.key; echo >> web4-tour-next.key';
SELECT web4_keyring_reseal('web4-tour-next.key');
SELECT web4_sign_as(:'society', E'web4:request:v1\n{}');
ALTER SYSTEM SET web4.server_key_file = 'web4-tour-next.key';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
SELECT web4_verify(E'web4:request:v1\n{}', web4_sign_as(:'society', E'web4:request:v1\n{}'), :'society_key') AS verifies;

-- A file that others may read is not a key file.
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; chmod 644 web4-tour-next.key';
SELECT web4_sign_as(:'society', E'web4:request:v1\n{}');

:restore_setting;
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f web4-tour-keyring.key web4-tour-next.key';
REVOKE EXECUTE ON FUNCTION web4_sign_as(lct, bytea) FROM regress_web4_signer;
DROP ROLE regress_web4_signer;
DROP EXTENSION web4;
