/*
 * ecs.ndjson: the answer in the Elastic Common Schema, one object a line.
 *
 * Shape    first the verdict (event.kind "state"), then everything dated in order and findings without a time, then coverage ("state").
 *          A finding that says something of the campaign is an "alert", any other an "event". What the schema has no field for stands
 *          below "afterpatch".
 * Times    the schema demands @timestamp on every line: a line without a time of its own has the newest evidence (outs.h), and
 *          afterpatch.dated is false there. Never the clock.
 * Not done http.*, url.* and user_agent.*: the report holds the decisive fields as text (afterpatch.excerpt), and taking them apart again would guess.
 * Source   Elastic Common Schema 9.0, fields and allowed values of event.*; interchange sheet, section 3.3.
 */
#include "report/outs.h"
#include "report/words.h"

#include <string.h>

struct ecs {
    struct outs x;
    struct js   j;
    struct map  own;                     /* "NAME" of each of the operator's own Sigma rules: its index */
};

static void key_str(struct ecs *s, const char *key, struct str v) { js_key(&s->j, key); js_str(&s->j, v); }
static void key_c(struct ecs *s, const char *key, const char *v)  { js_key(&s->j, key); js_c(&s->j, v); }
static void key_u64(struct ecs *s, const char *key, uint64_t v)   { js_key(&s->j, key); js_u64(&s->j, v); }
static void key_bool(struct ecs *s, const char *key, bool v)      { js_key(&s->j, key); js_bool(&s->j, v); }
static void key_object(struct ecs *s, const char *key)            { js_key(&s->j, key); js_object(&s->j); }
static void end(struct ecs *s)                                    { js_end(&s->j); }

static void key_list(struct ecs *s, const char *key, const struct str *item, size_t n)
{
    js_key(&s->j, key);
    js_array(&s->j);
    for (size_t i = 0; i < n; i++)
        js_str(&s->j, item[i]);
    js_end(&s->j);
}

static void key_some(struct ecs *s, const char *key, struct str v)
{
    if (v.n)
        key_str(s, key, v);
}

static void begin(struct ecs *s, int64_t us)
{
    const struct report *r = s->x.r;
    const struct server *h = &r->found->server;

    js_open(&s->j, s->j.o, true);
    js_object(&s->j);
    js_key(&s->j, "@timestamp");
    js_time(&s->j, us == TIME_NONE ? s->x.when_us : us);
    key_object(s, "ecs");
    key_c(s, "version", "9.0.0");
    end(s);
    key_object(s, "observer");
    key_c(s, "vendor", "Afterpatch");
    key_c(s, "product", "afterpatch");
    key_str(s, "version", r->tool_version);
    end(s);
    if (report_server(r).n) {
        key_object(s, "host");
        key_str(s, "name", report_server(r));
        key_some(s, "hostname", h->name);
        key_some(s, "domain", h->domain);
        js_key(&s->j, "ip");
        js_array(&s->j);
        for (size_t i = 0; i < h->address_n; i++)
            if (outs_ip(h->address[i]) != OUTS_NO_IP)
                js_str(&s->j, h->address[i]);
        js_end(&s->j);
        end(s);
    }
    if (r->organisation.n) {
        key_object(s, "organization");
        key_str(s, "name", r->organisation);
        end(s);
    }
}

static void finish(struct ecs *s)
{
    js_end(&s->j);
    out_c(s->j.o, "\n");
}

struct kind { const char *category, *type; };

static struct kind kind_of(enum family f)
{
    switch (f) {
    case FAM_IIS_FRONT: case FAM_IIS_BACK: case FAM_HTTPERR: case FAM_HTTPPROXY: case FAM_ECP_SERVER: case FAM_ECP_ACTIVITY:
    case FAM_EWS: case FAM_AUTODISCOVER:
        return (struct kind){ "web", "access" };
    case FAM_IIS_CONFIG: case FAM_TRANSPORT_AGENTS: case FAM_OAB_GENERATOR: case FAM_CMDLET: case FAM_SETUP:
        return (struct kind){ "configuration", "info" };
    case FAM_AV_LOGS:
        return (struct kind){ "malware", "info" };
    default:
        return (struct kind){ "file", "info" };
    }
}

/* 0 to 100, as alerting rules of the stack grade theirs. */
static uint64_t grade(enum severity s)
{
    switch (s) {
    case SEV_CRITICAL: return 99;
    case SEV_HIGH:     return 73;
    case SEV_MEDIUM:   return 47;
    case SEV_LOW:      return 21;
    default:           return 0;
    }
}

static void write_evidence(struct ecs *s, const struct ev_node *n)
{
    bool log = n && family_table[n->family < FAM_COUNT ? n->family : FAM_NONE].log;
    struct str dir, name = n ? outs_base(n->path, &dir) : STR_EMPTY;

    if (!n || n->path.n == 0)
        return;
    if (log) {
        key_object(s, "log");
        key_object(s, "file");
        key_str(s, "path", n->path);
        end(s);
        end(s);
        return;
    }
    key_object(s, "file");
    key_str(s, "path", n->path);
    key_some(s, "name", name);
    key_u64(s, "size", n->size_bytes);
    if (n->hashed) {
        key_object(s, "hash");
        js_key(&s->j, "sha256");
        js_hex(&s->j, n->sha256, sizeof n->sha256);
        end(s);
    }
    end(s);
}

