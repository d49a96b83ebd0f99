/*
 * XML: nmap's, and what PowerShell's Export-Clixml wrote of HealthChecker's result. Fed piece by piece; what is damaged is told, the rest is read.
 */
#include "survey/import_inner.h"

bool import_xml(struct import *m, struct str head)
{
    bool                      clixml = m->opt->format == OBS_HEALTHCHECKER || (m->opt->format == OBS_SOURCES && str_has(head, STR("schemas.microsoft.com/powershell")));
    const struct xmlpush_ops *ops = clixml ? &import_clixml_ops : &import_nmap_ops;
    struct xmlpush           *x = NULL;
    void                     *ctx;
    struct str                piece;
    static const char         damaged[] = "the XML is damaged";

    if (!clixml && m->opt->format == OBS_SOURCES && !str_has(head, STR("<nmaprun"))) {
        err_set(m->e, ERR_FORMAT, "XML, but neither nmap's nor HealthChecker's");
        return err_hint(m->e, "say what it is with --format");
    }
    m->ret->format = clixml ? OBS_HEALTHCHECKER : OBS_NMAP;
    m->ret->report = str_c(obs_source_name(m->ret->format));
    ctx = clixml ? (void *)import_clixml_open(m) : (void *)import_nmap_open(m);
    if (!ctx || !xmlpush_open(&x, &m->file, ops, ctx, m->e))
        return m->e->kind != ERR_NONE ? false : err_set(m->e, ERR_MEMORY, "no room for an XML reader");
    while (!m->stopped && (piece = rows_piece(m->rows, 64 << 10)).n)
        if (!xmlpush_feed(x, piece))
            break;
    if (!m->stopped && rows_why(m->rows)->kind == ERR_NONE)
        xmlpush_end(x);
    if (!m->stopped && xmlpush_what(x)) {
        import_note(m, "line %llu: %s", (unsigned long long)xmlpush_line(x), xmlpush_what(x));
        m->ret->rows++;
        (void)import_broken(m, &(struct import_row){ xmlpush_line(x), STR_EMPTY }, damaged);
    }
    xmlpush_close(x);
    return true;
}
