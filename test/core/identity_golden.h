/*-------------------------------------------------------------------------
 *
 * identity_golden.h
 *		Golden vectors of the identity specification, appendix A.
 *
 * A1 keys and ids; A2 to A6 and A8 signed texts; A9 the audit chain.  They were
 * made by another Ed25519 implementation, so they check ours from outside.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_GOLDEN_H
#define W4_IDENTITY_GOLDEN_H

/* A1: the seed of each signer and what derives from it. */
typedef struct GoldenKey
{
	const char *name;
	const char *seed;
	const char *public_key;
	const char *lct;			/* without "lct:web4:mb32:" */
	const char *multikey;
} GoldenKey;

static const GoldenKey golden_keys[] = {
	{
		"alice",
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		"beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q",
		"z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
	},
	{
		"bob",
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"bhh3rhufgiqst6bcssqq3t5i3tmejphiiffmvtrhttehomf7vcopq",
		"z6MkiaMbhXHNA4eJVCCj8dbzKzTgYDKf6crKgHVHid1F1WCT"
	},
	{
		"mediator",
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"b3lahhyashppklhozwo62tt3ag73dvsucmj6xvpgvyswctxluaa7a",
		"z6MkwSD8dBdqcXQzKJZQFPy2hh2izzxskndKCjdmC2dBpfME"
	},
	{
		"soc",
		"0707070707070707070707070707070707070707070707070707070707070707",
		"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",
		"b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq",
		"z6MkvDqGT54cXesYGvABpF1UapVNwjCqRcafi4Px6Thv5T3Z"
	},
	{
		"w1",
		"1111111111111111111111111111111111111111111111111111111111111111",
		"d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737",
		"bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq",
		"z6MktULudTtAsAhRegYPiZ6631RV3viv12qd4GQF8z1xB22S"
	},
	{
		"w2",
		"2222222222222222222222222222222222222222222222222222222222222222",
		"a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0",
		"bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta",
		"z6MkqGC3nWZhYieEVTVDKW5v588CiGfsDSmRVG9ZwwWTvLSK"
	},
	{
		"w3",
		"3333333333333333333333333333333333333333333333333333333333333333",
		"17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce",
		"bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq",
		"z6Mkg49NtQR2LyYRDCQFK4w1VVHqhypZSSRo7HsyuN7SV7v5"
	}
};

/* A signed text: its bytes, their SHA-256 and the signature of the signer named. */
typedef struct GoldenSignature
{
	const char *name;
	const char *signer;
	const char *text;
	const char *sha256;
	const char *signature;
} GoldenSignature;

