/*-------------------------------------------------------------------------
 *
 * default_law.h
 *		The law of a society that has published none.
 *
 * A newcomer (trust 0.5) reads and queries alone; whatever changes something
 * has a threshold above zero and therefore needs a witness while trust is
 * below the floor; what is hard to undo needs trust that must be earned and a
 * witness besides.  A rule for an action has a twin for what is below it, or
 * "transfer_funds.all" would be judged as unlisted.  Actions that are not listed
 * have threshold 0.5, and are allowed to nobody unless a role allows them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_DEFAULT_LAW_H
#define W4_DEFAULT_LAW_H

#define W4_DEFAULT_LAW \
	"{\"actions\":[" \
	"{\"action\":\"read\",\"level\":1,\"threshold\":\"0\"}," \
	"{\"action\":\"read.**\",\"level\":1,\"threshold\":\"0\"}," \
	"{\"action\":\"query\",\"level\":1,\"threshold\":\"0\"}," \
	"{\"action\":\"query.**\",\"level\":1,\"threshold\":\"0\"}," \
	"{\"action\":\"deploy\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"deploy.**\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"delete\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":3}," \
	"{\"action\":\"delete.**\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":3}," \
	"{\"action\":\"transfer_funds\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"transfer_funds.**\",\"level\":3,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"change_permissions\",\"level\":4,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"change_permissions.**\",\"level\":4,\"threshold\":\"0.7\",\"witnesses\":1}," \
	"{\"action\":\"admin_action\",\"level\":4,\"threshold\":\"0.8\",\"witnesses\":2}," \
	"{\"action\":\"admin_action.**\",\"level\":4,\"threshold\":\"0.8\",\"witnesses\":2}" \
	"]," \
	"\"limits\":{\"decision_ttl\":300,\"defer_ttl\":3600,\"grant_per_hour\":100,\"max_chain\":4,\"max_cost\":\"1000\",\"witness_floor\":\"0.6\"}," \
	"\"roles\":[" \
	"{\"allow\":[\"read\",\"read.**\",\"query\",\"query.**\",\"compute\",\"compute.**\",\"write\",\"write.**\"," \
	"\"commit\",\"commit.**\",\"delegate\",\"allocate\",\"deploy\",\"deploy.**\",\"delete\",\"delete.**\",\"transfer_funds\"]," \
	"\"role\":\"citizen\"}," \
	"{\"allow\":[\"**\"],\"role\":\"administrator\"}," \
	"{\"allow\":[\"read\",\"read.**\",\"query\",\"query.**\",\"archive\",\"archive.**\"],\"role\":\"archivist\"}," \
	"{\"allow\":[\"read\",\"read.**\",\"query\",\"query.**\",\"publish_law\",\"interpret\"],\"role\":\"law_oracle\"}," \
	"{\"allow\":[\"read\",\"read.**\",\"query\",\"query.**\"],\"role\":\"policy_entity\"}," \
	"{\"allow\":[\"**\"],\"role\":\"sovereign\"}," \
	"{\"allow\":[\"read\",\"read.**\",\"query\",\"query.**\",\"allocate\",\"transfer_funds\"],\"role\":\"treasurer\"}" \
	"]," \
	"\"v\":1,\"version\":\"0.0.0\"}"

#endif							/* W4_DEFAULT_LAW_H */
