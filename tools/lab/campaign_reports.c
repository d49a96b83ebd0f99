/*
 * campaign_reports: what each hunt's report says, and what it makes known.
 *
 * Source   docs/report-contract.md. A report is short: one finding for each thing it says.
 * Forged   contradicts itself, breaks the schema, comes from the future or breaks off: none of them may count.
 */
#include "lab/campaign_reports.h"

#include <string.h>

enum { GRADE_OF_NONCE = 3, GRADE_OF_NONE = 2, FORGERIES = 6 };

static uint32_t find_new(struct paper *p, struct seen x)
{
    if (p->n == FINDINGS)
        lab_die("a report has too many findings");
    p->seen[p->n++] = x;
    return p->n;
}

bool paper_shown(const struct paper *p, const struct story_door *d) { return !d->missed || p->h->again; }
bool paper_present(const struct paper *p, const struct story_door *d) { return paper_shown(p, d) && (!p->h->gone || d->missed); }

const char *paper_feature(const struct paper *p, uint32_t visit, const char *kind, uint32_t nth)
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
const char *paper_path(struct paper *p, const struct story_door *d)
{
    static const char *const folder[] = { "C:\\inetpub\\wwwroot\\aspnet_client\\", "C:\\inetpub\\wwwroot\\aspnet_client\\system_web\\",
        "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\ecp\\auth\\", "C:\\inetpub\\wwwroot\\" };
    const char *pattern = d->visit == UINT32_MAX ? NULL : paper_feature(p, d->visit, "path", 0);
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

    for (uint32_t n = 0; n < 4 && (tool = paper_feature(p, p->v->visit + k, "tool", n)) != NULL; n++) {
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
        const char *client = paper_feature(p, v->visit + k, "client", 0), *agent = paper_feature(p, v->visit + k, "agent", 0);
        tools(p, k);
        p->entry[k] = find_new(p, (struct seen){ .detector = "sigma:proxylogon/httpproxy-reset", .title = "A file was written through the reset of a virtual directory", .severity = "critical", .axis = "exploitation",
            .state = "succeeded", .cve = "CVE-2021-27065", .why = pool_fmt(&p->s->text, "forged request of %s, status 200", client ? client : "an address that was not logged"),
            .excerpt = agent ? pool_fmt(&p->s->text, "POST /ecp/y.js, status 200, client %s, agent Mozilla/5.0 (%s)", client ? client : "-", agent) : NULL,
            .path = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\HttpProxy\\Ecp\\HttpProxy_1.LOG", .at_us = t + TIME_MINUTE, .last_us = t + TIME_MINUTE, .session = k + 1 });
    }
    for (uint32_t k = 0; k < v->doors; k++) {
        const struct story_door *d = &v->door[k];
        const char *flow = d->visit == UINT32_MAX ? NULL : paper_feature(p, d->visit, "flow", 0);
        if (!paper_shown(p, d))
            continue;
        uint32_t session = d->visit == UINT32_MAX ? 0 : d->visit - v->visit + 1;
        p->door[k] = find_new(p, (struct seen){ .detector = "files/page", .title = "A page runs what a request brings", .severity = "critical", .axis = "back_door", .state = paper_present(p, d) ? "present" : "removed",
            .why = flow ? pool_fmt(&p->s->text, "A page of %u lines. The way: line 3 taken from the request: \"word\"; line 3 %s; line 4 runs text as code: eval.", 4 + k, flow_step(flow)) : "Its content is gone.",
            .path = paper_path(p, d), .at_us = d->made_us, .last_us = d->made_us, .session = session });
        const char *dll = d->visit == UINT32_MAX ? NULL : paper_feature(p, d->visit, "compiled", 0);
        if (dll) {
            struct seen x = { .detector = "files/compiled-assembly", .title = "A page was compiled", .severity = "high", .axis = "back_door", .state = paper_present(p, d) ? "present" : "removed", .why = "What its compilation left.",
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
        if (paper_shown(p, &v->door[k])) {
            t.word   = paper_present(p, &v->door[k]) ? TOLD_SHELL : TOLD_GONE;
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
            paper_write(&p);
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
