/*
 * observation: what one source says of one server at one moment. Nothing is ever changed in it; everything else is worked out anew from these.
 *
 * Shape    a probe, a row of a scan file, a hop of a mail header and a statement of the operator all come to this one form. What a source
 *          does not say stays empty, 0, -1 or TIME_NONE.
 * Units    observed_us: UTC microseconds, the source's own clock. Numbers of a build are integers, never decimals (15.1.1913.10 is later
 *          than 15.1.1913.7).
 * Owner    strings belong to the reader that gave the observation and live until it gives the next.
 * Bounds   OBS_NAMES_MAX names, OBS_CLAIMS_MAX claims; more are dropped and OBS_MORE is set. Text is taken as it came: hostile.
 * Source   survey sheet, sections 3, 4, 8 and 9.
 */
#ifndef SURVEY_OBSERVATION_H
#define SURVEY_OBSERVATION_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum obs_source {
    OBS_PROBE, OBS_SHADOWSERVER, OBS_SHODAN, OBS_CENSYS, OBS_ZGRAB, OBS_NMAP, OBS_MASSCAN, OBS_HTTPX, OBS_BINARYEDGE, OBS_CSV,
    OBS_RECEIVED,                /* "Received:" lines of mail that the team holds */
    OBS_HEALTHCHECKER, OBS_STATEMENT,           /* what the operator says: claims */
    OBS_SOURCES
};

/* Where the build was read, best first: what is precise wins over what is new only by the rules of daily.h. */
enum obs_means {
    OBS_NO_BUILD, OBS_HEADER, OBS_MANIFEST, OBS_MAIL_HOP, OBS_SELF_REPORT, OBS_SOAP, OBS_PAGE_PATH, OBS_AUTODISCOVER, OBS_REPORTED,
    OBS_ACTIVESYNC
};

enum obs_reach { OBS_REACH_UNKNOWN, OBS_ANSWERED, OBS_REFUSED, OBS_TIMED_OUT, OBS_TLS_FAILED, OBS_BROKEN_ANSWER, OBS_NO_NAME };

enum {
    OBS_EXCHANGE       = 1 << 0,   /* something only Exchange says was seen */
    OBS_NOT_EXCHANGE   = 1 << 1,   /* it answered, and with something else's words */
    OBS_VERSION_HIDDEN = 1 << 2,   /* a proxy or a filter stands before it, or the header is gone */
    OBS_TWO_BUILDS     = 1 << 3,   /* one answer named two builds */
    OBS_ONLINE         = 1 << 4,   /* this name is served by Exchange Online */
    OBS_ODD            = 1 << 5,   /* such a pair of IIS and Exchange, or such a build, never was: a honeypot? */
    OBS_MORE           = 1 << 6,   /* more names or claims than fit */
    OBS_SELF_SIGNED    = 1 << 7    /* nobody vouches for its certificate: cert_org is left empty then, for anybody can write anything there */
};

enum claim_kind { CLAIM_UNPATCHED, CLAIM_PATCHED, CLAIM_MITIGATED, CLAIM_COMPROMISED };
struct obs_claim {
    enum claim_kind kind;
    struct str about;              /* "CVE-2021-26855", "ProxyLogon" or empty: not said */
    struct str detail;             /* the path of a web shell, the words used */
};

/* Where a host name is known from: a certificate is worth more than what somebody asked for or a banner says, and that more than a reverse name. */
enum obs_naming { OBS_NAME_SAID, OBS_NAME_OF_CERT, OBS_NAME_REVERSE };

enum { OBS_NAMES_MAX = 32, OBS_CLAIMS_MAX = 16 };

struct observation {
    enum obs_source source;
    struct str source_name;        /* "scan_exchange", "http-ntlm-info": the report or script */
    struct str detector;           /* "afterpatch 0.1.0", "nmap 7.93": who looked, with its version */
    int64_t    observed_us;        /* TIME_NONE: the row has no time */
    uint64_t   line;               /* of the file, from 1; for XML and arrays the line where the record begins */

    uint8_t    ip[16];             /* IPv4 as ::ffff:a.b.c.d */
    bool       has_ip;
    uint16_t   port;               /* 0: not said */
    enum obs_reach reach;
    uint32_t   flags;              /* OBS_EXCHANGE ... */
    int        status;             /* of HTTP, 0: none */

    enum obs_means means;
    uint16_t   build[4];
    int        parts;              /* 0, 2, 3 or 4 numbers of build are known */

    struct str name[OBS_NAMES_MAX]; size_t name_n;   /* host names: asked, of the certificate, PTR; lower case */
    uint8_t    name_from[OBS_NAMES_MAX];             /* enum obs_naming */
    enum obs_naming naming;        /* of the names that announce_name adds from now on */
    struct str node;               /* X-FEServer */
    struct str ad_domain;          /* from X-CalculatedBETarget, X-BEServer, NTLM */
    uint8_t    cert[32]; bool has_cert;              /* SHA-256 of the leaf certificate */
    struct str cert_org, cert_name;                  /* subject O and CN */
    uint8_t    body[32]; bool has_body;              /* SHA-256 of the page */
    struct str server_header;      /* "Microsoft-IIS/10.0" */

    uint32_t   asn;                /* as the source says it; 0: unknown */
    struct str as_name;
    char       country[3];         /* ISO 3166, as the source says it: of the address, not of the organisation */
    struct str sector;             /* the source's own word */
    uint32_t   naics;              /* 0: unknown */

    struct obs_claim claim[OBS_CLAIMS_MAX]; size_t claim_n;
};

/* An observation of which nothing is known: TIME_NONE, no address. */
void observation_clear(struct observation *ret);

const char *obs_source_name(enum obs_source s);      /* "shadowserver": the word of options, tables and JSON */
const char *obs_means_name(enum obs_means m);        /* "header" */
const char *obs_reach_name(enum obs_reach r);        /* "answered" */
const char *claim_kind_name(enum claim_kind k);      /* "unpatched" */

/*
 * Where observations go: into the store, onto the terminal, into a test. false stops the reader, and says why in e.
 * broken: a row that cannot be used, with the reason; raw is the row, cut at OBS_RAW_MAX.
 */
enum { OBS_RAW_MAX = 4096 };
struct obs_sink {
    void *ctx;
    bool (*take)(void *ctx, const struct observation *o, struct err *e);
    bool (*broken)(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e);
};

#endif
