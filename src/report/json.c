/* report.json, in the order of docs/report-contract.md. */
#include "emit/json.h"
#include "report/parts.h"

#include <stdio.h>

static void key_str(struct js *j, const char *key, struct str s)   { js_key(j, key); js_str_or_null(j, s); }
static void key_text(struct js *j, const char *key, struct str s)  { js_key(j, key); js_str(j, s); }
static void key_c(struct js *j, const char *key, const char *c)    { js_key(j, key); js_c(j, c); }
static void key_time(struct js *j, const char *key, int64_t us)    { js_key(j, key); js_time(j, us); }
static void key_u64(struct js *j, const char *key, uint64_t v)     { js_key(j, key); js_u64(j, v); }
static void key_bool(struct js *j, const char *key, bool v)        { js_key(j, key); js_bool(j, v); }

static void key_list(struct js *j, const char *key, const struct str *item, size_t n)
{
    js_key(j, key);
    js_array(j);
    for (size_t i = 0; i < n; i++)
        js_str(j, item[i]);
    js_end(j);
}

static void key_strs(struct js *j, const char *key, struct str_list l) { key_list(j, key, l.item, l.n); }

static void key_ids(struct js *j, const struct report *r, const char *key, struct id_list l)
{
    js_key(j, key);
    js_array(j);
    for (size_t i = 0; i < l.n; i++) {
        const struct finding *f = report_finding(r, l.item[i]);
        if (f)
            js_c(j, f->id);
    }
    js_end(j);
}

/* "S1", "I3": letter and position; null for none. */
static void key_nth(struct js *j, const char *key, char letter, uint32_t index)
{
    char id[16];

    snprintf(id, sizeof id, "%c%u", letter, index + 1);
    key_c(j, key, index == REPORT_NONE ? NULL : id);
}

static void write_head(struct js *j, const struct report *r)
{
    const struct pack *pack = r->found->pack;

    key_c(j, "schema", "afterpatch-report/1");
    js_key(j, "tool");
    js_object(j);
    key_c(j, "name", "afterpatch");
    key_text(j, "version", r->tool_version);
    js_key(j, "packs");
    js_array(j);
    for (size_t i = 0; pack && i <= pack->with_n; i++) {
        const struct pack *p = i ? pack->with[i - 1] : pack;
        js_object(j);
        key_text(j, "id", p->id);
        key_text(j, "version", p->version);
        js_key(j, "sha256");
        js_hex(j, p->sha256, sizeof p->sha256);
        js_end(j);
    }
    for (size_t i = 0; r->found->baseline && i < r->found->baseline->pack_n; i++) {
        const struct baseline_pack *b = &r->found->baseline->pack[i];
        js_object(j);
        key_text(j, "id", b->id);
        key_text(j, "version", b->builds);
        js_key(j, "sha256");
        js_hex(j, b->sha256, sizeof b->sha256);
        js_end(j);
    }
    js_end(j);
    js_end(j);

    js_key(j, "run");
    js_object(j);
    key_time(j, "started", r->started_us);
    js_key(j, "seconds");
    js_number(j, r->seconds);
    key_u64(j, "bytes_read", r->bytes_read);
    key_u64(j, "peak_memory_bytes", r->peak_memory_bytes);
    key_c(j, "sandbox", r->sandbox ? r->sandbox : "none");
    js_end(j);

    js_key(j, "case");
    js_object(j);
    key_str(j, "id", r->case_id);
    key_str(j, "nonce", r->case_nonce);
    key_str(j, "organisation", r->organisation);
    key_text(j, "tlp", r->tlp.n ? r->tlp : STR("TLP:AMBER"));
    js_end(j);
}

/* A folder as the registry spells it: with its separator (contract, products). */
static void key_folder(struct js *j, const char *key, struct str s)
{
    uint8_t      copy[1024];
    struct arena a = { copy, copy + sizeof copy, NULL };
    struct str   whole = s.n && !str_ends(s, STR("\\")) ? str_cat(&a, s, STR("\\")) : s;

    key_str(j, key, whole.p ? whole : s);
}

