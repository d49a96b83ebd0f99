/*
 * stix.json: the answer as a STIX 2.1 bundle.
 *
 * Shape    identity (the server, and this program as author), vulnerabilities and techniques; for each back door its file, a malware object, an
 *          indicator of its hash and a sighting; for each visit its observed data; for each intruder an intrusion set and indicators of
 *          the addresses that outs_accuses lets through; rules of the pack that fired, as indicators with their Sigma text; steps as courses of
 *          action; axes, the operator's own rules that fired, coverage and doubt as notes; last, one report over all.
 * Ids      never random. Observables as the standard says; what any hunt would say (this program, a CVE, a technique, a rule) in our namespace;
 *          the rest in the hunt's (outs.h). One id stands once.
 * Times    created and modified are the newest evidence, or one fixed day for what any hunt would say; published is the same. No clock.
 * Not done pattern of the victim's own names; bodies of pages; rules whose text holds the words of a script (antivirus takes them for one).
 * Source   OASIS, STIX Version 2.1; FIRST TLP 2.0 markings of cti-stix-common-objects; interchange sheet, section 3.4.
 */
#include "base/num.h"
#include "report/stix.h"
#include "report/stix_mark.h"
#include "report/words.h"

enum { CITED_MOST = 20, OWN_MOST = 500 };

static void write_head(struct stix *s)
{
    const struct report *r = s->r;
    struct str           name = report_server(r);

    s->marking = outs_fmt(&s->x, "marking-definition--%s", stix_tlp_uuid(r->tlp));
    s->author = stix_common(s, "identity", STR("afterpatch"));
    s->server = stix_own(s, "identity", STR("server"));

    stix_tlp_write(&s->j, r->tlp);                 /* not by stix_begin(): a report object does not list its markings */
    if (stix_begin(s, "identity", s->author)) {
        stix_time(s, "created", s->common_us);
        stix_time(s, "modified", s->common_us);
        stix_c(s, "name", "Afterpatch");
        stix_c(s, "identity_class", "system");
        stix_end(s);
    }
    if (stix_begin_at(s, "identity", s->server, STIX_OF_HUNT)) {
        stix_str(s, "name", name.n ? name : STR("unknown server"));
        stix_c(s, "identity_class", "system");
        stix_end(s);
    }
    for (size_t i = 0; i < r->campaign.exploitation.cve.n; i++)
        stix_cve(s, r->campaign.exploitation.cve.item[i]);
}

static void write_visits(struct stix *s)
{
    const struct report *r = s->r;

    s->visit = NEW(&s->x.a, struct str, r->session_n ? r->session_n : 1);
    if (!s->visit) {
        s->x.bad = true;
        return;
    }
    for (size_t i = 0; i < r->session_n; i++) {
        const struct session *v = &r->session[i];
        struct arena          keep = s->x.a;
        struct str           *ref = NEW(&s->x.a, struct str, v->clients.n ? v->clients.n : 1);
        uint64_t              n = 0;
        size_t                k = 0;
        if (!ref) {
            s->x.a = keep;
            s->x.bad = true;
            return;
        }
        for (size_t c = 0; c < v->clients.n; c++) {
            ref[k] = stix_address(s, v->clients.item[c]);
            k += ref[k].n != 0;
        }
        for (size_t f = 0; f < v->findings.n; f++) {
            const struct finding *one = report_finding(r, v->findings.item[f]);
            n += one ? one->count : 0;
        }
        s->visit[i] = stix_observed(s, outs_fmt(&s->x, "S%zu", i + 1), v->first_us, v->last_us, n, ref, k);
    }
}

