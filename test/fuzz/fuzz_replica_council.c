/*
 * What the chain knows about its members, from a snapshot of a stranger: what
 * decodes encodes to the same bytes, and whatever motions, votes, strikes and
 * accusations follow, the result is still one that decodes.
 *
 * Input: height u64be, what follows it u8, the council.
 */
#include "consensus_fuzz.h"

#include "core/consensus/council.h"

static uint8_t buf[W4_COUNCIL_WIRE_MAX];
static W4Council council;
static W4Council again;
static W4Members set;

/* One of everything, steered by "what". */
static void
go_on(uint64_t height, uint8_t what)
{
	W4Roster   *r = &council.roster;
	W4Motion	m = {.kind = (uint8_t) (1 + what % 3), .expiry = height + what % 4};
	W4Conviction c = {.kind = what & 3, .view = what, .height = height - (height > what ? what : 0)};
	W4Members	next = set;
	W4Members	after;

	memset(m.id, what, 32);
	memcpy(m.subject, set.m[what & 3].id, 32);
	if (m.kind != W4_MOTION_REMOVE)
		memset(m.key, 0x77, 32);
	memcpy(c.id, set.m[what >> 2 & 3].id, 32);
	(void) w4_roster_propose(r, &set, set.m[0].id, &m, height);
	for (int i = 0; i < r->motions && i < 8; i++)
		(void) w4_roster_vote(r, &set, set.m[(what + i) & 3].id, r->motion[i].id, height);
	(void) w4_roster_remove(r, &set, set.m[what >> 4 & 3].id, m.subject);
	(void) w4_strikes_convict(&council.strikes, &c, 3, height);
	for (int i = 0; i < 4; i++)
		(void) w4_strikes_accuse(&council.strikes, &set, set.m[i].id, c.id, what & 1, 3, height);
	if (w4_roster_end_block(r, &set, &set, height, &after))
	{
		expect(w4_members_may_follow(&set, &after));
		if (height + 2 > council.history.since &&
			(council.history.changes == 0 || council.history.change[council.history.changes - 1].from < height + 2))
			w4_history_note(&council.history, &set, &after, height + 2);
		next = after;
	}
	w4_roster_follow(r, &set, &next);
	(void) w4_history_members(&council.history, &next, height / 2, &after);
	w4_history_forget(&council.history, height / 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	uint64_t	height;

	if (size < 9)
		return 0;
	height = w4_get_u64be(data) >> 2;
	if (!w4_council_decode(&council, w4_slice(data + 9, size - 9), height, &fault))
	{
		expect_fault(&fault, size - 9);
		return 0;
	}
	w4_council_put(&w, &council);
	expect_same(&w, data + 9, size - 9);
	fuzz_members(&set, MEMBERS);
	for (uint64_t i = 1; i <= 4; i++)
	{
		go_on(height + i, (uint8_t) (data[8] * i));
		w = w4_writer(buf, sizeof(buf));
		w4_council_put(&w, &council);
		expect(!w.full && w4_council_decode(&again, w4_slice(buf, w.len), height + i, NULL));
		expect(again.roster.motions == council.roster.motions && again.strikes.strikes == council.strikes.strikes);
	}
	return 0;
}