static struct str last_part(struct str path)
{
    size_t slash = str_rchr(path, '/'), back = str_rchr(path, '\\');
    size_t at = slash == STR_NONE ? back : back == STR_NONE || back < slash ? slash : back;
    return at == STR_NONE ? path : str_from(path, at + 1);
}

/* Contract, sources: the hash of one file given by its name; a folder has none. NULL: no such file. */
static const struct ev_node *lone_file(const struct ev *ev, size_t source)
{
    const struct ev_node *one = NULL;

    for (size_t i = 0; i < ev->node_n; i++) {
        if (ev->node[i].source != source)
            continue;
        if (one)
            return NULL;
        one = &ev->node[i];
    }
    return one && one->hashed && !one->entry.n && ev->source[source].bytes == one->size_bytes &&
           str_eq(last_part(one->path), last_part(ev->source[source].given)) ? one : NULL;
}

/* An archive as it was given; NULL: the source is something else, or a part of one. */
static const struct ev_container *whole_archive(const struct ev *ev, const struct ev_source *s)
{
    const struct tree *t = s->tree;

    if (!t || !ev->trees || t->container == TROUBLE_ALL || t->root.n)
        return NULL;
    const struct ev_container *c = &ev->trees->container[t->container];
    return c->hashed ? c : NULL;
}

static void write_server(struct js *j, const struct report *r)
{
    const struct server *s = &r->found->server;

    js_key(j, "server");
    js_object(j);
    key_str(j, "name", s->name);
    key_list(j, "fqdns", s->fqdn, s->fqdn_n);
    key_str(j, "domain", s->domain);
    key_list(j, "addresses", s->address, s->address_n);
    js_key(j, "tls_key_sha256");
    js_array(j);
    for (size_t i = 0; i < s->tls_n; i++)
        js_hex(j, s->tls[i].key, sizeof s->tls[i].key);
    js_end(j);
    js_key(j, "tls_certificate_sha256");
    js_array(j);
    for (size_t i = 0; i < s->tls_n; i++)
        js_hex(j, s->tls[i].certificate, sizeof s->tls[i].certificate);
    js_end(j);
    key_str(j, "os", s->os);
    key_str(j, "time_zone", s->time_zone);
    js_key(j, "products");
    js_array(j);
    for (size_t i = 0; i < s->product_n; i++) {
        js_object(j);
        key_str(j, "product", s->product[i].product);
        key_str(j, "build", s->product[i].build);
        key_folder(j, "install_path", s->product[i].install_path);
        js_end(j);
    }
    js_end(j);
    js_end(j);

    js_key(j, "scope");
    js_object(j);
    key_time(j, "since", r->since_us);
    key_time(j, "until", r->until_us);
    key_time(j, "newest_evidence", r->found->newest_us);
    js_end(j);

    js_key(j, "sources");
    js_array(j);
    for (size_t i = 0; r->found->ev && i < r->found->ev->source_n; i++) {
        const struct ev_source *src = &r->found->ev->source[i];
        js_object(j);
        key_text(j, "path", src->given);
        key_c(j, "kind", src->kind);
        key_c(j, "layout", src->layout);
        key_u64(j, "bytes", src->bytes);
        const struct ev_node *one = lone_file(r->found->ev, i);
        js_key(j, "sha256");
        const struct ev_container *given = whole_archive(r->found->ev, src);
        if (given)
            js_hex(j, given->sha256, sizeof given->sha256);
        else if (one)
            js_hex(j, one->sha256, sizeof one->sha256);
        else
            js_null(j);
        js_end(j);
    }
    js_end(j);
}