static void write_door(struct stix *s, size_t i)
{
    const struct back_door *b = &s->r->back_door[i];
    struct str              dir, name = outs_base(b->path, &dir), file = stix_file(s, b->path, b->sha256), hash_sign = STR_EMPTY;
    struct str              malware = stix_own(s, "malware", outs_fmt(&s->x, "%zu", i + 1)), observed, *ref;
    int64_t                 first = b->use.first_us != TIME_NONE ? b->use.first_us : b->created_us;
    size_t                  n = 0;

    if (stix_begin_at(s, "malware", malware, STIX_OF_HUNT)) {
        stix_str(s, "name", outs_cat(&s->x, STR("Back door "), name.n ? name : b->url));
        js_key(&s->j, "description");
        js_str(&s->j, outs_fmt(&s->x, "State: %s. Reachable: %s. Kind: %.*s. Use: %s.", word_thing(b->state).title, word_reach(b->reachable).title,
                               STR_ARG(b->kind), word_used(b->use.state).title));
        stix_word(s, "malware_types", "webshell");
        js_key(&s->j, "is_family");
        js_bool(&s->j, false);
        if (file.n)
            stix_refs(s, "sample_refs", &file, 1);
        stix_end(s);
    }
    ref = NEW(&s->x.a, struct str, b->use.clients.n + 2);
    if (!ref) {
        s->x.bad = true;
        return;
    }
    if (file.n)
        ref[n++] = file;
    ref[n] = stix_url(s, b->url);
    n += ref[n].n != 0;
    for (size_t c = 0; c < b->use.clients.n; c++) {
        ref[n] = stix_address(s, b->use.clients.item[c]);
        n += ref[n].n != 0;
    }
    observed = stix_observed(s, outs_fmt(&s->x, "B%zu", i + 1), first, b->use.last_us, b->use.requests, ref, n);
    stix_sighting(s, malware, (struct stix_seen){ first, b->use.last_us, b->use.requests, -1, &observed, observed.n ? 1 : 0 });
    if (outs_sha256(b->sha256)) {
        struct str hex = str_lower(&s->x.a, b->sha256);
        s->x.bad |= !hex.p;
        hash_sign = stix_indicator(s, stix_own(s, "indicator", hex), STR("Hash of a back door"), "malicious-activity", "stix",
                                    outs_fmt(&s->x, "[file:hashes.'SHA-256' = '%.*s']", STR_ARG(hex)), STIX_OF_HUNT, first);
        stix_relate(s, hash_sign, "indicates", malware);
    }
}

static void write_intruder(struct stix *s, uint32_t i)
{
    const struct report   *r = s->r;
    const struct intruder *p = &r->intruder[i];
    struct str             set = stix_own(s, "intrusion-set", outs_fmt(&s->x, "I%u", i + 1)), *visit = NEW(&s->x.a, struct str, r->session_n + 1);
    size_t                 n = 0;

    if (!visit) {
        s->x.bad = true;
        return;
    }
    if (stix_begin_at(s, "intrusion-set", set, STIX_OF_HUNT)) {
        stix_str(s, "name", outs_fmt(&s->x, "Intruder I%u of this hunt", i + 1));
        stix_str(s, "description", p->why.n ? p->why : STR("One intruder."));
        if (p->first_us != TIME_NONE) {
            stix_time(s, "first_seen", p->first_us);
            stix_time(s, "last_seen", outs_later(p->first_us, p->last_us));
        }
        stix_end(s);
    }
    stix_relate(s, set, "targets", s->server);
    for (size_t b = 0; b < r->back_door_n; b++)
        if (r->back_door[b].intruder == i)
            stix_relate(s, set, "uses", stix_own(s, "malware", outs_fmt(&s->x, "%zu", b + 1)));
    for (size_t v = 0; v < r->session_n; v++) {
        const struct session *t = &r->session[v];
        if (t->intruder != i)
            continue;
        if (s->visit[v].n)
            visit[n++] = s->visit[v];
        for (size_t c = 0; c < t->cve.n; c++)
            stix_relate(s, set, "targets", stix_cve(s, t->cve.item[c]));
        for (size_t f = 0; f < t->findings.n; f++) {
            const struct finding *one = report_finding(r, t->findings.item[f]);
            for (size_t k = 0; one && outs_counts(one) && k < one->attack.n; k++)
                stix_relate(s, set, "uses", stix_technique(s, one->attack.item[k]));
        }
    }
    stix_sighting(s, set, (struct stix_seen){ p->first_us, p->last_us, 0, -1, visit, n });
    for (size_t c = 0; c < p->clients.n; c++) {
        struct str ip = p->clients.item[c];
        if (!outs_accuses(&s->x, ip))
            continue;
        struct str sign = stix_indicator(s, stix_own(s, "indicator", ip), STR("Address of an intruder"), "malicious-activity", "stix",
            outs_fmt(&s->x, "[%s:value = '%.*s']", outs_ip(ip) == OUTS_IP4 ? "ipv4-addr" : "ipv6-addr", STR_ARG(ip)), STIX_OF_HUNT, p->first_us);
        stix_relate(s, sign, "indicates", set);
    }
}

/* Rules whose text an antivirus program might take for a page. */
static bool script_words(struct str text)
{
    static const char *const word[] = { "runat", "page_load", "unsafe", "<%", "<script", "eval(" };

    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (str_ihas(text, str_c(word[i])))
            return true;
    return false;
}

/* The pack's file of "sigma:PACK/NAME". */
static struct str rule_text_of(struct stix *s, const struct pack *p, struct str detector)
{
    struct str head = outs_fmt(&s->x, "sigma:%.*s/", STR_ARG(p->id));

    if (!str_starts(detector, head))
        return STR_EMPTY;
    struct str want = outs_fmt(&s->x, "rules/%.*s.yml", STR_ARG(str_from(detector, head.n)));
    for (size_t i = 0; i < p->file_n; i++)
        if (str_eq(p->file[i].name, want))
            return p->file[i].text;
    return STR_EMPTY;
}

