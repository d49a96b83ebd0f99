/*
 * campaign_reports: report.json of each hunt, as src/report/json.c writes it, and what it makes known.
 *
 * Source   docs/report-contract.md, docs/report.schema.json. A report is short: one finding for each thing it says.
 * Forged   contradicts itself, breaks the schema, comes from the future or breaks off: none of them may count.
 */
#include "lab/campaign_files.h"

#include "base/hash.h"
#include "base/num.h"

#include <string.h>

enum { FINDINGS = 96, GRADE_OF_NONCE = 3, GRADE_OF_NONE = 2, FORGERIES = 6 };

struct seen { const char *detector, *title, *severity, *axis, *state, *cve, *why, *path, *excerpt; char file[65]; int64_t at_us, last_us; uint32_t session; };
struct paper {
    struct story              *s;
    FILE                      *f;
    struct rng                 r;
    uint32_t                   server;
    const struct story_server *v;
    const struct story_hunt   *h;
    int64_t                    run_us, newest_us, patched_us, to_us;       /* patched_us TIME_NONE: it is not */
    struct seen                seen[FINDINGS]; uint32_t n;
    uint32_t left[STORY_DOORS_MAX], exposure[4], exposures, entry[STORY_SESSIONS_MAX], door[STORY_DOORS_MAX], use[STORY_DOORS_MAX], beyond, theft;     /* numbers of findings; 0: none */
    uint32_t forgery;
};

static void text(struct paper *p, const char *key, const char *value)
{
    fprintf(p->f, "\"%s\":", key);
    if (value)
        story_json(p->f, value);
    else
        fputs("null", p->f);
}

static void when(struct paper *p, const char *key, int64_t us)
{
    char t[32];

    if (us == TIME_NONE)
        fprintf(p->f, "\"%s\":null", key);
    else {
        story_time(us, t);
        fprintf(p->f, "\"%s\":\"%s\"", key, t);
    }
}

static uint32_t find_new(struct paper *p, struct seen x)
{
    if (p->n == FINDINGS)
        lab_die("a report has too many findings");
    p->seen[p->n++] = x;
    return p->n;
}

static bool shown(const struct paper *p, const struct story_door *d) { return !d->missed || p->h->again; }
static bool present(const struct paper *p, const struct story_door *d) { return shown(p, d) && (!p->h->gone || d->missed); }

static const char *feature(const struct paper *p, uint32_t visit, const char *kind, uint32_t nth)
{
    const struct campaign *c = p->s->c;
    uint32_t               lo = 0, hi = c->feature_n;

    while (lo < hi) {                          /* they lie in the order of their visits */
        uint32_t mid = lo + (hi - lo) / 2;
        if (c->feature[mid].visit < visit)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < c->feature_n && c->feature[lo].visit == visit; lo++)
        if (!strcmp(c->feature[lo].kind, kind) && nth-- == 0)
            return c->feature[lo].value;
    return NULL;
}

/* Folder and how the name is made, by the number of the pattern. */
static const char *path_of(struct paper *p, const struct story_door *d)
{
    static const char *const folder[] = { "C:\\inetpub\\wwwroot\\aspnet_client\\", "C:\\inetpub\\wwwroot\\aspnet_client\\system_web\\",
        "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\ecp\\auth\\", "C:\\inetpub\\wwwroot\\" };
    const char *pattern = d->visit == UINT32_MAX ? NULL : feature(p, d->visit, "path", 0);
    struct rng  r = rng_for(p->s->c->plan.seed, 3000 + (uint64_t)p->server * 16 + d->number);
    char        name[32] = "";
    uint32_t    n = 0;

    if (!pattern || sscanf(pattern, "pattern%u", &n) != 1)
        return pool_fmt(&p->s->text, "C:\\inetpub\\wwwroot\\site%u\\page%u.aspx", p->server, d->number);
    for (int i = 0; i < 8; i++)
        name[i] = n / 5 == 2 ? "0123456789abcdef"[rng_below(&r, 16)] : (char)('a' + rng_below(&r, 26));
    return n / 5 == 0 ? pool_fmt(&p->s->text, "%s%s.aspx", folder[n % 5], name) : n / 5 == 1 ? pool_fmt(&p->s->text, "%sweb%u%u.aspx", folder[n % 5], rng_below(&r, 900) + 100, d->number)
                                                                                        : pool_fmt(&p->s->text, "%s%s.aspx", folder[n % 5], name);
}

