/*-------------------------------------------------------------------------
 *
 * server_key.h
 *		The server key: read from its file, held only while it is used.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_SERVER_KEY_H
#define W4_SERVER_KEY_H

#include "postgres.h"

#define W4_SERVER_KEY_LEN 32

/* Everything secret that this process ever holds: guarded, locked memory. */
typedef struct W4Vault
{
	uint8_t		server_key[W4_SERVER_KEY_LEN];
	uint8_t		next_server_key[W4_SERVER_KEY_LEN];
	uint8_t		secret_key[64];
	uint8_t		file[2 * W4_SERVER_KEY_LEN + 2];
} W4Vault;

/*
 * Open gives the memory, zeroed; close wipes it and makes it inaccessible.
 * Close in PG_FINALLY.  Not reentrant.
 */
extern W4Vault *w4_vault_open(void);
extern void w4_vault_close(void);

/* Define web4.server_key_file. */
extern void w4_server_key_define_setting(void);

/* Read web4.server_key_file into vault->server_key; ERROR W4K05. */
extern void w4_server_key_read(W4Vault *vault);

/* Read another file, checked in the same way, into vault->next_server_key. */
extern void w4_server_key_read_next(W4Vault *vault, const char *path);

#endif							/* W4_SERVER_KEY_H */