static struct str rule_text(struct stix *s, struct str detector)
{
    const struct pack *p = s->r->found->pack;
    struct str         text = p ? rule_text_of(s, p, detector) : STR_EMPTY;

    for (size_t i = 0; p && !text.n && i < p->with_n; i++)
        text = rule_text_of(s, p->with[i], detector);
    return text;
}

static struct str rule_title(struct str text)
{
    struct str line;

    while (str_cut(&text, '\n', &line))
        if (str_starts(line, STR("title: ")))
            return str_trim(str_from(line, 7));
    return STR("Rule that fired");
}

static void write_rules(struct stix *s)
{
    const struct report *r = s->r;
    struct map           done = { 0 };

    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        if (!outs_counts(f) || map_get(&done, f->detector) != MAP_NONE)
            continue;
        s->x.bad |= !map_put(&done, &s->x.a, f->detector, 1);
        struct str text = rule_text(s, f->detector);
        if (s->x.bad || text.n == 0 || script_words(text))
            continue;
        struct stix_seen t = { TIME_NONE, TIME_NONE, 0, f->confidence, NULL, 0 };
        for (size_t k = i; k < r->finding_n; k++) {
            const struct finding *g = &r->finding[k];
            if (!outs_counts(g) || !str_eq(g->detector, f->detector))
                continue;
            t.count = num_add_sat(t.count, g->count);
            if (g->time_us != TIME_NONE && (t.first_us == TIME_NONE || g->time_us < t.first_us))
                t.first_us = g->time_us;
            if (g->last_us > t.last_us)
                t.last_us = g->last_us;
        }
        int64_t    from = r->found->pack->exploited_from_us;
        struct str name = outs_cat(&s->x, f->detector, outs_cat(&s->x, STR("|"), text));
        struct str id = stix_indicator(s, stix_common(s, "indicator", name), rule_title(text), "malicious-activity", "sigma", text, STIX_OF_ALL,
                                        from > 0 ? from : TIME_NONE);
        stix_sighting(s, id, t);
        for (size_t k = 0; k < f->attack.n; k++)
            stix_relate(s, id, "indicates", stix_technique(s, f->attack.item[k]));
    }
}

/* What the operator's own rules say is for review as a rule: a note each, with the rule's author and references, and no indicator for others. */
static bool of_own_rule(const struct finding *f)
{
    return str_starts(f->detector, STR("sigma:user/")) || (str_starts(f->detector, STR("yara/")) && f->axis == AXIS_NONE);
}

static void write_own_rules(struct stix *s)
{
    const struct report *r = s->r;
    struct map           done = { 0 };

    for (size_t i = 0; i < r->finding_n && done.n < OWN_MOST && !s->x.bad; i++) {
        const struct finding *f = &r->finding[i];
        if (!of_own_rule(f) || map_get(&done, f->detector) != MAP_NONE)
            continue;
        s->x.bad |= !map_put(&done, &s->x.a, f->detector, 1);
        uint64_t n = 0;
        int64_t  last = TIME_NONE;
        for (size_t k = i; k < r->finding_n; k++)
            if (str_eq(r->finding[k].detector, f->detector)) {
                n = num_add_sat(n, r->finding[k].count);
                last = r->finding[k].last_us > last ? r->finding[k].last_us : last;
            }
        char from[WORDS_TEXT], to[WORDS_TEXT];
        words_time(f->time_us, from);
        words_time(last, to);
        struct str text = outs_cat(&s->x, f->title, outs_cat(&s->x, STR(". "), f->why));
        text = outs_cat(&s->x, text, outs_fmt(&s->x, "\nSeen %llu times%s%s%s%s. %s", (unsigned long long)n, from[0] ? ", first " : "", from, to[0] ? ", last " : "", to,
                                              f->axis == AXIS_NONE ? "For review; it moves no axis of the verdict." : "The rule itself says what it means."));
        stix_note(s, "rule", f->detector, text, NULL, 0);
    }
}

static void axis_note(struct stix *s, const char *name, struct word state, enum covered c, struct id_list l)
{
    struct str text = outs_fmt(&s->x, "%s: %s (%s). %s\n", name, state.title, word_covered(c).title, state.meaning);
    size_t     told = 0;

    for (size_t i = 0; i < l.n && told < CITED_MOST; i++) {
        const struct finding *f = report_finding(s->r, l.item[i]);
        char                  when[WORDS_TEXT];
        if (!f)
            continue;
        told++;
        words_time(f->time_us, when);
        text = outs_cat(&s->x, text, outs_fmt(&s->x, "%s %s: ", f->id, when[0] ? when : "undated"));
        text = outs_cat(&s->x, outs_cat(&s->x, text, f->title), outs_cat(&s->x, STR(". "), outs_cat(&s->x, f->why, STR("\n"))));
    }
    if (l.n > CITED_MOST)
        text = outs_cat(&s->x, text, outs_fmt(&s->x, "and %zu more in report.json\n", l.n - CITED_MOST));
    stix_note(s, "axis", str_c(name), text, NULL, 0);
}

