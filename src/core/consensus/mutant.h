/*-------------------------------------------------------------------------
 *
 * mutant.h
 *		Deliberate bugs, for the test that the simulator finds them.
 *
 * W4_BUG(X) is the constant false unless the test build defines W4_MUTANT as
 * one of the numbers below (test/sim/mutants.sh).  A bug that the simulator
 * does not find is a fault of the simulator.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_MUTANT_H
#define W4_CONSENSUS_MUTANT_H

#define W4_BUG_QUORUM_2F1 1		/* 2f + 1 votes decide, for every N */
#define W4_BUG_SIGN_TWICE 2		/* own earlier vote in this view is not looked at */
#define W4_BUG_VOTE_LEFT_VIEW 3 /* COMMIT in a view that was left */
#define W4_BUG_NEW_VIEW_FREE 4	/* NEW-VIEW may propose anything: sender and receiver */
#define W4_BUG_AMNESIA 5		/* VIEW-CHANGE denies what was prepared */
#define W4_BUG_LOST_RECORD 6	/* a crash loses the own votes */
#define W4_BUG_HASH_CHECK 7		/* votes count for whatever block is proposed */
#define W4_BUG_OLD_COMMITS 8	/* COMMITs of a view that was left are ignored */
#define W4_BUG_JUSTIFICATION 9	/* NEW-VIEW is believed without its VIEW-CHANGEs */
#define W4_BUG_SIGNER_TWICE 10	/* one VIEW-CHANGE counts as often as it stands */
#define W4_BUG_WRONG_SET 11		/* membership takes effect one height early */
#define W4_BUG_EARLY_TIMER 12	/* the timer of a view starts before a quorum asked for it */
#define W4_BUG_SEND_EARLY 13	/* messages leave before the record is durable */
#define W4_BUG_NO_REJOIN 14		/* a restored peer votes at once */
#define W4_BUG_NO_RESEND 15		/* lost votes are not sent again */
#define W4_BUG_CERT_UNCHECKED 16	/* prepared certificates are believed unseen */
#define W4_BUG_STRIKE_TWICE 17	/* evidence that was committed counts again */
#define W4_BUG_STRUCK_ROTA 18	/* a struck peer stays on the rota */
#define W4_BUG_EJECT_AT_ONCE 19 /* who is put out is out at the next height */
#define W4_BUG_EJECT_LATE 20	/* the third strike does not eject */
#define W4_BUG_RECORD_UNCHECKED 21	/* a damaged record is believed */
#define W4_BUG_LATE_HEIGHT 22	/* messages put together late are of whatever height it is by then */
#define W4_BUG_EVIDENCE_UNCHECKED 23	/* signatures of evidence are not verified */
#define W4_BUG_CHUNK_UNCHECKED 24	/* chunks of a snapshot are taken whatever their hash */
#define W4_BUG_MANIFEST_UNCHECKED 25	/* manifests need not have the root of the header */
#define W4_BUG_MONEY_MADE 26	/* a committed transfer pays one micro-ATP more than was held */
#define W4_BUG_RELAY_BLAMES 27	/* a proposal that somebody altered is refused as its proposer's */
#define W4_BUG_BODY_OR_NOTHING 28	/* the next proposer waits for a block, whoever names it */
#define W4_BUG_DECIDED_EARLY 29	/* a height is told of before it is durable */

#ifdef W4_MUTANT
#define W4_BUG(name) (W4_MUTANT == W4_BUG_##name)
#else
#define W4_BUG(name) 0
#endif

#endif							/* W4_CONSENSUS_MUTANT_H */
