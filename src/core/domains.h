/*-------------------------------------------------------------------------
 *
 * domains.h
 *		The prefix of every signed text: what kind of document it is.
 *
 * A signature covers prefix || document, so a document of one kind can never
 * be presented as another (identity spec 1.7).  Consent tokens and ATP
 * transactions carry their prefixes in consent.h and atp_tx.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_DOMAINS_H
#define W4_DOMAINS_H

#define W4_DOMAIN_BINDING "web4:lct:binding:v1\n"
#define W4_DOMAIN_OPKEY "web4:lct:opkey:v1\n"
#define W4_DOMAIN_BIRTH "web4:birth:v1\n"
#define W4_DOMAIN_BIRTH_SOCIETY "web4:birth:society:v1\n"
#define W4_DOMAIN_BIRTH_WITNESS "web4:birth:witness:v1\n"
#define W4_DOMAIN_ROTATION "web4:rotation:v1\n"
#define W4_DOMAIN_STATUS "web4:lct-revocation:v1\n"
#define W4_DOMAIN_CHARTER "web4:charter:v1\n"
#define W4_DOMAIN_ROLE "web4:role:v1\n"
#define W4_DOMAIN_CITIZENSHIP "web4:citizenship:v1\n"
#define W4_DOMAIN_WITNESS "web4:witness:v1\n"
#define W4_DOMAIN_REQUEST "web4:request:v1\n"
#define W4_DOMAIN_LAW "web4:law:v1\n"
#define W4_DOMAIN_LAW_PUBLISH "web4:law:publish:v1\n"
#define W4_DOMAIN_TRUST "web4:trust:v1\n"
#define W4_DOMAIN_TREE_HEAD "web4:tree-head:v1\n"

#endif							/* W4_DOMAINS_H */