static bool know_own_rules(struct ecs *s)
{
    const struct sigma *g = s->x.r->found->sigma;

    for (size_t i = 0; g && i < g->rule_n; i++) {
        struct str name = g->rule[i].name.n ? g->rule[i].name : g->rule[i].id;
        if (g->rule[i].own || !name.n)
            continue;
        bool twice = map_get(&s->own, name) != MAP_NONE;                        /* two of one name: nobody can tell whose it is */
        if (!map_put(&s->own, &s->x.a, name, twice ? MAP_NONE : (uint32_t)i))
            return false;
    }
    return true;
}

/* A rule of the operator's own: whose it is. Otherwise the pack that says so, and nobody for YARA, whose rules come from both. */
static void write_rule(struct ecs *s, const struct finding *f)
{
    static const struct str     user = STR_INIT("sigma:user/"), yara = STR_INIT("yara/");
    const struct detected      *d = s->x.r->found;
    bool                        own = str_starts(f->detector, user);
    uint32_t                    at = own ? map_get(&s->own, str_from(f->detector, user.n)) : MAP_NONE;
    const struct sigma_rule    *rule = at == MAP_NONE ? NULL : &d->sigma->rule[at];

    key_object(s, "rule");
    key_str(s, "id", f->detector);
    key_str(s, "name", f->title);
    if (rule) {
        if (rule->author.n)
            key_list(s, "author", &rule->author, 1);
        key_some(s, "reference", rule->reference);
        key_some(s, "uuid", rule->id);
    }
    if (own) {
        key_c(s, "ruleset", "user");
    } else if (d->pack && !str_starts(f->detector, yara)) {
        const struct pack *from = d->pack;
        for (size_t i = 0; i < d->pack->with_n; i++)
            if (str_starts(str_from(f->detector, STR("sigma:").n), d->pack->with[i]->id) && str_chr(f->detector, '/') == STR("sigma:").n + d->pack->with[i]->id.n)
                from = d->pack->with[i];
        key_str(s, "ruleset", from->id);
        key_str(s, "version", from->version);
    }
    end(s);
}

static void write_finding(struct ecs *s, const struct finding *f, int64_t us, uint32_t session, struct str text)
{
    const struct report  *r = s->x.r;
    const struct cite    *c = f->evidence_n ? &f->evidence[0] : NULL;
    const struct ev_node *n = c ? report_node(r, c->node) : NULL;
    const struct session *v = session < r->session_n ? &r->session[session] : NULL;
    struct kind           k = kind_of(n ? n->family : FAM_NONE);
    bool                  counts = outs_counts(f);

    begin(s, us);
    key_object(s, "event");
    key_c(s, "kind", counts ? "alert" : "event");
    js_key(&s->j, "category");
    js_array(&s->j);
    js_c(&s->j, k.category);
    if (counts)
        js_c(&s->j, "intrusion_detection");
    js_end(&s->j);
    js_key(&s->j, "type");
    js_array(&s->j);
    js_c(&s->j, k.type);
    if (counts && strcmp(k.type, "info") != 0)
        js_c(&s->j, "info");
    js_end(&s->j);
    key_str(s, "id", outs_uuid(&s->x, outs_cat(&s->x, outs_fmt(&s->x, "event|%s|%lld|", f->id, (long long)us), text)));
    key_c(s, "module", "afterpatch");
    key_c(s, "dataset", "afterpatch.finding");
    if (axis_name(f->axis))
        key_str(s, "action", outs_fmt(&s->x, "%s-%.*s", axis_name(f->axis), STR_ARG(f->axis_state)));
    key_c(s, "outcome", counts && str_eq(f->axis_state, STR("succeeded")) ? "success" : "unknown");
    key_u64(s, "severity", grade(f->severity));
    key_str(s, "reason", f->why);
    if (us != TIME_NONE) {
        js_key(&s->j, "start");
        js_time(&s->j, us);
        js_key(&s->j, "end");
        js_time(&s->j, outs_later(us, f->last_us));
    }
    if (c && c->has_raw) {
        js_key(&s->j, "hash");
        js_hex(&s->j, c->raw_sha256, sizeof c->raw_sha256);
    }
    end(s);
    key_str(s, "message", text);
    write_rule(s, f);
    if (f->attack.n) {
        key_object(s, "threat");
        key_c(s, "framework", "MITRE ATT&CK");
        key_object(s, "technique");
        key_list(s, "id", f->attack.item, f->attack.n);
        end(s);
        end(s);
    }
    if (f->cve.n) {                                /* the field takes one; all of them stand below */
        key_object(s, "vulnerability");
        key_str(s, "id", f->cve.item[0]);
        end(s);
    }
    if (v && v->clients.n == 1 && outs_ip(v->clients.item[0]) != OUTS_NO_IP) {
        key_object(s, "source");
        key_str(s, "ip", v->clients.item[0]);
        end(s);
    }
    if (c)
        write_evidence(s, n);
    key_object(s, "afterpatch");
    key_c(s, "finding", f->id);
    key_bool(s, "dated", us != TIME_NONE);
    js_key(&s->j, "confidence");
    js_number(&s->j, f->confidence);
    key_u64(s, "count", f->count);
    key_bool(s, "probe", f->probe);
    if (f->cve.n)
        key_list(s, "cve", f->cve.item, f->cve.n);
    if (v)
        key_str(s, "session", outs_fmt(&s->x, "S%u", session + 1));
    if (c) {
        key_some(s, "excerpt", c->excerpt);
        if (c->line)
            key_u64(s, "line", c->line);
        if (c->record)
            key_u64(s, "record", c->record);
        if (c->offset)
            key_u64(s, "offset", c->offset);
    }
    end(s);
    finish(s);
}

