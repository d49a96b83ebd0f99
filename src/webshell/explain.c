#include "webshell/explain.h"

struct str explain_name(struct arena *keep, struct str name)
{
    size_t   n = name.n < EXPLAIN_NAME_MAX ? name.n : EXPLAIN_NAME_MAX;
    uint8_t *p = n ? NEW(keep, uint8_t, n) : NULL;

    for (size_t i = 0; p && i < n; i++) {
        uint8_t c = name.p[i];
        p[i] = ch_alnum(c) || c == '_' || c == '-' || c == '.' || c == '$' ? c : '?';
    }
    return p ? (struct str){ p, n } : STR("");
}

static const char *source_word(uint32_t marks)
{
    return marks & MARK_UPLOAD ? "an uploaded file" : marks & MARK_FILE_NAME ? "the name of an uploaded file" : marks & MARK_REQUEST ? "the request"
         : marks & MARK_SECRET ? "a secret of the server" : marks & MARK_NETWORK ? "another machine" : marks & MARK_DATABASE ? "the database"
         : marks & MARK_PROCESS ? "the output of a program" : marks & MARK_FILE ? "a file on the server" : "the server";
}

static struct str step_text(struct arena *keep, const struct trail *t, const struct val *v)
{
    struct str name = explain_name(keep, t->name);

    switch (t->what) {
    case TRAIL_SOURCE:
        return name.n ? str_fmt(keep, "taken from %s: \"%.*s\"", source_word(v->marks), STR_ARG(name)) : str_fmt(keep, "taken from %s", source_word(v->marks));
    case TRAIL_VARIABLE:
        return str_fmt(keep, "kept in %.*s", STR_ARG(name));
    case TRAIL_PARAMETER:
        return str_fmt(keep, "handed over as %.*s", STR_ARG(name));
    case TRAIL_RETURN:
        return str_fmt(keep, "given back by %.*s", STR_ARG(name));
    case TRAIL_STORED:
        return name.n ? str_fmt(keep, "stored under \"%.*s\" from one request to the next", STR_ARG(name)) : str_fmt(keep, "stored from one request to the next");
    case TRAIL_DECODED:
        return name.n ? str_fmt(keep, "decoded by %.*s", STR_ARG(name)) : str_fmt(keep, "decoded");
    case TRAIL_JOINED:
        return str_fmt(keep, "joined with other text");
    default:
        return name.n ? str_fmt(keep, "goes through %.*s", STR_ARG(name)) : STR_EMPTY;
    }
}

static const struct val *lead_of(const struct judged *j)
{
    const struct val *v = judge_role(j->use, j->lead), *best = v;

    /* The rule may have fitted by another role: the one with a way from outside is told. */
    for (size_t i = 0; i < j->use->role_n && !(best && best->marks && best->trail); i++)
        if (j->use->role[i].v.marks && j->use->role[i].v.trail)
            best = &j->use->role[i].v;
    return best;
}

struct str explain_key(struct arena *keep, const struct judged *j)
{
    const struct val *v = lead_of(j);

    if (v && v->key.n)
        return explain_name(keep, v->key);
    for (size_t i = 0; i < j->use->role_n; i++)
        if (j->use->role[i].v.key.n)
            return explain_name(keep, j->use->role[i].v.key);
    return STR_EMPTY;
}

void explain_flow(struct analyse_flow *ret, struct arena *keep, const struct judged *j)
{
    const struct trail *way[64];
    size_t              n = 0;
    const struct val   *v = lead_of(j);
    struct analyse_flow f = { .what = j->what, .grade = j->grade, .line = j->use->line, .text = str_c(j->text) };

    for (const struct trail *t = v ? v->trail : NULL; t && n < 64; t = t->from)
        way[n++] = t;
    /* From the source on; of a long way its beginning and its last steps. */
    for (size_t i = 0; i < n && f.step_n + 1 < ANALYSE_STEPS_MAX; i++) {
        const struct trail *t = way[n - 1 - i];
        struct str          text = step_text(keep, t, v);
        if (n > ANALYSE_STEPS_MAX - 1 && i == ANALYSE_STEPS_MAX / 2) {
            i = n - ANALYSE_STEPS_MAX / 2;
            continue;
        }
        if (text.n && (!f.step_n || f.step[f.step_n - 1].line != t->line || !str_eq(f.step[f.step_n - 1].text, text)))
            f.step[f.step_n++] = (struct analyse_step){ t->line, text };
    }
    struct str call = explain_name(keep, j->use->call);
    struct str end  = call.n ? str_fmt(keep, "%s: %.*s", sink_name(j->use->sink), STR_ARG(call)) : str_fmt(keep, "%s", sink_name(j->use->sink));
    if (end.n)
        f.step[f.step_n++] = (struct analyse_step){ j->use->line, end };
    *ret = f;
}
