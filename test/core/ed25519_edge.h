/*-------------------------------------------------------------------------
 *
 * ed25519_edge.h
 *		Published edge cases of Ed25519 verification.
 *
 * Sources, all public test vectors:
 *
 *	speccheck	novifinancial/ed25519-speccheck, cases.json: the twelve cases of
 *				Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020).
 *	CCTV		C2SP/CCTV, ed25519/ed25519vectors.json: a selection of the 914
 *				combinations of small-order and mixed-order A and R; the message is
 *				"ed25519vectors N", or "ed25519vectors" when N is 0.
 *	Wycheproof	C2SP/wycheproof, testvectors_v1/ed25519_test.json: malleability
 *				(tcId 63 to 70) and valid signatures (71 to 75).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ED25519_EDGE_H
#define W4_ED25519_EDGE_H

#include <stdbool.h>

/* --- points that recur, named by their y; _SIGN has the sign bit of x set --- */
#define REPEAT_10_FF "ffffffffffffffffffff"
#define REPEAT_30_FF REPEAT_10_FF REPEAT_10_FF REPEAT_10_FF
#define REPEAT_10_00 "00000000000000000000"
#define REPEAT_30_00 REPEAT_10_00 REPEAT_10_00 REPEAT_10_00
#define Y_0 "00" REPEAT_30_00 "00"
#define Y_0_SIGN "00" REPEAT_30_00 "80"
#define Y_1 "01" REPEAT_30_00 "00"
#define Y_1_SIGN "01" REPEAT_30_00 "80"
#define Y_MINUS_1 "ec" REPEAT_30_FF "7f"
#define Y_MINUS_1_SIGN "ec" REPEAT_30_FF "ff"
#define Y_P "ed" REPEAT_30_FF "7f"
#define Y_P_SIGN "ed" REPEAT_30_FF "ff"
#define Y_P_PLUS_1 "ee" REPEAT_30_FF "7f"
#define Y_P_PLUS_1_SIGN "ee" REPEAT_30_FF "ff"
#define ORDER_8 "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
#define ORDER_8_SIGN "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
#define ORDER_8_B "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
#define ORDER_8_B_SIGN "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"

/* Points of mixed order, and the recurring halves of CCTV signatures. */
#define MIXED_1 "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f"
#define MIXED_2 "fe894df18abf1c20088bfbe6c9ad45d42ec20663eaf7111eaea1d851da0d7f89"
#define R_1 "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
#define R_2 "b797b156efcd45a4e2454d2fd0b21438b3ccd80d4c7fd1d1b2c8e55bd4ed4a94"
#define R_3 "f36121d8b0b7df104e6576f0745d2786e8ef5bcfc3110b512062223b17e5e0ee"
#define R_4 "931c92bcc5842f104eaf494fb9ef2e6791cfbb3b9495296451e85508949f72de"
#define R_5 "37d3076f21bd3bec4ee4ebee360fe0e3b288557810e7dda72edae09650d5caf9"
#define S_1 "05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02"

/* Every encoding that some decoder takes for a point of small order. */
static const char *const small_order_points[14] = {
	Y_0, Y_0_SIGN, Y_1, Y_1_SIGN, Y_MINUS_1, Y_MINUS_1_SIGN, Y_P, Y_P_SIGN,
	Y_P_PLUS_1, Y_P_PLUS_1_SIGN, ORDER_8, ORDER_8_SIGN, ORDER_8_B, ORDER_8_B_SIGN
};

/* The seven points of small order other than the neutral one, canonical. */
static const char *const torsion_points[7] = {
	Y_0, Y_0_SIGN, Y_MINUS_1, ORDER_8, ORDER_8_SIGN, ORDER_8_B, ORDER_8_B_SIGN
};

/*
 * One case.  "bare" is what libsodium's verifier says without a check of the
 * key's order, "strict" what we must say.
 */
typedef struct EdgeCase
{
	const char *name;
	const char *message;		/* hex */
	const char *public_key;
	const char *r;
	const char *s;
	bool		bare;
	bool		strict;
} EdgeCase;

