/*
 * announce: what a server says of itself in an HTTP answer, read the same way whoever asked: our probe or somebody's scan.
 *
 * Shape    one call for each answer of one server, in any order and any number: the observation only grows more precise. Headers are found
 *          without regard to case, with '-' or '_' between their words (zgrab2, Censys).
 * Build    X-OWA-Version; else the click-once manifest; else what one who signed in was told (SOAP header, Autodiscover; imports only); else paths "/owa/auth/15.1.2176/", "/owa/14.3.123.3/" in the body, Location and
 *          Content-Location; else MS-Server-ActiveSync ("15.1"). Better means win; of equal means the lower build, for a server is as weak as its weakest node;
 *          builds that contradict each other set OBS_TWO_BUILDS. An empty X-OWA-Version says Exchange, and hides its version.
 * Flags    OBS_EXCHANGE: a header, title, path or icon that only Exchange has. OBS_VERSION_HIDDEN: fewer than three numbers are known, and either it is
 *          Exchange, or a proxy or filter stands before it (its redirects, cookies and pages), or the door to /owa/ is shut (403). OBS_NOT_EXCHANGE: it answered a
 *          path of Exchange with 2xx or 404 and none of this. OBS_ONLINE: 15.20.x, or names of Exchange Online. OBS_ODD: a Windows (by
 *          its IIS) on which such an Exchange was never installed, or a build beyond any.
 *          All are worked out anew at each call; who has read every answer has the right ones.
 * Bounds   ANNOUNCE_BODY_MAX of a body are read, ANNOUNCE_HEADERS_MAX headers, ANNOUNCE_VALUE_MAX bytes of a value.
 * Errors   none: text for which the arena has no room is left out, and OBS_MORE set.
 * Owner    strings of the observation are views of x or lie in the arena.
 * Not done nothing is asked, no host name resolved. NTLM challenges, mail banners and hops are read from imports only: see the functions below.
 * Source   survey sheet, sections 4 and 5.
 */
#ifndef SURVEY_ANNOUNCE_H
#define SURVEY_ANNOUNCE_H

#include "base/arena.h"
#include "survey/observation.h"

enum { ANNOUNCE_BODY_MAX = 256 << 10, ANNOUNCE_HEADERS_MAX = 128, ANNOUNCE_VALUE_MAX = 4096, ANNOUNCE_FAVICON = 1768726119 };

struct http_header { struct str name, value; };

struct announced {
    int status;                      /* 0: no answer of HTTP, or unknown */
    const struct http_header *h;
    size_t n;
    struct str body;                 /* as far as it was kept; empty: none */
    struct str host, path;           /* what was asked, as far as known: "mail.example.org", "/owa/" */
    struct str title;                /* where the source gives it apart from the body */
    int64_t favicon;                 /* murmur3 of the icon as FOFA and Shodan have it; 0: none */
    bool hash_body;                  /* also o->body from the bytes of body */
};

/* Sets status, server_header, node, ad_domain, build, means, parts, names, flags and, if asked, body. reach becomes OBS_ANSWERED. */
void announce_read(struct observation *o, struct arena *a, const struct announced *x);

/* An answer as it came over the line: status line, headers, empty line, body ("HTTP/1.1 302 Found\r\nX-OWA-Version: ..."). h, n, status and body of x are filled from it. */
void announce_read_raw(struct observation *o, struct arena *a, const struct announced *x, struct str raw);

/* A build in words from elsewhere ("15.1.2176.9", "15.01.2176.009"), by the rules above. False: no build (nothing is changed). */
bool announce_build(struct observation *o, enum obs_means means, struct str text);

/* The paths of an Exchange build in a text, one after the other: *pos from 0. False: no more. */
bool announce_path_next(struct str text, size_t *pos, uint16_t ret[4], int *ret_parts);

/* Adds a host name in lower case, once; a final dot goes. What is no host name (an address, a blank in it) is not added. */
void announce_name(struct observation *o, struct arena *a, struct str name);      /* known from where o->naming says */

/* "EX01.corp.example" or a back-end target: the AD domain behind the first dot. */
void announce_domain(struct observation *o, struct arena *a, struct str fqdn);

/* A greeting or EHLO answer of SMTP, POP or IMAP: is it Exchange, and which node. */
void announce_banner(struct observation *o, struct arena *a, struct str text);

/* "73C1840A", the ServerVersion of Autodiscover: major, minor, build. */
bool announce_server_version(struct observation *o, struct str hex);

/* The build of a hop "Received: ... by HOST ... with Microsoft SMTP Server ... id 15.1.2176.9": host and build text. False: not such a line. */
bool announce_received(struct str line, struct str *ret_by, struct str *ret_build);

#endif
