/*-------------------------------------------------------------------------
 *
 * replica.c
 *		The replicated state machine: memory, application of decided blocks.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/replica.h"

/* --- memory --- */

typedef struct Layout
{
	size_t		exec;
	size_t		txs;
	size_t		ids;
	size_t		results;
	size_t		offences;
	size_t		chunk;
	size_t		total;
} Layout;

static size_t
place(size_t *at, size_t len)
{
	size_t		here = *at;

	*at += (len + 7) & ~(size_t) 7;
	return here;
}

static Layout
layout_of(const W4Params *params, const W4ExecSizes *sizes)
{
	size_t		txs = (size_t) params->v[W4_P_MAX_BLOCK_TXS];
	size_t		at = 0;
	Layout		l;

	l.exec = place(&at, w4_exec_memory(params, sizes));
	l.txs = place(&at, txs * sizeof(W4Slice));
	l.ids = place(&at, txs * 32);
	l.results = place(&at, (txs + W4_MAX_BLOCK_EVIDENCE) * sizeof(W4TxResult));
	l.offences = place(&at, W4_MAX_BLOCK_EVIDENCE * sizeof(W4ExecOffence));
	l.chunk = place(&at, W4_MAX_CHUNK_BYTES);
	l.total = at;
	return l;
}

size_t
w4_replica_memory(const W4Params *params, const W4ExecSizes *sizes)
{
	return w4_exec_memory(params, sizes) == 0 ? 0 : layout_of(params, sizes).total;
}

bool
w4_replica_init(W4Replica *r, void *mem, size_t len, const uint8_t chain_id[32], const W4Params *params,
				const W4ExecSizes *sizes, const W4Suite *votes, const W4Suite *txs)
{
	size_t		need = w4_replica_memory(params, sizes);
	uint8_t    *base = mem;
	Layout		l;

	if (need == 0 || len < need)
		return false;
	l = layout_of(params, sizes);
	memset(r, 0, sizeof(*r));
	r->suite = *votes;
	r->txs = (W4Slice *) (void *) (base + l.txs);
	r->ids = (uint8_t (*)[32]) (base + l.ids);
	r->results = (W4TxResult *) (void *) (base + l.results);
	r->offences = (W4ExecOffence *) (void *) (base + l.offences);
	r->chunk = base + l.chunk;
	return w4_exec_init(&r->exec, base + l.exec, l.txs - l.exec, chain_id, params, sizes, txs);
}

bool
w4_replica_grow(W4Replica *to, void *mem, size_t len, const W4ExecSizes *sizes, const W4Replica *from)
{
	const W4State *s = &from->exec.state;

	if (!w4_replica_init(to, mem, len, s->chain_id, &s->params, sizes, &from->suite, NULL))
		return false;
	return w4_exec_grow(&to->exec, mem, w4_exec_memory(&s->params, sizes), sizes, &from->exec);
}

void
w4_replica_genesis_tip(const W4Replica *r, const W4Members *set, W4Tip *out)
{
	const W4State *s = &r->exec.state;
	uint8_t		params_hash[32];

	w4_params_hash(params_hash, &s->params);
	w4_tip_genesis(out, s->chain_id, set, s->totals.time_us, s->digest, params_hash);
}

/* --- a decided block --- */

static void
list_txs(W4Replica *r, const W4Block *block)
{
	uint32_t	n = 0;
	size_t		pos = 0;

	while (n < block->header.tx_count && w4_block_next_item(block->txs, &pos, &r->txs[n]))
		n++;
}

/* A quorum saw each item convict; that this one does not means that more than f lied. */
static bool
list_offences(W4Replica *r, const W4Tip *tip, const W4Block *block)
{
	W4Slice		item;
	size_t		pos = 0;

	for (int i = 0; w4_block_next_item(block->evidence, &pos, &item); i++)
	{
		if (!w4_replica_evidence(r, tip, item, &r->offences[i].conviction, NULL))
			return false;
		w4_sha256(r->offences[i].evidence, item.data, item.len);
	}
	return true;
}

W4ExecStatus
w4_replica_apply(W4Replica *r, const W4Tip *tip, const W4Block *block, W4Applied *out)
{
	const W4BlockHeader *h = &block->header;
	W4State    *s = &r->exec.state;
	W4ExecBlock b;
	W4ExecStatus status;

	if (tip->height != s->totals.height || h->height != tip->height + 1 ||
		h->tx_count > (uint64_t) s->params.v[W4_P_MAX_BLOCK_TXS] || !list_offences(r, tip, block))
		return W4_EXEC_BAD_BLOCK;
	list_txs(r, block);
	b.height = h->height;
	b.time_us = h->time_us;
	w4_hash_copy(b.parent_hash, h->parent);
	b.members = &tip->members[1];
	b.next = &tip->members[2];
	b.txs = r->txs;
	b.ntxs = h->tx_count;
	b.offences = r->offences;
	b.noffences = block->evidence_count;
	status = w4_exec_block(&r->exec, &b, r->results, out);
	if (status != W4_EXEC_OK)
		return status;
	r->nresults = b.ntxs + b.noffences;
	if (w4_is_checkpoint(&s->params, h->height))
	{
		w4_snapshot_root(out->checkpoint_root, s, r->chunk);
		out->checkpoint_chunks = w4_snapshot_chunks(s);
	}
	return W4_EXEC_OK;
}

bool
w4_replica_snapshot(W4SnapshotWriter *w, const W4Replica *r)
{
	const W4State *s = &r->exec.state;

	if (!w4_is_checkpoint(&s->params, s->totals.height))
		return false;
	w4_snapshot_begin(w, s);
	return true;
}
