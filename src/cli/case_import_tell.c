#include "cli/case_import_tell.h"

#include "cli/infiles.h"

void case_import_tell(struct out *o, const struct case_import_told *x, bool json)
{
    const struct intake_result *r = x->r;
    const struct import_result *s = &r->sums;

    if (json) {
        struct js j;
        js_open(&j, o, true);
        js_object(&j);
        js_key(&j, "file");   js_str(&j, x->name);
        js_key(&j, "sha256"); js_hex(&j, x->sha256, 32);
        js_key(&j, "state");  js_c(&j, x->state == LEDGER_WHOLE ? "known" : x->state == LEDGER_AGAIN ? "continued" : "new");
        js_key(&j, "kind");   js_c(&j, intake_kind_name(r->kind));
        if (x->state != LEDGER_WHOLE) {
            js_key(&j, "rows");   js_u64(&j, s->rows);
            js_key(&j, "taken");  js_u64(&j, s->taken);
            js_key(&j, "partly"); js_u64(&j, r->partly);
            js_key(&j, "items");
            js_object(&j);
            for (size_t i = 0; i < INTAKE_WHATS; i++)
                if (r->items[i]) {
                    js_key(&j, intake_what_name((enum intake_what)i));
                    js_u64(&j, r->items[i]);
                }
            js_end(&j);
            if (!x->dry) {
                js_key(&j, "new");           js_u64(&j, x->items - x->known);
                js_key(&j, "already_known"); js_u64(&j, x->known);
            }
            infile_sums_json(&j, s);
        }
        js_end(&j);
        out_c(o, "\n");
        return;
    }
    out_term(o, x->name, 200);
    if (x->state == LEDGER_WHOLE) {
        out_fmt(o, ": %s: already known, nothing new\n", intake_kind_name(r->kind));
        return;
    }
    out_fmt(o, ": %s: %llu rows: %llu taken", intake_kind_name(r->kind), (unsigned long long)s->rows, (unsigned long long)s->taken);
    if (r->partly)
        out_fmt(o, " (%llu in part)", (unsigned long long)r->partly);
    out_fmt(o, ", %llu about something else, %llu broken;", (unsigned long long)s->other, (unsigned long long)s->broken);
    for (size_t i = 0; i < INTAKE_WHATS; i++)
        if (r->items[i])
            out_fmt(o, " %s %llu", intake_what_name((enum intake_what)i), (unsigned long long)r->items[i]);
    if (!x->dry)
        out_fmt(o, " (%llu said before)", (unsigned long long)x->known);
    out_c(o, "\n");
    infile_sums_text(o, s);
}

static void campaigns_json(struct js *j, const struct report_told *t, bool taken)
{
    js_key(j, "campaigns");
    js_array(j);
    for (uint32_t i = 0; i < t->campaign_n; i++) {
        js_object(j);
        js_key(j, "campaign");  js_c(j, t->campaign[i].slug);
        js_key(j, "verdict");   js_c(j, t->campaign[i].verdict);
        js_key(j, "door_open"); js_c(j, t->campaign[i].door_open);
        js_key(j, "grade");     js_c(j, grade_name(t->campaign[i].grade));
        js_key(j, "why");       js_c(j, t->campaign[i].why);
        if (taken) {
            js_key(j, "features");
            js_u64(j, t->campaign[i].features);
        }
        js_end(j);
    }
    js_end(j);
}

static void campaigns_text(struct out *o, const struct report_told *t)
{
    for (uint32_t i = 0; i < t->campaign_n; i++) {
        out_c(o, "  ");
        out_term(o, str_c(t->campaign[i].slug), 60);
        out_c(o, ": ");
        out_term(o, str_c(t->campaign[i].verdict), 20);
        out_c(o, ", door open: ");
        out_term(o, str_c(t->campaign[i].door_open), 20);
        out_fmt(o, ", grade %s: ", grade_name(t->campaign[i].grade));
        out_term(o, str_c(t->campaign[i].why), 0);
        out_c(o, "\n");
    }
    if (t->note[0]) {
        out_c(o, "  note: ");
        out_term(o, str_c(t->note), 0);
        out_c(o, "\n");
    }
}