static const EdgeCase speccheck[12] = {
	{
		"speccheck 0 small A, small R, S = 0",
		"8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
		ORDER_8_SIGN,
		ORDER_8,
		Y_0,
		false, false
	},
	{
		"speccheck 1 small A, mixed R",
		"9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
		ORDER_8_SIGN,
		"f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
		"a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
		false, false
	},
	{
		"speccheck 2 mixed A, small R",
		"aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
		"f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
		ORDER_8_SIGN,
		"8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
		false, false
	},
	{
		"speccheck 3 mixed A, mixed R",
		"9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
		"cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
		"9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f",
		"87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
		true, false
	},
	{
		"speccheck 4 only the cofactored equation holds",
		"e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
		"cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
		"160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512",
		"5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
		false, false
	},
	{
		"speccheck 5 only the cofactored equation holds, k reduced",
		"e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
		"cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
		"21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7",
		"e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
		false, false
	},
	{
		"speccheck 6 S > L",
		"85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
		"442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
		"e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e",
		"547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
		false, false
	},
	{
		"speccheck 7 S >> L",
		"85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
		"442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
		"8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942",
		"7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
		false, false
	},
	{
		"speccheck 8 non-canonical R, hashed in canonical form",
		"9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
		"f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
		Y_MINUS_1_SIGN,
		"03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
		false, false
	},
	{
		"speccheck 9 non-canonical R, hashed as given",
		"9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
		"f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
		Y_MINUS_1_SIGN,
		"ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
		false, false
	},
	{
		"speccheck 10 non-canonical A, hashed in canonical form",
		"e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
		Y_MINUS_1_SIGN,
		"a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
		"a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
		false, false
	},
	{
		"speccheck 11 non-canonical A, hashed as given",
		"39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
		Y_MINUS_1_SIGN,
		"a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc",
		"a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
		false, false
	}
};

static const EdgeCase wycheproof[] = {
	{
		"wycheproof 63 S + L",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"67654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d",
		false, false
	},
	{
		"wycheproof 64 S + 2L",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"5439412b5395d42f462c67008eba6ca839d4eef676573336a5c51eb6f946b32d",
		false, false
	},
	{
		"wycheproof 65 S + 4L",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"2ee12ce5875bf9dff26556464bae2ad239d4eef676573336a5c51eb6f946b34d",
		false, false
	},
	{
		"wycheproof 66 S + 8L",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"e2300459f1e742404cd934d2c595a6253ad4eef676573336a5c51eb6f946b38d",
		false, false
	},
	{
		"wycheproof 67 S + 2^253",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b32d",
		false, false
	},
	{
		"wycheproof 68 S + 2^254",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b34d",
		false, false
	},
	{
		"wycheproof 69 S + 2^255",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d",
		false, false
	},
	{
		"wycheproof 70 S + p",
		"54657374",
		"7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
		"7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0",
		"679155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b38d",
		false, false
	},
	{
		"wycheproof 71 valid",
		"",
		"a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c",
		"5056325d2ab440bf30bbf0f7173199aa8b4e6fbc091cf3eb6bc6cf87cd73d992",
		"ffc216c85e4ab5b8a0bbc7e9a6e9f8d33b7f6e5ac0ffdc22d9fcaf784af84302",
		true, true
	},
	{
		"wycheproof 72 valid",
		"78",
		"a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c",
		"481fafbf4364d7b682475282f517a3ac0538c9a6b6a562e99a3d8e5afb4f90a5",
		"59b056b9f07af023905753b02d95eb329a35c77f154b79abbcd291615ce42f02",
		true, true
	},
	{
		"wycheproof 73 valid",
		"54657374",
		"a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c",
		"8a9bb4c465a3863abc9fd0dd35d80bb28f7d33d37d74679802d63f82b20da114",
		"b8d765a1206b3e9ad7cf2b2d8d778bb8651f1fa992db293c0039eacb6161480f",
		true, true
	},
	{
		"wycheproof 74 valid",
		"48656c6c6f",
		"a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c",
		"d839c20abfda1fd429531831c64f813f84b913e9928540310cf060b44c3dbf94",
		"57d44a7721fdc0d67724ff81cb450dd39b10cfb65db15dda4b8bf09d26bd3801",
		true, true
	},
	{
		"wycheproof 75 valid",
		"313233343030",
		"a12c2beb77265f2aac953b5009349d94155a03ada416aad451319480e983ca4c",
		"9bbb1052dcfa8ad2715c2eb716ae4f1902dea353d42ee09fd4c0b4fcb8b52b52",
		"19e2200016e1199d0061891c263e31b0bc3b55673c19610c4e0fa5408004160b",
		true, true
	}
};

