/* event_columns: which columns of a file answer what event.h asks, and which of the rules' fields are ours. */
#include "detect/event_inner.h"

#include "base/num.h"

/* Column names per fact, first match wins; builds and families spell them differently. */
static const struct { enum column col; struct str name; } names[] = {
    { COL_STEM, STR_INIT("cs-uri-stem") },      { COL_STEM, STR_INIT("UrlStem") },          { COL_STEM, STR_INIT("cs-uri") },
    { COL_QUERY, STR_INIT("cs-uri-query") },    { COL_QUERY, STR_INIT("UrlQuery") },
    { COL_METHOD, STR_INIT("cs-method") },      { COL_METHOD, STR_INIT("Method") },         { COL_METHOD, STR_INIT("SoapAction") },
    { COL_STATUS, STR_INIT("sc-status") },      { COL_STATUS, STR_INIT("HttpStatus") },
    { COL_CLIENT, STR_INIT("c-ip") },           { COL_CLIENT, STR_INIT("ClientIpAddress") },
    { COL_FORWARDED, STR_INIT("X-Forwarded-For") }, { COL_FORWARDED, STR_INIT("cs(X-Forwarded-For)") }, { COL_FORWARDED, STR_INIT("OriginalIP") },
    { COL_AGENT, STR_INIT("cs(User-Agent)") },  { COL_AGENT, STR_INIT("UserAgent") },
    { COL_REFERER, STR_INIT("cs(Referer)") },
    { COL_ACCOUNT, STR_INIT("cs-username") },   { COL_ACCOUNT, STR_INIT("AuthenticatedUser") },
    { COL_SENT, STR_INIT("sc-bytes") },         { COL_SENT, STR_INIT("ResponseBytes") },    { COL_SENT, STR_INIT("ResponseSize") },
    { COL_SERVER, STR_INIT("s-computername") }, { COL_SERVER, STR_INIT("ServerHostName") }, { COL_SERVER, STR_INIT("ServerName") },
    { COL_SERVER_IP, STR_INIT("s-ip") },        { COL_PORT, STR_INIT("s-port") },
    { COL_REQUEST_ID, STR_INIT("RequestId") },  { COL_ANCHOR, STR_INIT("AnchorMailbox") },  { COL_COOKIE, STR_INIT("BackEndCookie") },
    { COL_HINT, STR_INIT("RoutingHint") },      { COL_HOST, STR_INIT("UrlHost") },          { COL_HOST, STR_INIT("cs-host") },
    { COL_MAJOR, STR_INIT("MajorVersion") },    { COL_MINOR, STR_INIT("MinorVersion") },    { COL_BUILD, STR_INIT("BuildVersion") }, { COL_REVISION, STR_INIT("RevisionVersion") },
    { COL_AUTHENTICATED, STR_INIT("IsAuthenticated") }, { COL_TARGET, STR_INIT("TargetServer") }, { COL_WEB_COOKIE, STR_INIT("cs(Cookie)") },
};

/* The columns of a header by length and ends of their names: each field of each rule is looked for in each file. */
enum { CHAINS = 64 };
struct column_chains { int16_t first[CHAINS], next[RECORD_COLUMNS_MAX]; };

static size_t chain_of(struct str name)
{
    return name.n ? (name.n * 31 + ch_lower(name.p[0]) * 7u + ch_lower(name.p[name.n - 1]) * 3u + ch_lower(name.p[name.n / 2])) % CHAINS : 0;
}

static void chain(struct column_chains *ret, const struct columns *cols)
{
    for (size_t i = 0; i < CHAINS; i++)
        ret->first[i] = -1;
    for (size_t i = cols->n < RECORD_COLUMNS_MAX ? cols->n : RECORD_COLUMNS_MAX; i-- > 0;) {      /* from the end: of equal names the first is found first */
        size_t at = chain_of(cols->name[i]);
        ret->next[i]   = ret->first[at];
        ret->first[at] = (int16_t)i;
    }
}

static int16_t column_of(const struct column_chains *c, const struct columns *cols, struct str name)
{
    int16_t i = c->first[chain_of(name)];

    while (i >= 0 && !str_ieq(cols->name[i], name))
        i = c->next[i];
    return i;
}

void binding_derive(uint8_t *ret, const struct sigma *sigma)
{
    for (size_t i = 0; i < sigma->field_n; i++)
        ret[i] = event_derived_of(sigma->field[i]);
}

void binding_make(struct binding *b, const struct columns *cols, const struct sigma *sigma)
{
    struct column_chains chains;

    chain(&chains, cols);
    b->made       = true;
    b->generation = cols->generation;
    for (size_t i = 0; i < COL_COUNT; i++)
        b->col[i] = -1;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (b->col[names[i].col] < 0)
            b->col[names[i].col] = column_of(&chains, cols, names[i].name);
    if (b->field && !b->named)
        binding_derive(b->derived, sigma);
    for (size_t i = 0; b->field && i < sigma->field_n; i++)
        b->field[i] = b->derived[i] ? -1 : column_of(&chains, cols, sigma->field[i]);      /* a derived field never asks for a column of its own name */
    b->last = 0;
    for (size_t i = 0; i < COL_COUNT; i++)
        b->last = b->col[i] >= (int)b->last ? (size_t)b->col[i] + 1 : b->last;
    for (size_t i = 0; b->field && i < sigma->field_n; i++)
        b->last = b->field[i] >= (int)b->last ? (size_t)b->field[i] + 1 : b->last;
}