void case_import_tell_report(struct out *o, struct str name, const uint8_t sha256[32], const struct report_told *t, const struct ledger_counts *n, bool json)
{
    if (json) {
        struct js j;
        js_open(&j, o, true);
        js_object(&j);
        js_key(&j, "file");   js_str(&j, name);
        js_key(&j, "sha256"); js_hex(&j, sha256, 32);
        js_key(&j, "state");  js_c(&j, t->again ? "known" : "new");
        js_key(&j, "kind");   js_c(&j, "report");
        js_key(&j, "refused"); js_str_or_null(&j, str_c(t->refused));
        js_key(&j, "server"); js_str_or_null(&j, str_c(t->server));
        js_key(&j, "facts");  js_u64(&j, n->taken);
        js_key(&j, "already_known"); js_u64(&j, n->known);
        campaigns_json(&j, t, true);
        js_key(&j, "note"); js_str_or_null(&j, str_c(t->note));
        js_end(&j);
        out_c(o, "\n");
        return;
    }
    out_term(o, name, 200);
    if (t->again) {
        out_c(o, ": report: already known, nothing new\n");
        return;
    }
    if (t->refused[0]) {
        out_c(o, ": report: refused: ");
        out_term(o, str_c(t->refused), 0);
        out_c(o, "\n");
    } else {
        out_c(o, ": report of ");
        out_term(o, str_c(t->server), 100);
        out_fmt(o, ": %llu facts (%llu said before)\n", (unsigned long long)n->taken, (unsigned long long)n->known);
    }
    campaigns_text(o, t);
}

/* --- --dry-run --- */

static void match_json(struct js *j, const struct case_import_tried *x)
{
    js_key(j, "match");
    if (!x->store) {
        js_null(j);
        return;
    }
    js_object(j);
    js_key(j, "servers"); js_u64(j, x->match.servers);
    js_key(j, "by");      js_c(j, x->match.by);
    js_key(j, "server");  js_str_or_null(j, x->match.server);
    js_key(j, "owner");   js_str_or_null(j, x->match.owner);
    js_key(j, "org");
    if (x->match.org)
        js_i64(j, x->match.org);
    else
        js_null(j);
    js_key(j, "case"); js_str_or_null(j, str_c(x->of_case));
    js_end(j);
}

static void tried_json(struct out *o, const struct case_import_tried *x)
{
    const struct report_told *t = x->told;
    struct js                 j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "what");    js_c(&j, "report");
    js_key(&j, "file");    js_str(&j, x->name);
    js_key(&j, "sha256");  js_hex(&j, x->sha256, 32);
    js_key(&j, "state");   js_c(&j, t->again ? "known" : "new");
    js_key(&j, "refused"); js_str_or_null(&j, str_c(t->refused));
    js_key(&j, "server");  js_str_or_null(&j, str_c(t->server));
    campaigns_json(&j, t, false);
    js_key(&j, "nonce_of"); js_str_or_null(&j, str_c(x->nonce_case));
    match_json(&j, x);
    js_key(&j, "note"); js_str_or_null(&j, str_c(t->note));
    js_end(&j);
    out_c(o, "\n");
}

static void owner_text(struct out *o, const struct case_import_tried *x)
{
    if (!x->match.org) {
        out_c(o, "nobody is known to own it\n");
        return;
    }
    out_c(o, "of ");
    out_term(o, x->match.owner.n ? x->match.owner : STR("an organisation without a name"), 80);
    out_fmt(o, " (org:%lld%s%s)\n", (long long)x->match.org, x->of_case[0] ? ", " : "", x->of_case);
}

static void match_text(struct out *o, const struct case_import_tried *x)
{
    if (!x->store)
        out_c(o, "  it was compared with no store: there is none, or the file is packed\n");
    else if (x->match.asset) {
        out_fmt(o, "  by %s it is ", x->match.by);
        out_term(o, x->match.server.n ? x->match.server : STR("a server without a name"), 100);
        out_c(o, ", ");
        owner_text(o, x);
    } else if (x->match.servers)
        out_fmt(o, "  by %s it fits %u servers%s: the update decides\n", x->match.by, x->match.servers, x->match.servers == REPORT_FITS_MAX ? " or more" : "");
    else if (x->match.org) {
        out_fmt(o, "  it is a new server, by %s ", x->match.by);
        owner_text(o, x);
    } else
        out_c(o, "  it is a new server, and nobody is known to own it\n");
}

void case_import_tell_tried(struct out *o, const struct case_import_tried *x, bool json)
{
    const struct report_told *t = x->told;

    if (json) {
        tried_json(o, x);
        return;
    }
    out_term(o, x->name, 200);
    if (t->refused[0]) {
        out_c(o, ": report: would be refused: ");
        out_term(o, str_c(t->refused), 0);
        out_c(o, "\n");
        return;
    }
    out_c(o, ": report of ");
    out_term(o, str_c(t->server), 100);
    out_c(o, t->again ? ": already known, nothing new\n" : ": would be taken\n");
    campaigns_text(o, t);
    if (x->nonce_case[0])
        out_fmt(o, "  it carries the nonce of %s\n", x->nonce_case);
    match_text(o, x);
}