/* state (by its name), then what the axis adds, then covered and findings. */
static void write_axes(struct js *j, const struct report *r, const struct campaign *c)
{
    js_key(j, "exposure");
    js_object(j);
    key_c(j, "state", exposure_name(c->exposure.state));
    key_c(j, "covered", covered_name(c->exposure.covered));
    key_ids(j, r, "findings", c->exposure.findings);
    js_end(j);

    js_key(j, "exploitation");
    js_object(j);
    key_c(j, "state", exploit_name(c->exploitation.state));
    key_time(j, "first", c->exploitation.first_us);
    key_time(j, "last", c->exploitation.last_us);
    key_strs(j, "cves", c->exploitation.cve);
    key_c(j, "covered", covered_name(c->exploitation.covered));
    key_ids(j, r, "findings", c->exploitation.findings);
    js_end(j);

    js_key(j, "back_door");
    js_object(j);
    key_c(j, "state", door_name(c->back_door.state));
    key_c(j, "covered", covered_name(c->back_door.covered));
    key_ids(j, r, "findings", c->back_door.findings);
    js_end(j);

    js_key(j, "use");
    js_object(j);
    key_c(j, "state", use_name(c->use.state));
    key_bool(j, "re_entered", c->use.re_entered);
    key_time(j, "first", c->use.first_us);
    key_time(j, "last", c->use.last_us);
    key_c(j, "covered", covered_name(c->use.covered));
    key_ids(j, r, "findings", c->use.findings);
    js_end(j);

    js_key(j, "theft");
    js_object(j);
    key_c(j, "state", theft_name(c->theft.state));
    js_key(j, "items");
    js_array(j);
    for (size_t i = 0; i < c->theft.item_n; i++) {
        js_object(j);
        key_text(j, "what", c->theft.item[i].what);
        key_text(j, "name", c->theft.item[i].name);
        key_u64(j, "bytes", c->theft.item[i].bytes);
        js_end(j);
    }
    js_end(j);
    key_c(j, "covered", covered_name(c->theft.covered));
    key_ids(j, r, "findings", c->theft.findings);
    js_end(j);
}

static void write_campaigns(struct js *j, const struct report *r)
{
    const struct campaign *c = &r->campaign;

    js_key(j, "campaigns");
    js_array(j);
    js_object(j);
    key_text(j, "id", c->id);
    key_c(j, "verdict", verdict_name(c->verdict));
    js_key(j, "door_open");
    js_object(j);
    key_c(j, "state", open_name(c->open));
    key_ids(j, r, "because", c->open_because);
    js_end(j);
    js_key(j, "window");
    js_object(j);
    key_time(j, "from", c->window_from_us);
    key_time(j, "to", c->window_to_us);
    key_time(j, "patched", c->patched_us);
    key_bool(j, "empty", c->window_empty);
    js_end(j);
    write_axes(j, r, c);
    key_strs(j, "why", c->why);
    js_key(j, "next_steps");
    js_array(j);
    for (size_t i = 0; i < c->step_n; i++) {
        js_object(j);
        key_text(j, "id", c->step[i].id);
        key_text(j, "title", c->step[i].title);
        key_text(j, "text", c->step[i].text);
        key_ids(j, r, "because", c->step[i].because);
        js_end(j);
    }
    js_end(j);
    js_end(j);
    js_end(j);
}

static void write_doors(struct js *j, const struct report *r)
{
    js_key(j, "back_doors");
    js_array(j);
    for (size_t i = 0; i < r->back_door_n; i++) {
        const struct back_door *b = &r->back_door[i];
        js_object(j);
        key_text(j, "path", b->path);
        key_str(j, "url", b->url);
        key_c(j, "state", thing_name(b->state));
        key_c(j, "reachable", reach_name(b->reachable));
        key_text(j, "kind", b->kind.n ? b->kind : STR("unknown"));
        key_str(j, "sha256", b->sha256);
        key_str(j, "key", b->key);
        key_time(j, "created", b->created_us);
        key_time(j, "removed", b->removed_us);
        js_key(j, "use");
        js_object(j);
        key_c(j, "state", use_word_name(b->use.state));
        key_bool(j, "reached", b->use.reached);
        key_time(j, "first", b->use.first_us);
        key_time(j, "last", b->use.last_us);
        key_u64(j, "requests", b->use.requests);
        key_u64(j, "errors", b->use.errors);
        key_strs(j, "clients", b->use.clients);
        js_end(j);
        key_nth(j, "intruder", 'I', b->intruder);
        key_ids(j, r, "findings", b->findings);
        js_end(j);
    }
    js_end(j);

    js_key(j, "ways_back");
    js_array(j);
    for (size_t i = 0; i < r->way_back_n; i++) {
        const struct way_back *w = &r->way_back[i];
        js_object(j);
        key_text(j, "kind", w->kind);
        key_str(j, "name", w->name);
        key_str(j, "path", w->path);
        key_text(j, "state", w->state);
        key_c(j, "used", use_word_name(w->used));
        key_c(j, "reachable", reach_name(w->reachable));
        key_ids(j, r, "findings", w->findings);
        js_end(j);
    }
    js_end(j);
}

