/*
 * campaign_report_json: a report as src/report/json.c writes it.
 *
 * Source   docs/report.schema.json, docs/report-contract.md.
 */
#include "lab/campaign_reports.h"

#include "base/hash.h"
#include "base/num.h"

#include <string.h>

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
        if (paper_shown(p, &v->door[k]))
            *(paper_present(p, &v->door[k]) ? &door : &gone) += 1;
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
        if (paper_present(p, &v->door[k]))
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
    for (uint32_t k = 0; k < 8 && visit != UINT32_MAX && (v = paper_feature(p, visit, "client", k)) != NULL; k++) {
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
        const char *key = d->visit == UINT32_MAX ? NULL : paper_feature(p, d->visit, "key", 0), *page = d->visit == UINT32_MAX ? NULL : paper_feature(p, d->visit, "page", 0);
        char        sha[65] = "";
        if (!paper_shown(p, d))
            continue;
        if (page)
            story_hash(page, sha);
        fprintf(p->f, "%s{", comma);
        comma = ",";
        text(p, "path", paper_path(p, d));
        fprintf(p->f, ",\"state\":\"%s\",\"reachable\":\"%s\",\"kind\":\"evaluator\",", paper_present(p, d) ? "present" : "removed", paper_present(p, d) ? "yes" : "no");
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
        const char *key = paper_feature(p, p->v->visit + k, "key", 0), *agent = paper_feature(p, p->v->visit + k, "agent", 0);
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

void paper_write(struct paper *p)
{
    head(p);
    campaign_part(p);
    doors(p);
    people(p);
    findings(p);
    if (p->forgery != 6)                       /* this one breaks off */
        coverage(p);
}