static const GoldenSignature golden_signatures[] = {
	{
		"A2 N1 binding alice human",
		"alice",
		"web4:lct:binding:v1\n"
		"lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\n"
		"human\n"
		"2026-01-15T10:30:00Z",
		"eabaed7c6b993da157ee6961c54bbeb63a4a01318bba4bbf24fc94b07a37238b",
		"74dfd9fcac5a03c53d478732e822973bd993ff38b810328ffa3f6c230594942d"
		"896651146333a5f67dd763984a5979f119b08625cb23cfa4dca8c796a3997005"
	},
	{
		"A2 N1 binding bob ai",
		"bob",
		"web4:lct:binding:v1\n"
		"lct:web4:mb32:bhh3rhufgiqst6bcssqq3t5i3tmejphiiffmvtrhttehomf7vcopq\n"
		"ai\n"
		"2026-01-15T10:30:00Z",
		"670bd3d90c7ce9f3ad8cf7905b1a99c08d10fd31473a4df4fd055db220114680",
		"4b5b475669dc6468d7bb6db78af1413679dd78e70445199d1940889b6c72096a"
		"9c8a97468dffed73be42ad88cf14ec2514b165ca4cd8414ad40dd0358f8cd20b"
	},
	{
		"A2 N1 binding soc society",
		"soc",
		"web4:lct:binding:v1\n"
		"lct:web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq\n"
		"society\n"
		"2026-01-01T00:00:00Z",
		"191fd0523916143533e6ae66dd73dfff9f7453df0823c12cde755027a2717231",
		"c20039c23354873e2e53ae78a6febabb01f2581b7175ade78d24b357cdab9abc"
		"25de59903edcc7f6fc70c44c8e0bbd7f87fdbc0767cd8bd473bc504f1730090e"
	},
	{
		"A3 N2 existence attestation",
		"w1",
		"web4:lct:attestation:v1\n"
		"lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\n"
		"existence\n"
		"2026-01-15T10:30:00Z",
		"51285bb05fd22f02c829e7b22ba6179a74a1ed0bd5fda0118cbc9285ea259d1a",
		"c204a76e2335c5ef4b0e22b8441501609a258311fea469326334d0f5b9549dae"
		"e79c239c6c0dd7c7700279b3a6a5c4200ea6987ee3195464b5c2afa21142240a"
	},
	{
		"A3 N3 opkey",
		"soc",
		"web4:lct:opkey:v1\n"
		"lct:web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq\n"
		"witnessing\n"
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"473ba2a6a44f4887689aa05769595d507f347f09c15a961673792536e8ea3ba0",
		"76a45e5ef957ae28521e75dfd2cb1cf7b5541c413a2b6133d2183197a0d41448"
		"e589fc8f504e7fd8ff2c36ddc6faf244dca7231e54aecdc8e71ea879c65fc101"
	},
	{
		"A4 N4 society sig",
		"soc",
		"web4:birth:society:v1\n"
		"0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8",
		"33ff985a2f7e9f9e4d3dbba59cce1cf37ab878c892f5cb350ba88a0e176313e2",
		"ee221a3a182d1fa5338f293272474b1801ea8e55c0d9569c0de6fe0c5b6591be"
		"d58689742ead9947ffe6b81291cd74cdd177a593ac57d7659b934b66bbade10b"
	},
	{
		"A4 N4 witness sig",
		"w1",
		"web4:birth:witness:v1\n"
		"lct:web4:mb32:bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq\n"
		"0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8",
		"6e87021e185644b64cc62cc25b420f01caf5294a65350f2c693eb69f948bde09",
		"8dbc11846039dd27a476a92e3c00641da2b8253adec5e8a86d47d2eeb1a9fd48"
		"63e613f0d3801d71c2be395768224d161419326d9df00e0c27eca604052a9007"
	},
	{
		"A4 N4 witness sig",
		"w2",
		"web4:birth:witness:v1\n"
		"lct:web4:mb32:bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta\n"
		"0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8",
		"1d4af98802ede479f318fe5341936256303979f87aef346130c80ce18217caf3",
		"e14e5c33c5592fca46941c3f56d8693890c27780bcef4130eee212ce923f6f7b"
		"6329aee8d30ea28660028f78e805e51ec8d55d299249f4c02febc4803b2d7108"
	},
	{
		"A4 N4 witness sig",
		"w3",
		"web4:birth:witness:v1\n"
		"lct:web4:mb32:bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq\n"
		"0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8",
		"7a91758b923de1aa5e4fdf1ec9b3558e5db5d5cd6f6880418928dc88905021de",
		"c4ac69b0bdc9cbbdba3f993498acf2e3606a075de887cf15e3a4192aed09eb1b"
		"94b4e9a6dacbdc5cd7e9ac357a8576cdfcf74e0442d84a86f19beb61890a090e"
	},
	{
		"A5 TIME",
		"w1",
		"{\"claims\":{\"accuracy\":100,\"nonce\":\"challenge-1\",\"ts\":\"2025-12-05T12:00:00"
		"+00:00\"},\"nonce\":\"AQEBAQEBAQEBAQEBAQEBAQ==\",\"subject\":\"lct:web4:ai:acme:1\","
		"\"ts\":\"2025-12-05T12:00:00+00:00\",\"type\":\"time\",\"witness\":\"did:web4:key:w1"
		"\"}",
		"2f36ef04ff9342c37f913db1cf485cda836a2587b0f484825b51c04bd839b8db",
		"f027dde9afcc85fdab16c8e5f8b8efbe33dff2f3733425d3acf5ffd8f1286288"
		"4508234c602544c4458551f30e12448c8e2e52580284b12ad36dbebf3f7c130b"
	},
	{
		"A5 AUDIT",
		"w1",
		"{\"claims\":{\"evidence\":\"sha256:aa\",\"policy_id\":\"policy:base:v1\",\"policy_me"
		"t\":true},\"nonce\":\"AgICAgICAgICAgICAgICAg==\",\"subject\":\"lct:web4:ai:acme:1\","
		"\"ts\":\"2025-12-05T12:00:00+00:00\",\"type\":\"audit\",\"witness\":\"did:web4:key:w"
		"1\"}",
		"b72cb0a5b0d43de159513ee81a1800b0c0b025e148ba0c9c99e8dd731e61babd",
		"abb40a78dec27015cef2b6c410827ebde0bde655ffad41045d0541197c5c84b5"
		"c1e061d252dc602ac6de537ece39c4d37cca9464fe584e6ccc256436d8aa820e"
	},
	{
		"A5 AUDIT_MINIMAL",
		"w1",
		"{\"claims\":{\"digest_valid\":true,\"rate_ok\":true},\"nonce\":\"AwMDAwMDAwMDAwMDAwM"
		"DAw==\",\"subject\":\"lct:web4:ai:acme:1\",\"ts\":\"2025-12-05T12:00:00+00:00\",\"ty"
		"pe\":\"audit-minimal\",\"witness\":\"did:web4:key:w1\"}",
		"010e60d129ffe369a0d52465a31a7b1a3c4a663daaa641576029a97dc9e447dd",
		"096f190eeacd3de0cc5fe26547b381bc3f734282e2999c1eb7d170f398d997fa"
		"f916a0309101af21f4ab3bbd7f23377bd5912326575a73ee0515be37ac16df0f"
	},
	{
		"A5 ORACLE",
		"w1",
		"{\"claims\":{\"data\":{\"price\":101},\"source\":\"https://example.org/p\",\"ts\":\""
		"2025-12-05T12:00:00+00:00\"},\"nonce\":\"BAQEBAQEBAQEBAQEBAQEBA==\",\"subject\":\"lc"
		"t:web4:ai:acme:1\",\"ts\":\"2025-12-05T12:00:00+00:00\",\"type\":\"oracle\",\"witnes"
		"s\":\"did:web4:key:w1\"}",
		"21394dd1cc9227c2f9d670e61d9d329377b498e3c0cff25bf3ac20ac99070c8d",
		"0fe01eec9b2d99837b28d4070594cd40d841c785d4503b4fc5663602e8681cd6"
		"4bf9680f9041506b3ef09a708d33fcbe7e67fb85d459e8be2457b0ef2efb170f"
	},
	{
		"A5 EXISTENCE",
		"w1",
		"{\"claims\":{\"method\":\"challenge-response\",\"observed_at\":\"2025-12-05T12:00:00"
		"+00:00\"},\"nonce\":\"BQUFBQUFBQUFBQUFBQUFBQ==\",\"subject\":\"lct:web4:ai:acme:1\","
		"\"ts\":\"2025-12-05T12:00:00+00:00\",\"type\":\"existence\",\"witness\":\"did:web4:k"
		"ey:w1\"}",
		"e2438a51116bee9a710474bacc4b6457509a17d5f8ece8be6e3399778a44c902",
		"1e489eae326b7e392f4c894adc93b914e552ab3ccc6770161c4a10c349f2d71d"
		"612fb14bea09f02a8f6204b66c9d042ef82500227c51e7d321b889ae25b6e802"
	},
	{
		"A5 ACTION",
		"w1",
		"{\"claims\":{\"action_type\":\"compute\",\"actor\":\"lct:web4:ai:acme:1\",\"result\""
		":\"success\"},\"nonce\":\"BgYGBgYGBgYGBgYGBgYGBg==\",\"subject\":\"lct:web4:ai:acme:"
		"1\",\"ts\":\"2025-12-05T12:00:00+00:00\",\"type\":\"action\",\"witness\":\"did:web4:"
		"key:w1\"}",
		"9a7833504d0bf332a2c97c5dd8e7a30eb85600c2182226b638ddd70d193b60aa",
		"b557504e294c03ba6f89b203a578c6a9ef543710e8c333d249511780dd54dab9"
		"f407dcd86d2855a97b18e4cbd29325258fd8fe3193363c13a041bf9edb60db04"
	},
	{
		"A5 STATE",
		"w1",
		"{\"claims\":{\"measurement\":\"load=1\",\"state\":\"running\"},\"nonce\":\"BwcHBwcHB"
		"wcHBwcHBwcHBw==\",\"subject\":\"lct:web4:ai:acme:1\",\"ts\":\"2025-12-05T12:00:00+00"
		":00\",\"type\":\"state\",\"witness\":\"did:web4:key:w1\"}",
		"de6155dfbac9b0eeaec852feeba301acee8fbbd4e265bac9127b286c6814af90",
		"70459699f4e575d40015147d09f56b4c1eaf8626fba4dd0033615b52eaea8401"
		"9522d5594dd65c321da4dcd444e359104d143e49c9ab77d1d0d1ac0c9c115b0a"
	},
	{
		"A5 QUALITY",
		"w1",
		"{\"claims\":{\"metric\":\"accuracy\",\"value\":0.95},\"nonce\":\"CAgICAgICAgICAgICAg"
		"ICA==\",\"subject\":\"lct:web4:ai:acme:1\",\"ts\":\"2025-12-05T12:00:00+00:00\",\"ty"
		"pe\":\"quality\",\"witness\":\"did:web4:key:w1\"}",
		"e3abc7f1990d23efac3e45ba57eeaf4bb0d456f8de83f7be0b60104fd86c315c",
		"a3dd2c78d6a83f4e14339312fef66c1defaf7cdc8b1fff0ee3eb644e19791404"
		"0213eeb760f29186bda21b1612a6319dafb7b8b6a39aaa08d06086ca28b54e0d"
	},
	{
		"A5 nonascii+all optional",
		"w1",
		"{\"claims\":{\"action_type\":\"d\\u00e9ploy \\ud83d\\ude00\",\"result\":\"ok\"},\"ev"
		"ent_hash\":\"abababababababababababababababababababababababababababababababab\",\"no"
		"nce\":\"CQkJCQkJCQkJCQkJCQkJCQ==\",\"policy\":\"policy:base:v1\",\"subject\":\"lct:w"
		"eb4:ai:acme:1\",\"ts\":\"2025-12-05T12:00:00.000123+00:00\",\"type\":\"action\",\"wi"
		"tness\":\"did:web4:key:w1\"}",
		"259739a39b97f06ac099cf2ec514140e37dabfdfb2063d1132ac777f6d3edf58",
		"5726e2bf04cba479618dd4f51011cc4fe247afe9890e19508b17bc79bb8130b7"
		"0dd5d3ce9d53efaffae8ddb2358d13c4e60c112ef0d49b68b93839135af81a03"
	},
	{
		"A5b RI delegation",
		"alice",
		"{\"atp_budget\":1000,\"constraints\":{\"min_t3\":0.5},\"delegatee_lct\":\"lct:web4:a"
		"i:acme:1\",\"delegation_id\":\"delegation:0123456789abcdef\",\"delegator_lct\":\"lct"
		":web4:human:acme:1\",\"granted_permissions\":[\"read\",\"write\"],\"organization_id"
		"\":\"acme\",\"role_lct\":\"role:web4:researcher\",\"valid_from\":1764936000.0,\"vali"
		"d_until\":1765022400.0}",
		"95122fd4982257b8ac525acf4e14e68ec03209c80fc17ff46fd367008254521e",
		"ec91db7238e579ee93188e7676847548109f2caff15e431dd10f2d270a688446"
		"772208d75a7eadeeee84622454047f34e7106247445dc881d1c75c4b5eae0809"
	},
	{
		"A6 RI cert",
		"soc",
		"0x0e69bc2e49346fb5920a7a4e9a7209b3ce7c6dbda14462bdf902b9d4963ed085",
		"d1a860e6a3a506fe01381c841956e6bda4454730c43450895fc58a2041935cb7",
		"74a5779356e17a007598da67cf1697c4f984801148d7afb42fbebdde0e8e6549"
		"b6b9e5e39cd8aabe7ef5e59b7ce709cc4f324228157a6e627687c007f313010d"
	},
	{
		"A8 N5 delegation",
		"alice",
		"web4:delegation:v1\n"
		"{\"actions\":[\"read\"],\"atp_budget\":\"100\",\"constraints\":{},\"created_at\":\"2"
		"026-01-15T10:30:00Z\",\"delegatee\":\"lct:web4:mb32:bhh3rhufgiqst6bcssqq3t5i3tmejphi"
		"iffmvtrhttehomf7vcopq\",\"delegation_id\":\"dlg:0001\",\"delegator\":\"lct:web4:mb32"
		":beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\",\"max_actions\":10,\"max_de"
		"pth\":0,\"nonce\":\"AQEBAQEBAQEBAQEBAQEBAQ==\",\"organization\":\"lct:web4:mb32:b72a"
		"syextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq\",\"parent\":null,\"resources\":["
		"\"data/*\"],\"role\":null,\"v\":1,\"valid_from\":\"2026-01-15T10:30:00Z\",\"valid_un"
		"til\":\"2026-01-16T10:30:00Z\"}",
		"270c60d5b0304910444f8ab02f28bac90675437fdab14e8f948726df3a5586f4",
		"ecdf626ebcb5379b6e2e4bb15e29af8860ddd8d2302d3b342b2e33d34cbf3969"
		"0dc62f6af9215402e56324116cf63756a7d39da355fdded466c11134e22ffd02"
	},
	{
		"A8 N6 revocation",
		"alice",
		"web4:revocation:v1\n"
		"{\"delegation_hash\":\"270c60d5b0304910444f8ab02f28bac90675437fdab14e8f948726df3a558"
		"6f4\",\"delegation_id\":\"dlg:0001\",\"nonce\":\"AgICAgICAgICAgICAgICAg==\",\"reason"
		"\":\"compromise\",\"revoked_at\":\"2026-01-15T10:30:00Z\",\"revoker\":\"lct:web4:mb3"
		"2:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\",\"v\":1}",
		"cdcd51569d5fa2a9b3a3fc0c5eb8d6daae35395b0cfd5f4e56990c5390e0bcb9",
		"22bac17b2120f2a52a7950f34b021910a3e213126df3516b2e7a616a59e54811"
		"22405acb15af65c6a00ce6276d2449683cdb941e8f94aa64647bf002be476a00"
	},
	{
		"A8 N7 request",
		"bob",
		"web4:request:v1\n"
		"{\"action\":\"read\",\"atp_cost\":\"5\",\"context_hash\":\"44136fa355b3678a1146ad16f"
		"7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"delegation_id\":\"dlg:0001\",\"nonce\":"
		"\"AwMDAwMDAwMDAwMDAwMDAw==\",\"requester\":\"lct:web4:mb32:bhh3rhufgiqst6bcssqq3t5i3"
		"tmejphiiffmvtrhttehomf7vcopq\",\"resource\":\"data/x\",\"role\":null,\"society\":\"l"
		"ct:web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq\",\"ts\":\"2026-0"
		"1-15T10:30:00Z\",\"v\":1}",
		"b92398408852bccd67c676b3e0dd5dc23f6e5a910aed06f7cd77007e5f3bdd5e",
		"460e068d1b96fd073c20886e53bbfd8d285aa7e197984488088f2e0939b0d0ab"
		"fefadf52b0477553ccfc3e6953de61f92bb17c3f33a49e4ad68a01a89a250c02"
	},
	{
		"A8 N8 rotation old",
		"alice",
		"web4:rotation:v1\n"
		"{\"from_version\":1,\"issued_at\":\"2026-01-15T10:30:00Z\",\"lct_id\":\"lct:web4:mb3"
		"2:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\",\"new_public_key\":\"fc51c"
		"d8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\",\"nonce\":\"BAQEBAQEBA"
		"QEBAQEBAQEBA==\",\"old_public_key\":\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa623"
		"25af021a68f707511a\",\"overlap_until\":\"2026-01-16T10:30:00Z\",\"to_version\":2,\"v"
		"\":1}",
		"5a385cccfcefe48e582e4311ee94b66a7b93593f3921638bf494f5496314a30f",
		"f893c95ef81e9b6fafa139e3e0fcafeca3210545fcbe7b97d995453aa9368a67"
		"916eb4073f4b2842cfeea41d35e25dbcac03f032f676c5c70090e30c91c7050e"
	},
	{
		"A8 N8 rotation new (proof of possession)",
		"mediator",
		"web4:rotation:v1\n"
		"{\"from_version\":1,\"issued_at\":\"2026-01-15T10:30:00Z\",\"lct_id\":\"lct:web4:mb3"
		"2:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q\",\"new_public_key\":\"fc51c"
		"d8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\",\"nonce\":\"BAQEBAQEBA"
		"QEBAQEBAQEBA==\",\"old_public_key\":\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa623"
		"25af021a68f707511a\",\"overlap_until\":\"2026-01-16T10:30:00Z\",\"to_version\":2,\"v"
		"\":1}",
		"5a385cccfcefe48e582e4311ee94b66a7b93593f3921638bf494f5496314a30f",
		"8b3484fd5f8f0e87e6f285a1df4b080b917732dfff1c2ee4fa2117d317faf9d5"
		"62b6e41b3071fd231b4ccd7e7db32569bbb349cfea8ccc80394b27af0ee15a02"
	}
};

