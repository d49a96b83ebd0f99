/*
 * case_export: servers and intruders as others read them. case_export.c asks and decides who may be told of; one file each for rows (IDF, Shadowserver, CSV) and for objects (STIX, MISP).
 *
 * Told     only what may be told: of a server the survey's own word, and what sources said that are releasable or not marked TLP:RED or TLP:AMBER+STRICT. What else there is opens cases, and
 *          stays here.
 * Apart    victims and intruders never stand in one export: --victims is one thing, --intruders (cards, intruders.h) another. MISP's target-* stand in an event of distribution 0.
 */
#ifndef CLI_CASE_EXPORT_H
#define CLI_CASE_EXPORT_H

#include "casework/state.h"
#include "cli/case_data.h"
#include "emit/out.h"

struct export_server {
    int64_t    asset, case_, org;
    struct str name, product, build, organisation, sector, cert_country;       /* cert_country: of the organisation */
    uint8_t    ip[16]; bool has_ip; uint16_t port;
    struct str country; uint32_t asn;
    enum exposure exposure;
    bool       backdoored;
    int64_t    seen_us, exposure_us, compromise_us;
    char       case_name[CASE_NAME_TEXT];
};
struct export_ask { struct case_data *d; const struct case_campaign *campaign; struct str feed, tlp, to, cve, detector; int64_t made_us; };

/* "TLP:AMBER" to "AMBER", as IntelMQ takes it: never wider. */
struct str export_tlp1(struct str tlp);

typedef void export_row(const struct export_ask *x, struct out *o, const struct export_server *s, uint64_t n);
export_row export_idf, export_shadowserver, export_csv;

/* Objects: begin, each server, end. */
struct share;
bool share_open(struct share **ret, const struct export_ask *x, struct out *o, bool misp, struct err *e);
bool share_victim(struct share *s, const struct export_server *v, struct err *e);
bool share_intruders(struct share *s, struct err *e);
bool share_end(struct share *s, struct err *e);

#endif