static void write_people(struct js *j, const struct report *r)
{
    js_key(j, "sessions");
    js_array(j);
    for (size_t i = 0; i < r->session_n; i++) {
        const struct session *s = &r->session[i];
        js_object(j);
        key_nth(j, "id", 'S', (uint32_t)i);
        key_nth(j, "intruder", 'I', s->intruder);
        key_strs(j, "clients", s->clients);
        key_time(j, "first", s->first_us);
        key_time(j, "last", s->last_us);
        key_strs(j, "cves", s->cve);
        key_bool(j, "succeeded", s->succeeded);
        key_ids(j, r, "findings", s->findings);
        js_end(j);
    }
    js_end(j);

    js_key(j, "intruders");
    js_array(j);
    for (size_t i = 0; i < r->intruder_n; i++) {
        const struct intruder *p = &r->intruder[i];
        js_object(j);
        key_nth(j, "id", 'I', (uint32_t)i);
        key_strs(j, "keys", p->keys);
        key_strs(j, "clients", p->clients);
        key_strs(j, "user_agents", p->user_agents);
        key_time(j, "first", p->first_us);
        key_time(j, "last", p->last_us);
        key_text(j, "why", p->why);
        js_end(j);
    }
    js_end(j);

    js_key(j, "other_servers");
    js_array(j);
    for (size_t i = 0; i < r->other_n; i++) {
        js_object(j);
        key_text(j, "name", r->other[i].name);
        key_text(j, "why", r->other[i].why);
        key_bool(j, "hunted", r->other[i].hunted);
        key_ids(j, r, "findings", r->other[i].findings);
        js_end(j);
    }
    js_end(j);
}

static void write_cite(struct js *j, const struct report *r, const struct cite *c)
{
    const struct ev_node *n = report_node(r, c->node);

    js_object(j);
    js_key(j, "source");
    if (n)
        js_u64(j, n->source);
    else
        js_null(j);
    key_str(j, "path", n ? n->path : STR_EMPTY);
    key_str(j, "entry", n ? n->entry : STR_EMPTY);
    js_key(j, "line");
    if (c->line)
        js_u64(j, c->line);
    else
        js_null(j);
    js_key(j, "record");
    if (c->record)
        js_u64(j, c->record);
    else
        js_null(j);
    key_u64(j, "offset", c->offset);
    key_time(j, "time", c->time_us);
    key_text(j, "excerpt", c->excerpt);
    js_key(j, "raw_sha256");
    if (c->has_raw)
        js_hex(j, c->raw_sha256, sizeof c->raw_sha256);
    else
        js_null(j);
    js_key(j, "file_sha256");
    if (n && n->hashed)
        js_hex(j, n->sha256, sizeof n->sha256);
    else
        js_null(j);
    js_end(j);
}

static void write_findings(struct js *j, const struct report *r)
{
    js_key(j, "findings");
    js_array(j);
    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        js_object(j);
        key_c(j, "id", f->id);
        js_key(j, "key");
        js_hex(j, f->key, sizeof f->key);
        key_text(j, "detector", f->detector);
        key_text(j, "title", f->title);
        key_c(j, "severity", severity_name(f->severity));
        js_key(j, "confidence");
        js_number(j, f->confidence);
        key_time(j, "time", f->time_us);
        key_time(j, "last", f->last_us);
        key_c(j, "axis", axis_name(f->axis));
        key_str(j, "axis_state", f->axis_state);
        key_strs(j, "cve", f->cve);
        key_strs(j, "attack", f->attack);
        key_text(j, "why", f->why);
        key_u64(j, "count", f->count);
        key_nth(j, "session", 'S', f->session);
        key_bool(j, "probe", f->probe);
        js_key(j, "evidence");
        js_array(j);
        for (size_t k = 0; k < f->evidence_n && k < 2; k++)
            write_cite(j, r, &f->evidence[k]);
        js_end(j);
        js_end(j);
    }
    js_end(j);
}