typedef struct CctvCase
{
	int			number;
	int			message;		/* N of the message */
	bool		bare;			/* as above; strict accepts none of these */
	const char *public_key;
	const char *r;
	const char *s;
} CctvCase;

static const CctvCase cctv[] = {
	{0, 3, false, Y_0, Y_0, Y_0},
	{1, 11, false, Y_0, Y_0, Y_0},
	{2, 7, false, Y_0, R_1, S_1},
	{3, 3, false, Y_0, R_1, S_1},
	{4, 7, false, MIXED_1, Y_0,
	"5e176f12cfb0d4e6eb6929b19ae4c998ef05c1c2cf628a9b1fa1c21312627108"},
	{5, 3, false, MIXED_1, Y_0,
	"9472a69cd9a701a50d130ed52189e2455b23767db52cacb8716fb896ffeeac09"},
	{6, 10, false, MIXED_1, R_1,
	"c02e2b9e63e385c058bf62b14b3a2b29ccefe8e38ddb536bc3f9865320a3d801"},
	{7, 0, true, MIXED_1, R_1,
	"bbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03"},
	{8, 8, false, Y_P, Y_0, Y_0},
	{9, 6, false, Y_P, Y_0, Y_0},
	{10, 4, false, Y_P, R_1, S_1},
	{11, 0, false, Y_P, R_1, S_1},
	{12, 7, false, Y_P, R_1, S_1},
	{13, 3, false, Y_P, R_1, S_1},
	{14, 3, false, Y_0, Y_P, Y_0},
	{15, 10, false, Y_0, Y_P, Y_0},
	{16, 6, false, MIXED_1, Y_P,
	"1cb421dfbd92aa6c30d550bff53c81cf650ace6deb96a8ec22d2fef84dbbe20b"},
	{17, 3, false, MIXED_1, Y_P,
	"ad7a355469b5c87e550469f6b2de409ee723acd584bf35f86b80c384e8ceb702"},
	{18, 7, false, MIXED_1, Y_P,
	"5e176f12cfb0d4e6eb6929b19ae4c998ef05c1c2cf628a9b1fa1c21312627108"},
	{19, 3, false, MIXED_1, Y_P,
	"9472a69cd9a701a50d130ed52189e2455b23767db52cacb8716fb896ffeeac09"},
	{20, 2, false, Y_P, Y_P, Y_0},
	{21, 15, false, Y_P, Y_P, Y_0},
	{22, 4, false, Y_0, Y_0_SIGN, Y_0},
	{23, 3, false, Y_0, Y_0_SIGN, Y_0},
	{24, 0, false, Y_0, R_2, S_1},
	{25, 9, false, Y_0, R_2, S_1},
	{26, 11, false, MIXED_1, Y_0_SIGN,
	"75b3d7e9547febbdbf3fde21df901c7ca1fc59e8b689a4ae283919e78cf62b03"},
	{27, 10, false, MIXED_1, Y_0_SIGN,
	"050abffcd4d8ccbb4b8d6bf6649f5aa99e8de5cc182a7409633856ff53f49e0c"},
	{28, 9, false, MIXED_1, R_2,
	"639734cf989e314e9e049fc01a3864d191fed8f231b12fee6fa50aaadba44b0e"},
	{29, 2, true, MIXED_1, R_2,
	"732d9e0279fe001d90327efa319816e3e4506b78432b8b4e1f2fdc4b960d700f"},
	{30, 7, false, Y_P, Y_0_SIGN, Y_0},
	{31, 9, false, Y_P, Y_0_SIGN, Y_0},
	{36, 5, false, Y_0, Y_P_SIGN, Y_0},
	{37, 9, false, Y_0, Y_P_SIGN, Y_0},
	{38, 0, false, MIXED_1, Y_P_SIGN,
	"7117c2ec783065c50f2c930cfc9d318c9737991acb260b49e2ca815474532709"},
	{39, 27, false, MIXED_1, Y_P_SIGN,
	"1f5fae114eb0c534b5aed0a892d0a0e1d429df6a025c5ae08012e0ffce78310c"},
	{878, 2, false, Y_MINUS_1, ORDER_8, Y_0},
	{879, 13, false, Y_MINUS_1, R_3, S_1},
	{880, 0, false, MIXED_2, ORDER_8,
	"3540a57b2ba00d60510ca5174b63f5ad6289f50241887ec114583b643dfe6003"},
	{881, 1, false, MIXED_2, R_3,
	"f081c939b0fb2f42749cd392be91b90b20875f6a7abd4019a470299569f16f01"},
	{882, 9, false, Y_MINUS_1_SIGN, ORDER_8, Y_0},
	{883, 3, false, Y_MINUS_1_SIGN, R_3, S_1},
	{885, 11, false, Y_MINUS_1, ORDER_8_SIGN, Y_0},
	{886, 8, false, Y_MINUS_1, R_4, S_1},
	{887, 3, false, MIXED_2, ORDER_8_SIGN,
	"8c7fe7a9b40ddb9617a6ca678729b53ad7c9916531c829288e416e56fbb74809"},
	{888, 1, false, MIXED_2, R_4,
	"73da5e09d360debd54177128d8b403f3d8cdd80ec83cd60b138b515d89d5cb0a"},
	{889, 1, false, Y_MINUS_1_SIGN, ORDER_8_SIGN, Y_0},
	{890, 19, false, Y_MINUS_1_SIGN, R_4, S_1},
	{892, 3, false, Y_MINUS_1, Y_MINUS_1, Y_0},
	{893, 5, false, Y_MINUS_1, Y_MINUS_1, Y_0},
	{894, 14, false, Y_MINUS_1, R_5, S_1},
	{895, 2, false, Y_MINUS_1, R_5, S_1},
	{896, 36, false, MIXED_2, Y_MINUS_1,
	"63ec463daf4a74749995e1bca07d169051630e9cf36860b86536f5c7f6e87405"},
	{897, 7, false, MIXED_2, Y_MINUS_1,
	"8fcc9e160cf71f1343cf2a6cc8d51cae1a9dc2e3debc99d97ec1190782406e05"},
	{898, 1, false, MIXED_2, R_5,
	"2adec0cbdc3718697e370f88b291cbe1965f51921474e0fe35973dbc471c3e01"},
	{899, 3, true, MIXED_2, R_5,
	"327f51a83cacea96d1f3fc6be0e2682f22ce35400ccb707aa30a7321ed6dff05"},
	{900, 1, false, Y_MINUS_1_SIGN, Y_MINUS_1, Y_0},
	{901, 2, false, Y_MINUS_1_SIGN, Y_MINUS_1, Y_0},
	{902, 0, false, Y_MINUS_1_SIGN, R_5, S_1},
	{903, 4, false, Y_MINUS_1_SIGN, R_5, S_1},
	{904, 14, false, Y_MINUS_1_SIGN, R_5, S_1},
	{906, 0, false, Y_MINUS_1, Y_MINUS_1_SIGN, Y_0},
	{907, 5, false, Y_MINUS_1, Y_MINUS_1_SIGN, Y_0},
	{908, 2, false, MIXED_2, Y_MINUS_1_SIGN,
	"0d5f3d4d7d4fd1b055ea05193ec32458d796b69aca128d34d5e4dbaec8a86e0c"},
	{909, 6, false, MIXED_2, Y_MINUS_1_SIGN,
	"472e9141da7cc7352acd9c8688b89b9c2ab873aa6c4270e9c9830051f861860f"},
	{910, 36, false, MIXED_2, Y_MINUS_1_SIGN,
	"63ec463daf4a74749995e1bca07d169051630e9cf36860b86536f5c7f6e87405"},
	{911, 7, false, MIXED_2, Y_MINUS_1_SIGN,
	"8fcc9e160cf71f1343cf2a6cc8d51cae1a9dc2e3debc99d97ec1190782406e05"},
	{912, 1, false, Y_MINUS_1_SIGN, Y_MINUS_1_SIGN, Y_0},
	{913, 8, false, Y_MINUS_1_SIGN, Y_MINUS_1_SIGN, Y_0}
};

#endif							/* W4_ED25519_EDGE_H */