/* The analyser leaves figures out of a flow's shape: flows differ by their words. */
static const char *flow_step(const char *flow)
{
    static const char *const step[] = { "decoded as Base64", "decoded as hex", "joined", "split", "turned around", "read as JSON", "unpacked", "taken from a cookie" };

    return step[(uint8_t)flow[strlen(flow) - 1] % 8];
}

/* The programs that a visit brought. */
static void tools(struct paper *p, uint32_t k)
{
    const char *tool;

    for (uint32_t n = 0; n < 4 && (tool = feature(p, p->v->visit + k, "tool", n)) != NULL; n++) {
        struct seen x = { .detector = "files/hash", .title = "A program that was brought", .severity = "high", .axis = NULL, .state = NULL, .why = "Its hash is on the list.",
            .path = pool_fmt(&p->s->text, "C:\\Windows\\Temp\\%s-%u.exe", tool, k), .at_us = p->s->c->visit[p->v->visit + k].first_us + 15 * TIME_MINUTE,
            .last_us = p->s->c->visit[p->v->visit + k].first_us + 15 * TIME_MINUTE, .session = k + 1 };
        story_hash(tool, x.file);
        (void)find_new(p, x);
    }
}

static void gather(struct paper *p)
{
    const struct story_server *v = p->v;
    const struct story_build  *b = &story_builds[v->build];
    const char *build = p->patched_us == TIME_NONE ? b->before : b->after, *word = p->patched_us == TIME_NONE ? "unpatched" : "patched";

    p->exposure[p->exposures++] = find_new(p, (struct seen){ .detector = "files/build", .title = pool_fmt(&p->s->text, "%s, build %s: %s", b->product, build, word), .severity = "info", .axis = "exposure", .state = word,
        .why = pool_fmt(&p->s->text, "Build %s by the version of ExSetup.exe.", build), .path = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Bin\\ExSetup.exe", .at_us = TIME_NONE, .last_us = TIME_NONE });
    if (p->patched_us != TIME_NONE)
        p->exposure[p->exposures++] = find_new(p, (struct seen){ .detector = "files/patched", .title = "An update was completed", .severity = "info", .axis = "exposure", .state = "patched",
            .why = "ExchangeSetup.log: setup completed.", .path = "C:\\ExchangeSetupLogs\\ExchangeSetup.log", .at_us = p->patched_us, .last_us = p->patched_us });
    for (uint32_t k = 0; k < v->visits && k < STORY_SESSIONS_MAX; k++) {
        int64_t t = p->s->c->visit[v->visit + k].first_us;
        const char *client = feature(p, v->visit + k, "client", 0), *agent = feature(p, v->visit + k, "agent", 0);
        tools(p, k);
        p->entry[k] = find_new(p, (struct seen){ .detector = "sigma:proxylogon/httpproxy-reset", .title = "A file was written through the reset of a virtual directory", .severity = "critical", .axis = "exploitation",
            .state = "succeeded", .cve = "CVE-2021-27065", .why = pool_fmt(&p->s->text, "forged request of %s, status 200", client ? client : "an address that was not logged"),
            .excerpt = agent ? pool_fmt(&p->s->text, "POST /ecp/y.js, status 200, client %s, agent Mozilla/5.0 (%s)", client ? client : "-", agent) : NULL,
            .path = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ecp\\HttpProxy_1.LOG", .at_us = t + TIME_MINUTE, .last_us = t + TIME_MINUTE, .session = k + 1 });
    }
    for (uint32_t k = 0; k < v->doors; k++) {
        const struct story_door *d = &v->door[k];
        const char *flow = d->visit == UINT32_MAX ? NULL : feature(p, d->visit, "flow", 0);
        if (!shown(p, d))
            continue;
        uint32_t session = d->visit == UINT32_MAX ? 0 : d->visit - v->visit + 1;
        p->door[k] = find_new(p, (struct seen){ .detector = "files/page", .title = "A page runs what a request brings", .severity = "critical", .axis = "back_door", .state = present(p, d) ? "present" : "removed",
            .why = flow ? pool_fmt(&p->s->text, "A page of %u lines. The way: line 3 taken from the request: \"word\"; line 3 %s; line 4 runs text as code: eval.", 4 + k, flow_step(flow)) : "Its content is gone.",
            .path = path_of(p, d), .at_us = d->made_us, .last_us = d->made_us, .session = session });
        const char *dll = d->visit == UINT32_MAX ? NULL : feature(p, d->visit, "compiled", 0);
        if (dll) {
            struct seen x = { .detector = "files/compiled-assembly", .title = "A page was compiled", .severity = "high", .axis = "back_door", .state = present(p, d) ? "present" : "removed", .why = "What its compilation left.",
                .path = pool_fmt(&p->s->text, "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\App_Web_%u.dll", k), .at_us = d->made_us + TIME_SECOND, .last_us = d->made_us + TIME_SECOND,
                .session = session };
            story_hash(dll, x.file);
            p->left[k] = find_new(p, x);
        }
        if (d->visit != UINT32_MAX)
            p->use[k] = find_new(p, (struct seen){ .detector = "log/known-page", .title = "A back door was used", .severity = "critical", .axis = "use", .state = "used",
                .why = "sent POST and was answered 200", .path = "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210301.log", .at_us = d->made_us + TIME_MINUTE, .last_us = d->last_us, .session = d->visit - v->visit + 1 });
    }
    if (v->beyond && v->visits)
        p->beyond = find_new(p, (struct seen){ .detector = "evtx/remote-service", .title = "A service was made on another server", .severity = "critical", .axis = "use", .state = "beyond_server",
            .why = "a logon from this server with the account of a back door", .path = "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx", .at_us = p->s->c->visit[v->visit].first_us + 22 * TIME_MINUTE,
            .last_us = p->s->c->visit[v->visit].first_us + 22 * TIME_MINUTE, .session = 1 });
    if (v->stolen && v->visits)
        p->theft = find_new(p, (struct seen){ .detector = "log/mail-read", .title = "Mail was read", .severity = "critical", .axis = "theft", .state = "seen", .why = "forged requests whose answers sum to more than 1 MB",
            .path = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ews\\HttpProxy_1.LOG", .at_us = p->s->c->visit[v->visit].first_us + 12 * TIME_MINUTE,
            .last_us = p->s->c->visit[v->visit].first_us + 13 * TIME_MINUTE, .session = 1 });
}

static void ids(struct paper *p, const char *key, const uint32_t *one, uint32_t n, const uint32_t *two, uint32_t m)
{
    const char *comma = "";

    fprintf(p->f, "\"%s\":[", key);
    for (uint32_t i = 1; i <= p->n; i++) {
        bool in = false;
        for (uint32_t k = 0; k < n; k++)
            in |= one[k] == i;
        for (uint32_t k = 0; k < m; k++)
            in |= two[k] == i;
        if (in) {
            fprintf(p->f, "%s\"F%04u\"", comma, i);
            comma = ",";
        }
    }
    putc(']', p->f);
}

static void head(struct paper *p)
{
    const struct story_build *b = &story_builds[p->v->build];
    struct story             *s = p->s;
    char                      ip[48], cert[65];
    const char               *ad = story_ad(s, p->server), *host = NULL;
    bool                      named = p->h->proof == PROOF_NONCE || p->h->proof == PROOF_PARTIAL || p->h->proof == PROOF_FOREIGN;

    for (uint32_t k = 0; k < p->v->links && !host; k++) {
        const struct camp_link *l = &s->c->link[s->by_server[p->v->link + k]];
        if (l->kind == CAMP_EXCHANGE_NAME && l->confidence >= 50)
            host = story_host(s, p->server, l->value);
    }
    story_ip(p->server, ip);
    story_hash(pool_fmt(&s->text, "certificate of %u", p->server), cert);
    fprintf(p->f, "{\"schema\":\"afterpatch-report/%s\",\"tool\":{\"name\":\"afterpatch\",\"version\":\"0.1.0\",\"packs\":[{\"id\":\"proxylogon\",\"version\":\"1\",\"sha256\":\"%s\"}]},\"run\":{", p->forgery == 5 ? "9" : "1", cert);
    when(p, "started", p->forgery == 4 ? INT64_C(4102444800) * TIME_SECOND : p->run_us);
    fputs(",\"seconds\":12.4,\"bytes_read\":7516192768,\"peak_memory_bytes\":91226112,\"sandbox\":\"landlock+seccomp\"},\"case\":{", p->f);
    if (named) {
        uint32_t other = p->h->proof == PROOF_FOREIGN ? (p->server + s->c->server_n / 2) % s->c->server_n : p->server;
        fprintf(p->f, "\"id\":\"CASE-OF-%06u\",\"nonce\":\"NONCE-OF-%06u\",", p->server, other);
    } else
        fputs("\"id\":null,\"nonce\":null,", p->f);
    text(p, "organisation", named ? story_text(s, &p->r, s->c->org[s->c->server[p->server].org].name) : NULL);
    fputs(",\"tlp\":\"TLP:AMBER\"},\"server\":{", p->f);
    text(p, "name", story_node(s, p->server));
    fputs(",\"fqdns\":[", p->f);
    if (host)
        story_json(p->f, host);
    fputs("],", p->f);
    text(p, "domain", ad);
    fprintf(p->f, ",\"addresses\":[\"%s\"],\"tls_key_sha256\":[],\"os\":\"Windows Server 2016\",\"time_zone\":null,\"products\":[{", ip);
    text(p, "product", b->product);
    putc(',', p->f);
    text(p, "build", p->patched_us == TIME_NONE ? b->before : b->after);
    fputs(",\"install_path\":\"C:\\\\Program Files\\\\Microsoft\\\\Exchange Server\\\\V15\\\\\"}]},\"scope\":{\"since\":null,\"until\":null,", p->f);
    when(p, "newest_evidence", p->newest_us);
    fputs("},\"sources\":[{\"path\":\"evidence\",\"kind\":\"volume\",\"layout\":\"plain\",\"bytes\":12049521,\"sha256\":null}],", p->f);
}

static void campaign_part(struct paper *p)
{
    const struct story_server *v = p->v;
    uint32_t visits = v->visits < STORY_SESSIONS_MAX ? v->visits : STORY_SESSIONS_MAX, door = 0, gone = 0;
    bool     partial = p->h->proof == PROOF_PARTIAL, used = visits > 0;
    int64_t  first = TIME_NONE, last = TIME_NONE, use_first = TIME_NONE, use_last = TIME_NONE;
    uint32_t uses[STORY_DOORS_MAX + 1], use_n = 0;
    const char *covered = partial ? "partly" : "full";

    for (uint32_t k = 0; k < visits; k++) {
        int64_t t = p->s->c->visit[v->visit + k].first_us + TIME_MINUTE;
        first = first == TIME_NONE || t < first ? t : first;
        last  = last == TIME_NONE || t > last ? t : last;
    }
    for (uint32_t k = 0; k < v->doors; k++) {
        if (shown(p, &v->door[k]))
            *(present(p, &v->door[k]) ? &door : &gone) += 1;
        if (p->use[k]) {
            uses[use_n++] = p->use[k];
            int64_t t = v->door[k].made_us + TIME_MINUTE;
            use_first = use_first == TIME_NONE || t < use_first ? t : use_first;
            use_last  = use_last == TIME_NONE || v->door[k].last_us > use_last ? v->door[k].last_us : use_last;
        }
    }
    if (p->beyond)
        uses[use_n++] = p->beyond;
    const char *open = door || p->patched_us == TIME_NONE ? "yes" : partial ? "unproven" : "no";
    const char *verdict = used && p->beyond ? "beyond_server" : used ? "back_door_used" : door || gone ? "back_door" : partial ? "not_covered" : "no_trace";
    fprintf(p->f, "\"campaigns\":[{\"id\":\"proxylogon\",\"verdict\":\"%s\",\"door_open\":{\"state\":\"%s\",", p->forgery == 1 ? strcmp(verdict, "no_trace") ? "no_trace" : "back_door_used" : verdict, p->forgery == 3 ? "maybe" : open);
    uint32_t doors[STORY_DOORS_MAX], door_n = 0;
    for (uint32_t k = 0; k < v->doors; k++)
        if (present(p, &v->door[k]))
            doors[door_n++] = p->door[k];
    ids(p, "because", doors, door_n, p->exposure, p->patched_us == TIME_NONE ? 1 : 0);
    fputs("},\"window\":{\"from\":\"2021-01-03T00:00:00Z\",", p->f);
    when(p, "to", p->to_us);
    putc(',', p->f);
    when(p, "patched", p->patched_us);
    fprintf(p->f, ",\"empty\":false},\"exposure\":{\"state\":\"%s\",\"covered\":\"full\",", p->patched_us == TIME_NONE ? "unpatched" : "patched");
    ids(p, "findings", p->exposure, p->exposures, NULL, 0);
    fprintf(p->f, "},\"exploitation\":{\"state\":\"%s\",", visits ? "succeeded" : "none_seen");
    when(p, "first", first);
    putc(',', p->f);
    when(p, "last", last);
    fprintf(p->f, ",\"cves\":[%s],\"covered\":\"%s\",", visits ? "\"CVE-2021-26855\",\"CVE-2021-27065\"" : "", covered);
    ids(p, "findings", p->entry, visits, NULL, 0);
    fprintf(p->f, "},\"back_door\":{\"state\":\"%s\",\"covered\":\"%s\",", door ? "present" : gone ? "removed" : "none_seen", partial ? "no" : "full");
    for (uint32_t k = door_n = 0; k < v->doors; k++)
        if (p->door[k])
            doors[door_n++] = p->door[k];
    ids(p, "findings", doors, door_n, p->left, STORY_DOORS_MAX);
    fprintf(p->f, "},\"use\":{\"state\":\"%s\",\"re_entered\":%s,", !used ? "none_seen" : p->beyond ? "beyond_server" : "used", v->re_entered && used ? "true" : "false");
    when(p, "first", use_first);
    putc(',', p->f);
    when(p, "last", use_last);
    fprintf(p->f, ",\"covered\":\"%s\",", covered);
    ids(p, "findings", uses, use_n, NULL, 0);
    fprintf(p->f, "},\"theft\":{\"state\":\"%s\",\"items\":[", p->theft ? "seen" : "none_seen");
    if (p->theft) {
        fputs("{\"what\":\"mailbox\",", p->f);
        text(p, "name", story_text(p->s, &p->r, "office@victim.example"));
        fprintf(p->f, ",\"bytes\":%u}", 1000000 + p->server * 37);
    }
    fprintf(p->f, "],\"covered\":\"%s\",", covered);
    ids(p, "findings", &p->theft, p->theft ? 1 : 0, NULL, 0);
    fputs("},\"why\":[", p->f);
    story_json(p->f, story_text(p->s, &p->r, "One sentence per step of the reasoning."));
    fputs("],\"next_steps\":[]}],", p->f);
}

static void clients(struct paper *p, uint32_t visit)
{
    const char *v, *comma = "";

    fputs("\"clients\":[", p->f);
    for (uint32_t k = 0; k < 8 && visit != UINT32_MAX && (v = feature(p, visit, "client", k)) != NULL; k++) {
        unsigned n;
        fprintf(p->f, "%s\"%s\"", comma, sscanf(v, "exit%u", &n) == 1 ? pool_fmt(&p->s->text, "203.0.113.%u", n + 1) : v);
        comma = ",";
    }
    putc(']', p->f);
}

static void doors(struct paper *p)
{
    const char *comma = "";

    fputs("\"back_doors\":[", p->f);
    for (uint32_t k = 0; k < p->v->doors; k++) {
        const struct story_door *d = &p->v->door[k];
        const char *key = d->visit == UINT32_MAX ? NULL : feature(p, d->visit, "key", 0), *page = d->visit == UINT32_MAX ? NULL : feature(p, d->visit, "page", 0);
        char        sha[65] = "";
        if (!shown(p, d))
            continue;
        if (page)
            story_hash(page, sha);
        fprintf(p->f, "%s{", comma);
        comma = ",";
        text(p, "path", path_of(p, d));
        fprintf(p->f, ",\"state\":\"%s\",\"reachable\":\"%s\",\"kind\":\"evaluator\",", present(p, d) ? "present" : "removed", present(p, d) ? "yes" : "no");
        text(p, "sha256", page ? sha : NULL);
        putc(',', p->f);
        text(p, "key", key);
        putc(',', p->f);
        when(p, "created", d->made_us);
        fprintf(p->f, ",\"removed\":null,\"use\":{\"state\":\"%s\",\"reached\":%s,", p->use[k] ? "used" : "not_seen_used", p->use[k] ? "true" : "false");
        when(p, "first", p->use[k] ? d->made_us + TIME_MINUTE : TIME_NONE);
        putc(',', p->f);
        when(p, "last", p->use[k] ? d->last_us : TIME_NONE);
        fprintf(p->f, ",\"requests\":%u,\"errors\":0,", p->use[k] ? 4 : 0);
        clients(p, d->visit);
        fputs("},", p->f);
        text(p, "intruder", d->visit == UINT32_MAX ? NULL : pool_fmt(&p->s->text, "I%u", d->visit - p->v->visit + 1));
        putc(',', p->f);
        uint32_t more[2] = { p->use[k], p->left[k] };
        ids(p, "findings", &p->door[k], 1, more, 2);
        putc('}', p->f);
    }
    fputs("],\"ways_back\":[],", p->f);
}

static void people(struct paper *p)
{
    uint32_t visits = p->v->visits < STORY_SESSIONS_MAX ? p->v->visits : STORY_SESSIONS_MAX;

    fputs("\"sessions\":[", p->f);
    for (uint32_t k = 0; k < visits; k++) {
        int64_t  t = p->s->c->visit[p->v->visit + k].first_us;
        uint32_t mine[FINDINGS], n = 0;
        for (uint32_t i = 0; i < p->n; i++)
            if (p->seen[i].session == k + 1)
                mine[n++] = i + 1;
        fprintf(p->f, "%s{\"id\":\"S%u\",\"intruder\":\"I%u\",", k ? "," : "", k + 1, k + 1);
        clients(p, p->v->visit + k);
        putc(',', p->f);
        when(p, "first", t);
        putc(',', p->f);
        when(p, "last", t + 25 * TIME_MINUTE);
        fputs(",\"cves\":[\"CVE-2021-26855\",\"CVE-2021-27065\"],\"succeeded\":true,", p->f);
        ids(p, "findings", mine, n, NULL, 0);
        putc('}', p->f);
    }
    fputs("],\"intruders\":[", p->f);
    for (uint32_t k = 0; k < visits; k++) {
        int64_t     t = p->s->c->visit[p->v->visit + k].first_us;
        const char *key = feature(p, p->v->visit + k, "key", 0), *agent = feature(p, p->v->visit + k, "agent", 0);
        fprintf(p->f, "%s{\"id\":\"I%u\",\"keys\":[", k ? "," : "", k + 1);
        if (key)
            story_json(p->f, key);
        fputs("],", p->f);
        clients(p, p->v->visit + k);
        fputs(",\"user_agents\":[", p->f);
        if (agent)
            story_json(p->f, pool_fmt(&p->s->text, "Mozilla/5.0 (%s)", agent));
        fputs("],", p->f);
        when(p, "first", t);
        putc(',', p->f);
        when(p, "last", t + 25 * TIME_MINUTE);
        fputs(",\"why\":\"Joined by the canary of its session and its client address.\"}", p->f);
    }
    fputs("],\"other_servers\":[],", p->f);
}

/* Contract, findings[].key: of detector, path in lower case and the first record. */
static void key_of(const struct seen *x, const char *raw, char ret[33])
{
    struct hash *h = hash_open(HASH_SHA256);
    uint8_t      of[32], digest[HASH_SHA256_BYTES];
    char         low[512];
    size_t       n = 0;

    if (!h || !num_unhex(str_c(raw), of, sizeof of))
        lab_die("no hash");
    for (const char *p = x->path; *p && n < sizeof low; p++)
        low[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    hash_push(h, str_c(x->detector));
    hash_push(h, (struct str){ (const uint8_t *)"", 1 });
    hash_push(h, (struct str){ (const uint8_t *)low, n });
    hash_push(h, (struct str){ (const uint8_t *)"", 1 });
    hash_push(h, (struct str){ of, sizeof of });
    hash_done(h, digest);
    hash_close(h);
    for (int i = 0; i < 16; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

static void findings(struct paper *p)
{
    fputs("\"findings\":[", p->f);
    for (uint32_t i = 0; i < p->n; i++) {
        const struct seen *x = &p->seen[i];
        char               hash[65], key[33];
        story_hash(pool_fmt(&p->s->text, "%u %s %s %s", p->server, x->detector, x->path, x->title), hash);
        key_of(x, hash, key);
        if (p->forgery == 2 && i == 0)
            key[3] = key[3] == '0' ? '1' : '0';
        fprintf(p->f, "%s{\"id\":\"F%04u\",\"key\":\"%s\",\"detector\":\"%s\",", i ? "," : "", i + 1, key, x->detector);
        text(p, "title", x->title);
        fprintf(p->f, ",\"severity\":\"%s\",\"confidence\":0.95,", x->severity);
        when(p, "time", x->at_us);
        putc(',', p->f);
        when(p, "last", x->last_us);
        putc(',', p->f);
        text(p, "axis", x->axis);
        putc(',', p->f);
        text(p, "axis_state", x->state);
        fputs(",\"cve\":[", p->f);
        if (x->cve)
            fprintf(p->f, "\"%s\"", x->cve);
        fputs("],\"attack\":[],", p->f);
        text(p, "why", story_text(p->s, &p->r, x->why));
        fputs(",\"count\":1,\"session\":", p->f);
        if (x->session)
            fprintf(p->f, "\"S%u\"", x->session);
        else
            fputs("null", p->f);
        fputs(",\"probe\":false,\"evidence\":[{\"source\":0,", p->f);
        text(p, "path", x->path);
        fputs(",\"entry\":null,\"line\":null,\"record\":null,\"offset\":0,", p->f);
        when(p, "time", x->at_us);
        fputs(",", p->f);
        text(p, "excerpt", x->excerpt ? x->excerpt : story_text(p->s, &p->r, "the decisive fields"));
        fprintf(p->f, ",\"raw_sha256\":\"%s\",\"file_sha256\":", hash);
        if (x->file[0])
            fprintf(p->f, "\"%s\"}]}", x->file);
        else
            fputs("null}]}", p->f);
    }
    fputs("],", p->f);
}

static void coverage(struct paper *p)
{
    static const struct { const char *name; bool log, partial; } family[] = {
        { "iis_front", true, true }, { "iis_back", true, true }, { "httpproxy", true, true }, { "ecp_server", true, false }, { "ecp_activity", true, false }, { "oab_generator", true, false },
        { "ews", true, false }, { "autodiscover", true, false }, { "cmdlet", true, false }, { "web_roots", false, true }, { "temp_aspnet", false, false }, { "iis_config", false, false },
        { "transport_agents", false, false }, { "setup", true, false }, { "tasks", false, false }, { "registry", false, false },
    };
    int64_t gap = STORY_START - 20 * TIME_DAY;

    fputs("\"coverage\":[", p->f);
    for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
        bool hole = p->h->proof == PROOF_PARTIAL && family[i].partial;
        fprintf(p->f, "%s{\"family\":\"%s\",\"expected\":true,\"examined\":true,\"files\":%u,\"bytes\":123456,\"records\":%u,", i ? "," : "", family[i].name, hole && !family[i].log ? 0 : 31,
                family[i].log ? 55012 : 0);
        when(p, "oldest", family[i].log ? STORY_START - 60 * TIME_DAY : TIME_NONE);
        putc(',', p->f);
        when(p, "newest", family[i].log ? p->newest_us : TIME_NONE);
        fputs(",\"gaps\":[", p->f);
        if (hole && family[i].log) {
            putc('{', p->f);
            when(p, "from", gap);
            putc(',', p->f);
            when(p, "to", gap + 4 * TIME_DAY);
            putc('}', p->f);
        }
        fprintf(p->f, "],\"damaged\":[],\"missing\":%s,\"covers_window\":\"%s\",\"how_to_get\":\"Collect it.\"}", hole && !family[i].log ? "\"not collected\"" : "null",
                !hole ? "full" : family[i].log ? "partly" : "no");
    }
    fputs("],\"timeline\":[],\"refused\":[],\"omitted\":{\"timeline\":0}}\n", p->f);
}

static void first(struct paper *p, int what, int64_t us)
{
    int64_t *at = &p->s->server[p->server].first_us[what];

    if (*at == TIME_NONE || us < *at)
        *at = us;
}

/* What everybody may know from this report, once it is believed as far as it deserves. */
static void tell(struct paper *p)
{
    const struct story_server *v = p->v;
    enum story_proof           proof = p->h->proof;
    bool                       partial = proof == PROOF_PARTIAL, door = false;
    uint8_t                    grade = proof == PROOF_NONCE ? GRADE_OF_NONCE : GRADE_OF_NONE;
    struct story_told          t = { .at_us = p->newest_us, .own_us = TIME_NONE, .server = p->server, .source = SAYS_HUNT, .grade = grade };

    if (proof == PROOF_FORGED)
        return;
    t.word = p->patched_us == TIME_NONE ? TOLD_EXPOSED : TOLD_PATCHED;
    story_tell(p->s, t);
    for (uint32_t k = 0; k < v->doors; k++)
        if (shown(p, &v->door[k])) {
            t.word   = present(p, &v->door[k]) ? TOLD_SHELL : TOLD_GONE;
            t.door   = v->door[k].number;
            t.own_us = v->door[k].made_us;
            door    |= t.word == TOLD_SHELL;
            story_tell(p->s, t);
            first(p, 0, v->door[k].made_us);
            if (p->use[k])
                first(p, 1, v->door[k].made_us + TIME_MINUTE);
        }
    for (uint32_t k = 0; k < v->visits && k < STORY_SESSIONS_MAX; k++)
        first(p, 2, p->s->c->visit[v->visit + k].first_us + TIME_MINUTE);
    t.word   = TOLD_HUNT;
    t.door   = 0;
    t.own_us = TIME_NONE;
    t.flags  = (uint8_t)((!door && p->patched_us != TIME_NONE && !partial ? TOLD_NEGATIVE : 0) | (v->re_entered ? TOLD_RE_ENTERED : 0) | (v->stolen && v->visits ? TOLD_STOLEN : 0) |
                         (v->beyond && v->visits ? TOLD_BEYOND : 0) | (partial ? 0 : TOLD_COMPLETE));
    story_tell(p->s, t);
}

void campaign_reports(struct story *s)
{
    FILE *list = story_create(s, "reports.csv"), *visits = story_create(s, "visits.csv");

    fputs("file,server,hunt,day,proof,grade\n", list);
    fputs("file,session,server,intruder\n", visits);
    for (uint32_t i = 0; i < s->c->server_n; i++)
        for (uint32_t h = 0; h < s->server[i].hunts; h++) {
            const struct story_server *v = &s->server[i];
            struct paper p = { .s = s, .r = rng_for(s->c->plan.seed, 4000 + (uint64_t)i * 4 + h), .server = i, .v = v, .h = &v->hunt[h] };
            p.run_us     = STORY_START + v->hunt[h].day * TIME_DAY + 12 * TIME_HOUR + (int64_t)(i % 3600) * TIME_SECOND;
            p.newest_us  = p.run_us - 6 * TIME_HOUR;
            p.patched_us = v->patched >= 0 && v->patched <= v->hunt[h].day ? STORY_START + v->patched * TIME_DAY + 5 * TIME_SECOND : TIME_NONE;
            p.to_us      = p.patched_us == TIME_NONE ? p.newest_us : p.patched_us;
            p.forgery    = v->hunt[h].proof == PROOF_FORGED ? 1 + (i + h) % FORGERIES : 0;
            p.f = story_create(s, "reports/s%06u-%u.report.json", i, h + 1);
            gather(&p);
            head(&p);
            campaign_part(&p);
            doors(&p);
            people(&p);
            findings(&p);
            if (p.forgery != 6)                /* this one breaks off */
                coverage(&p);
            story_close(s, p.f);
            tell(&p);
            fprintf(list, "s%06u-%u.report.json,%u,%u,%d,%s,%s\n", i, h + 1, i, h + 1, v->hunt[h].day, story_proof_name[v->hunt[h].proof],
                    v->hunt[h].proof == PROOF_FORGED ? "" : v->hunt[h].proof == PROOF_NONCE ? "B" : "C");
            for (uint32_t k = 0; k < v->visits && k < STORY_SESSIONS_MAX && v->hunt[h].proof != PROOF_FORGED; k++)
                fprintf(visits, "s%06u-%u.report.json,%u,%u,%u\n", i, h + 1, k + 1, i, s->c->visit[v->visit + k].intruder);
        }
    story_close(s, list);
    story_close(s, visits);
}