static void write_coverage(struct js *j, const struct report *r)
{
    js_key(j, "coverage");
    js_array(j);
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row        blank;
        const struct cover_row *row = report_cover(r, (enum family)f, &blank);
        const struct seen      *s = report_seen(r, row);

        js_object(j);
        key_c(j, "family", family_table[f].name);
        key_bool(j, "expected", row->expected);
        key_bool(j, "examined", family_table[f].examined);
        key_u64(j, "files", s->files);
        key_u64(j, "bytes", s->bytes);
        key_u64(j, "records", s->records);
        key_time(j, "oldest", s->records ? s->oldest_us : TIME_NONE);
        key_time(j, "newest", s->records ? s->newest_us : TIME_NONE);
        js_key(j, "gaps");
        js_array(j);
        for (size_t i = 0; i < row->gap_n; i++) {
            js_object(j);
            key_time(j, "from", row->gap[i].from_us);
            key_time(j, "to", row->gap[i].to_us);
            js_end(j);
        }
        js_end(j);
        key_u64(j, "gaps_omitted", row->gap_more);
        js_key(j, "damaged");
        js_array(j);
        for (size_t i = 0; i < s->damage_n; i++) {
            const struct ev_node *n = report_node(r, s->damage[i].node);
            js_object(j);
            key_str(j, "path", n ? n->path : STR_EMPTY);
            key_text(j, "what", s->damage[i].what);
            key_u64(j, "kept", s->damage[i].kept);
            js_end(j);
        }
        js_end(j);
        key_u64(j, "damaged_omitted", s->damage_more);
        key_str(j, "missing", s->missing);
        key_c(j, "covers_window", covered_name(row->covers_window));
        key_str(j, "how_to_get", row->how_to_get);
        js_end(j);
    }
    js_end(j);
}

static void write_rules(struct js *j, const struct own_rules *r)
{
    if (!r)
        return;
    js_key(j, "rules");
    js_object(j);
    key_u64(j, "sigma", r->sigma_n);
    key_u64(j, "yara", r->yara_n);
    key_u64(j, "elsewhere", r->elsewhere_n);
    js_key(j, "refused");
    js_array(j);
    for (size_t i = 0; i < r->refused_n; i++) {
        js_object(j);
        key_text(j, "file", r->refused[i].file);
        key_str(j, "title", r->refused[i].title);
        key_text(j, "why", r->refused[i].why);
        js_end(j);
    }
    js_end(j);
    key_u64(j, "omitted", r->refused_more);
    js_end(j);
}

static void write_rest(struct js *j, const struct report *r)
{
    js_key(j, "timeline");
    js_array(j);
    for (size_t i = 0; i < r->timeline_n; i++) {
        const struct time_row *t = &r->timeline[i];
        const struct finding  *f = report_finding(r, t->finding);
        js_object(j);
        key_time(j, "time", t->time_us);
        key_c(j, "finding", f ? f->id : NULL);
        key_nth(j, "session", 'S', t->session);
        key_text(j, "text", t->text);
        js_end(j);
    }
    js_end(j);

    js_key(j, "refused");
    js_array(j);
    for (size_t i = 0; r->found->ev && i < r->found->ev->refused_n; i++) {
        const struct ev_refused *x = &r->found->ev->refused[i];
        js_object(j);
        key_text(j, "path", x->path);
        key_text(j, "what", x->what);
        key_str(j, "hint", x->hint);
        js_end(j);
    }
    js_end(j);

    write_rules(j, r->rules);
    js_key(j, "omitted");
    js_object(j);
    key_u64(j, "timeline", r->omitted.timeline);
    key_u64(j, "findings", r->omitted.findings);
    key_u64(j, "back_doors", r->omitted.back_doors);
    key_u64(j, "sessions", r->omitted.sessions);
    key_u64(j, "refused", report_refused_more(r));
    js_end(j);
}

bool report_json_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct js j;

    (void)scratch;
    js_open(&j, o, false);
    js_object(&j);
    write_head(&j, r);
    write_server(&j, r);
    write_campaigns(&j, r);
    write_doors(&j, r);
    write_people(&j, r);
    write_findings(&j, r);
    write_coverage(&j, r);
    write_rest(&j, r);
    js_end(&j);
    return out_done(o, e);
}
