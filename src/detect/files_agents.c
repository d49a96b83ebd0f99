/*
 * agents: the transport agents that Exchange loads.
 *
 * Rule 1   an agent sees every message. A file in a place where nobody installs programs accuses.
 * Rule 2   elsewhere outside the product it asks; a file that names neither maker nor version accuses (files_modules.c).
 * Source   ways back in, 3.
 */
#include "detect/config.h"

#include "formats/agents.h"

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_TRANSPORT_AGENTS;
}

/* Of Exchange itself: its class says so, and its file lies where the product's do. */
static bool products(const struct files_context *c, const struct agent *g, struct str path)
{
    bool home = str_ihas(path, STR("\\TransportRoles\\agents\\")) || config_product_place(c, path);

    return path.n == 0 || (home && (g->class_factory.n == 0 || str_istarts(g->class_factory, STR("Microsoft."))));
}

static bool agent(struct files_context *c, struct files_node *n, const struct agent *g, struct err *e)
{
    struct str path = winpath_canon(&n->scratch, g->assembly_path, c->ev->system_drive);
    bool odd = files_odd_place(path), known = !odd && (config_known_maker(g->assembly_path) || str_ihas(path, STR(":\\Program Files")));

    if (!odd && products(c, g, path))
        return true;
    const struct config_says s = {
        .grade = odd ? CONFIG_ACCUSES : CONFIG_NOTE, .what = "transport_agent", .detector = odd ? "config/agent" : "config/agent-other", .severity = odd ? SEV_HIGH : known ? SEV_INFO : SEV_MEDIUM,
        .confidence = odd ? 0.9 : known ? 0.2 : 0.5, .title = odd ? "Unknown transport agent" : "Transport agent of another product", .name = g->name, .path = path, .attack = "T1505.002",
        .why = odd ? "It sees every message, and its file lies outside the folders of Exchange and of installed programs."
             : known ? "It is installed like a program; check that it was bought." : "It sees every message, and its file is not where programs are installed: check that it was bought.",
    };
    struct file_fact *f = config_tell(c, n->node, &s, g->line);
    if (!f)
        return true;
    f->cite.excerpt = files_text(c, "agent %.*s, %s: %.*s", STR_ARG(str_sub(f->name, 0, 100)), g->enabled ? "enabled" : "not enabled", STR_ARG(str_sub(path, 0, 200)));
    return config_expect_file(c, path, (size_t)(f - c->found->fact), CONFIG_AGENT, e);
}

static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    struct agents w;

    if (!agents_parse(&w, &n->scratch, n->body, e))
        return false;
    if (w.damaged && !files_damage(c, FAM_TRANSPORT_AGENTS, n->node, "cut or not well-formed", w.n, e))
        return false;
    for (size_t i = 0; i < w.n; i++) {
        if (!n->node->shadow)
            files_there(c, "transport_agent", w.agent[i].name, w.agent[i].assembly_path);
        if (!agent(c, n, &w.agent[i], e))
            return false;
    }
    return true;
}

const struct files_detector files_agents = {
    .name = "agents", .about = "transport agents whose files lie outside the product", .wants = wants, .look = look,
};