/* A state: the verdict, a family of evidence, or a dated row without a finding. */
static void write_plain(struct ecs *s, const char *kind, const char *category, const char *dataset, const char *action, int64_t us, struct str text)
{
    begin(s, us);
    key_object(s, "event");
    key_c(s, "kind", kind);
    js_key(&s->j, "category");
    js_array(&s->j);
    js_c(&s->j, category);
    js_end(&s->j);
    js_key(&s->j, "type");
    js_array(&s->j);
    js_c(&s->j, "info");
    js_end(&s->j);
    key_str(s, "id", outs_uuid(&s->x, outs_cat(&s->x, outs_fmt(&s->x, "%s|%s|%lld|", dataset, action, (long long)us), text)));
    key_c(s, "module", "afterpatch");
    key_c(s, "dataset", dataset);
    key_c(s, "action", action);
    end(s);
    key_str(s, "message", text);
    key_object(s, "afterpatch");
    key_bool(s, "dated", us != TIME_NONE);
}

static void write_verdict(struct ecs *s)
{
    const struct campaign *c = &s->x.r->campaign;

    write_plain(s, "state", "intrusion_detection", "afterpatch.verdict", verdict_name(c->verdict), TIME_NONE, outs_verdict(&s->x));
    key_some(s, "campaign", c->id);
    key_c(s, "verdict", verdict_name(c->verdict));
    key_c(s, "door_open", open_name(c->open));
    key_c(s, "exposure", exposure_name(c->exposure.state));
    key_c(s, "exploitation", exploit_name(c->exploitation.state));
    key_c(s, "back_door", door_name(c->back_door.state));
    key_c(s, "use", use_name(c->use.state));
    key_c(s, "theft", theft_name(c->theft.state));
    key_some(s, "doubt", outs_doubt(&s->x));
    end(s);
    finish(s);
}

static void write_coverage(struct ecs *s, enum family f)
{
    struct cover_row        blank;
    const struct cover_row *row = report_cover(s->x.r, f, &blank);
    const struct seen      *seen = report_seen(s->x.r, row);

    write_plain(s, "state", "configuration", "afterpatch.coverage", family_table[f].name, TIME_NONE, outs_coverage(&s->x, row));
    key_c(s, "family", family_table[f].name);
    key_bool(s, "expected", row->expected);
    key_bool(s, "examined", family_table[f].examined);
    key_u64(s, "files", seen->files);
    key_u64(s, "records", seen->records);
    key_c(s, "covers_window", covered_name(row->covers_window));
    end(s);
    finish(s);
}

bool report_ecs_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct ecs s = { .j = { .o = o } };
    size_t     n = 0;

    if (!outs_open(&s.x, r, scratch, e))
        return false;
    struct outs_row *row = outs_rows(r, &s.x.a, &n);
    s.x.bad |= !row || !know_own_rules(&s);
    write_verdict(&s);
    for (size_t i = 0; i < n && !s.x.bad; i++) {
        const struct finding *f = report_finding(r, row[i].finding);
        struct arena          keep = s.x.a;         /* a line's texts end with it */
        if (f) {
            write_finding(&s, f, row[i].time_us, row[i].session, row[i].text);
        } else {
            write_plain(&s, "event", "intrusion_detection", "afterpatch.timeline", "told", row[i].time_us, row[i].text);
            end(&s);
            finish(&s);
        }
        s.x.a = keep;
    }
    for (size_t i = 0; i < r->finding_n && !s.x.bad; i++)
        if (r->finding[i].time_us == TIME_NONE) {
            struct arena keep = s.x.a;
            write_finding(&s, &r->finding[i], TIME_NONE, r->finding[i].session, r->finding[i].title);
            s.x.a = keep;
        }
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++)
        write_coverage(&s, (enum family)f);
    return outs_done(&s.x, o, e);
}