/* A plain hash: SHA-256 of prefix and text, in that order. */
typedef struct GoldenHash
{
	const char *name;
	const char *prefix;
	const char *text;
	const char *sha256;
} GoldenHash;

static const GoldenHash golden_hashes[] = {
	{
		"A4 certificate",
		"web4:birth:v1\n",
		"{\"birth_context\":\"platform\",\"birth_timestamp\":\"2026-01-15T10:30:00Z\",\"birth"
		"_witnesses\":[\"lct:web4:mb32:bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq"
		"\",\"lct:web4:mb32:bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta\",\"lct:web"
		"4:mb32:bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq\"],\"citizen_role\":\"l"
		"ct:web4:role:citizen:platform\",\"entity_type\":\"human\",\"issuing_society\":\"lct:"
		"web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq\",\"law_hash\":\"000"
		"0000000000000000000000000000000000000000000000000000000000000\",\"law_version\":\"v1"
		".0.0\",\"lct_id\":\"lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xe"
		"g4q\",\"obligations\":[\"abide_law\",\"respect_quorum\"],\"public_key\":\"d75a980182"
		"b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\",\"rights\":[\"accumulate_re"
		"putation\",\"interact\",\"presence\"],\"v\":1}",
		"0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8"
	},
	{
		"A6 certificate",
		"",
		"{\"birth_timestamp\": 1764936000.0, \"entity_type\": \"AI\", \"genesis_block\": \"bl"
		"ock:1\", \"initial_responsibilities\": [\"abide_law\", \"respect_quorum\"], \"initia"
		"l_rights\": [\"accumulate_reputation\", \"exist\", \"interact\"], \"law_oracle_id\":"
		" \"oracle:law:acme\", \"law_version\": \"v1.0.0\", \"lct_id\": \"lct:web4:ai:acme:1"
		"\", \"society_id\": \"acme\", \"witnesses\": [\"witness:a\", \"witness:b\"]}",
		"0e69bc2e49346fb5920a7a4e9a7209b3ce7c6dbda14462bdf902b9d4963ed085"
	},
	{
		"A8 request context",
		"",
		"{}",
		"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	},
	{
		"A9 audit record",
		"web4:audit:v1\n"
		"0000000000000000000000000000000000000000000000000000000000000000\n",
		"{\"action\":\"read\",\"atp_cost\":\"5\",\"decision\":\"granted\",\"seq\":1}",
		"909b4e962164c249cde760a87dab82a9bf40fc7189002f4af87ff628d9cae9ed"
	}
};

#endif							/* W4_IDENTITY_GOLDEN_H */