static void write_ways(struct stix *s)
{
    for (size_t i = 0; i < s->r->way_back_n; i++) {
        const struct way_back *w = &s->r->way_back[i];
        struct str             ref[2] = { s->server, w->path.n ? stix_file(s, w->path, STR_EMPTY) : STR_EMPTY };
        struct str             text = outs_cat(&s->x, outs_fmt(&s->x, "Way back in, %.*s: ", STR_ARG(w->kind)), w->name);
        text = outs_cat(&s->x, text, outs_fmt(&s->x, ". State: %.*s. Use: %s. Reachable: %s.", STR_ARG(w->state),
                                              word_used(w->used).title, word_reach(w->reachable).title));
        stix_note(s, "way", outs_fmt(&s->x, "Way back in %zu", i + 1), text, ref, ref[1].n ? 2 : 1);
    }
    for (size_t i = 0; i < s->r->other_n; i++)
        stix_note(s, "other", outs_fmt(&s->x, "Other server %zu", i + 1),
                   outs_cat(&s->x, s->r->other[i].name, outs_cat(&s->x, STR(": "), s->r->other[i].why)), NULL, 0);
}

static void write_notes(struct stix *s)
{
    const struct campaign *c = &s->r->campaign;
    struct str             cover = STR("");

    stix_note(s, "verdict", STR("Verdict"), outs_verdict(&s->x), NULL, 0);
    axis_note(s, "Exposure", word_exposure(c->exposure.state), c->exposure.covered, c->exposure.findings);
    axis_note(s, "Exploitation", word_exploit(c->exploitation.state), c->exploitation.covered, c->exploitation.findings);
    axis_note(s, "Back door", word_door(c->back_door.state), c->back_door.covered, c->back_door.findings);
    axis_note(s, "Use", word_use(c->use.state, c->use.re_entered), c->use.covered, c->use.findings);
    axis_note(s, "Theft", word_theft(c->theft.state), c->theft.covered, c->theft.findings);
    write_ways(s);
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row blank;
        cover = outs_cat(&s->x, cover, outs_cat(&s->x, outs_coverage(&s->x, report_cover(s->r, (enum family)f, &blank)), STR("\n")));
    }
    stix_note(s, "coverage", STR("Coverage"), cover, NULL, 0);
    stix_note(s, "doubt", STR("Doubt"), outs_doubt(&s->x), NULL, 0);
    for (size_t i = 0; i < c->step_n; i++)
        if (stix_begin_at(s, "course-of-action", stix_own(s, "course-of-action", c->step[i].id), STIX_OF_HUNT)) {
            stix_str(s, "name", c->step[i].title.n ? c->step[i].title : c->step[i].id);
            stix_str(s, "description", c->step[i].text);
            stix_end(s);
        }
}

static void write_report(struct stix *s)
{
    const struct report *r = s->r;
    size_t               n = s->id_n;
    struct str           title = r->campaign.title.n ? r->campaign.title : STR("Afterpatch");

    if (!stix_begin_at(s, "report", stix_own(s, "report", STR("")), STIX_OF_HUNT))
        return;
    stix_str(s, "name", outs_cat(&s->x, title, outs_cat(&s->x, STR(": "), str_c(word_verdict(r->campaign.verdict).title))));
    stix_str(s, "description", outs_verdict(&s->x));
    stix_word(s, "report_types", "threat-report");
    stix_time(s, "published", s->x.when_us);
    if (r->case_id.n)
        stix_external(s, "case", r->case_id);
    stix_refs(s, "object_refs", s->id, n);
    stix_end(s);
}

bool report_stix_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct stix *s = NEW(&scratch, struct stix, 1);

    if (!s)
        return err_set(e, ERR_MEMORY, "no room to write this form of the report");
    s->r = r;
    if (!outs_open(&s->x, r, scratch, e))
        return false;
    time_civil(2021, 3, 2, 0, 0, 0, 0, &s->common_us);
    js_open(&s->j, o, false);
    js_object(&s->j);
    stix_c(s, "type", "bundle");
    stix_str(s, "id", stix_own(s, "bundle", STR("")));
    js_key(&s->j, "objects");
    js_array(&s->j);
    write_head(s);
    write_visits(s);
    for (size_t i = 0; i < r->back_door_n && !s->x.bad; i++)
        write_door(s, i);
    for (uint32_t i = 0; i < r->intruder_n && !s->x.bad; i++)
        write_intruder(s, i);
    write_rules(s);
    write_own_rules(s);
    write_notes(s);
    write_report(s);
    js_end(&s->j);
    js_end(&s->j);
    return outs_done(&s->x, o, e);
}
