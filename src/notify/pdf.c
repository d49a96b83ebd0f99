/* See pdf.h. */
#include "notify/pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "base/time.h"
#include "base/utf.h"
#include "notify/qr.h"

enum { WHOLE_BYTES = 48, WHOLE_MM = 100 };   /* so much fits in such a line at 12 points */
#define PT (72.0 / 25.4)                     /* points in a millimetre */

struct bytes { uint8_t *p; size_t n, cap; bool too_long; };
struct pdf {
    cairo_surface_t      *surface;
    cairo_t              *cr;
    PangoContext         *context;
    PangoFontDescription *face[PDF_FACES];
    struct bytes          out;
    bool                  dry, bad;
};

static cairo_status_t take(void *ctx, const unsigned char *p, unsigned n)
{
    struct bytes *b = ctx;

    if (n > PDF_BYTES_MAX - b->n) {
        b->too_long = true;
        return CAIRO_STATUS_WRITE_ERROR;
    }
    if (b->n + n > b->cap) {
        size_t   cap = (b->n + n) * 2;
        uint8_t *q = realloc(b->p, cap);
        if (!q)
            return CAIRO_STATUS_NO_MEMORY;
        b->p = q;
        b->cap = cap;
    }
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    return CAIRO_STATUS_SUCCESS;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
/* Fontconfig's patterns lie in Pango's cache, which another thread of Pango fills and nobody empties: what is there is so many kilobytes a process, however many letters. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig.so\n"; }
const char *__lsan_default_options(void) { return "print_suppressions=0"; }
#endif

/* --- opening --- */

static void metadata(cairo_surface_t *s, cairo_pdf_metadata_t what, struct str text)
{
    char   c[512];
    struct str t = str_sub(text, 0, sizeof c - 1);

    while (t.n && !utf8_valid(t))            /* cut within a letter */
        t.n--;
    for (size_t i = 0; i < t.n; i++)
        c[i] = (char)(t.p[i] < ' ' ? ' ' : t.p[i]);
    c[t.n] = 0;
    cairo_pdf_surface_set_metadata(s, what, c);
}

/* A name that is not there is silently replaced by another font: letters would look otherwise on each machine. */
static bool faces(struct pdf *p, struct err *e)
{
    static const char *const name[PDF_FACES] = { "DejaVu Sans", "DejaVu Sans", "DejaVu Sans Mono" };

    for (int i = 0; i < PDF_FACES; i++) {
        p->face[i] = pango_font_description_new();
        pango_font_description_set_family_static(p->face[i], name[i]);
        pango_font_description_set_weight(p->face[i], i == PDF_BOLD ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_font_description_set_size(p->face[i], 10 * PANGO_SCALE);
        PangoFont            *font = pango_context_load_font(p->context, p->face[i]);
        PangoFontDescription *is = font ? pango_font_describe(font) : NULL;
        bool ok = is && pango_font_description_get_family(is) && strcmp(pango_font_description_get_family(is), name[i]) == 0;

        pango_font_description_free(is);
        g_clear_object(&font);
        if (!ok) {
            err_set(e, ERR_IO, "the font %s is not installed", name[i]);
            return err_hint(e, "package fonts-dejavu-core; letters are the same on each machine only with one font");
        }
    }
    return true;
}

bool pdf_open(struct pdf **ret, const struct pdf_about *about, struct err *e)
{
    struct pdf *p = calloc(1, sizeof *p);
    char        when[TIME_TEXT];

    if (!p)
        return err_set(e, ERR_MEMORY, "no room for a letter");
    p->surface = cairo_pdf_surface_create_for_stream(take, &p->out, PDF_WIDE_MM * PT, PDF_HIGH_MM * PT);
    cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_4);    /* what is in it can be seen without unpacking, and any printer takes it */
    p->cr = cairo_create(p->surface);
    p->context = pango_cairo_create_context(p->cr);
    pango_cairo_context_set_resolution(p->context, 72);
    pango_context_set_base_dir(p->context, PANGO_DIRECTION_LTR);
    pango_context_set_round_glyph_positions(p->context, FALSE);
    metadata(p->surface, CAIRO_PDF_METADATA_TITLE, about->title);
    metadata(p->surface, CAIRO_PDF_METADATA_AUTHOR, about->author);
    metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, STR("Afterpatch"));
    time_text(about->date_us == TIME_NONE ? 0 : about->date_us - about->date_us % TIME_SECOND, when);
    metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, str_c(when));
    if (about->language.n && about->language.n < 16) {
        char lang[16];
        memcpy(lang, about->language.p, about->language.n);
        lang[about->language.n] = 0;
        pango_context_set_language(p->context, pango_language_from_string(lang));
    }
    if (!faces(p, e)) {
        struct arena none = { 0 };
        struct err   x = { 0 };
        struct str   s;
        pdf_close(p, &none, &s, &x);
        return false;
    }
    *ret = p;
    return true;
}

void pdf_dry(struct pdf *p, bool dry) { p->dry = dry; }

void pdf_page(struct pdf *p)
{
    if (!p->dry)
        cairo_show_page(p->cr);
}

/* --- text --- */

static void span(PangoAttrList *list, PangoAttribute *one, size_t from, size_t to)
{
    one->start_index = (guint)from;
    one->end_index = (guint)to;
    pango_attr_list_insert(list, one);
}

/* How words look. A hash or path that is broken gets no hyphen. An address of a page is typed by hand from paper: it is not broken where it fits in a line. */
static void words(PangoLayout *l, struct str text, double wide_mm)
{
    PangoAttrList *list = pango_attr_list_new();
    size_t         at, from = 0, end;

    span(list, pango_attr_insert_hyphens_new(FALSE), 0, text.n);
    span(list, pango_attr_font_features_new("liga 0, clig 0"), 0, text.n);         /* "off" is found, and copied, as three letters */
    while (wide_mm >= WHOLE_MM && (at = str_find(str_from(text, from), STR("://"))) != STR_NONE) {
        for (at += from, end = at; end < text.n && text.p[end] > ' '; end++)
            ;
        for (from = end; at > 0 && text.p[at - 1] > ' '; at--)
            ;
        if (end - at <= WHOLE_BYTES)
            span(list, pango_attr_allow_breaks_new(FALSE), at, end);
    }
    pango_layout_set_attributes(l, list);
    pango_attr_list_unref(list);
}

static PangoLayout *layout(struct pdf *p, struct pdf_type type, double wide_mm, struct str text)
{
    PangoLayout          *l = pango_layout_new(p->context);
    PangoFontDescription *d = pango_font_description_copy_static(p->face[type.face]);

    pango_font_description_set_absolute_size(d, type.size_pt * PANGO_SCALE);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_auto_dir(l, FALSE);
    pango_layout_set_width(l, wide_mm < 0 ? -1 : (int)(wide_mm * PT * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(l, type.right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    if (type.space > 0)
        pango_layout_set_line_spacing(l, (float)type.space);
    pango_layout_set_text(l, text.n ? (const char *)text.p : "", (int)text.n);
    words(l, text, wide_mm);
    return l;
}

/* *marks: how many stand before it on the same letter. */
static bool kept(uint32_t cp, uint32_t *marks)
{
    GUnicodeType t = cp < 0x300 ? G_UNICODE_CONTROL : g_unichar_type(cp);

    *marks = t == G_UNICODE_NON_SPACING_MARK || t == G_UNICODE_ENCLOSING_MARK || t == G_UNICODE_SPACING_MARK ? *marks + 1 : 0;
    return cp != 0 && *marks <= PDF_MARKS_MAX;
}

static bool is_ready(struct str s)
{
    uint32_t cp, marks = 0;

    for (size_t k; s.n; s = str_from(s, k))
        if ((k = utf8_next(s, &cp)) == 0 || !kept(cp, &marks))
            return false;
    return true;
}

static size_t mended(struct str s, uint8_t *to)
{
    uint32_t cp, marks = 0;
    size_t   n = 0;

    for (size_t k; s.n; s = str_from(s, k ? k : 1)) {
        if ((k = utf8_next(s, &cp)) == 0 || cp == 0)
            n += utf8_put(0xFFFD, to + n);
        else if (kept(cp, &marks)) {
            memcpy(to + n, s.p, k);
            n += k;
        }
    }
    return n;
}

bool pdf_mend(struct str s, struct arena *a, struct str *ret)
{
    if (is_ready(s)) {
        *ret = s;
        return true;
    }
    uint8_t *p = TAKE(a, uint8_t, s.n * 3);
    *ret = (struct str){ p, p ? mended(s, p) : 0 };
    return p != NULL;
}

/* What Pango gets: a copy in *ret_own where it has to be another. */
static struct str fit(struct pdf *p, struct str s, bool one_line, uint8_t **ret_own)
{
    *ret_own = NULL;
    s = str_sub(s, 0, PDF_TEXT_MAX);
    if (is_ready(s) && (!one_line || str_chr(s, '\n') == STR_NONE))
        return s;
    uint8_t *q = malloc(s.n * 3 + 1);
    if (!q) {
        p->bad = true;
        return STR_EMPTY;
    }
    struct str out = { q, mended(s, q) };
    for (size_t i = 0; one_line && i < out.n; i++)
        q[i] = q[i] == '\n' ? ' ' : q[i];
    *ret_own = q;
    return out;
}

/* Lines of a layout as far as `high` reaches; gives where the first line begins that was not drawn. */
static size_t draw(struct pdf *p, PangoLayout *l, struct pdf_box box, struct pdf_type type, double high, size_t whole, double *ret_high)
{
    PangoLayoutIter *i = pango_layout_get_iter(l);
    double           used = 0, grey = type.grey ? 0.35 : 0;
    size_t           taken = 0;
    bool             more = true;

    cairo_save(p->cr);
    if (!p->dry) {
        cairo_rectangle(p->cr, box.x * PT - 1, box.y * PT - 1, box.wide * PT + 2, high * PT + 2);
        cairo_clip(p->cr);
        cairo_set_source_rgb(p->cr, grey, grey, grey);
    }
    while (more) {
        PangoLayoutLine *line = pango_layout_iter_get_line_readonly(i);
        PangoRectangle   r;
        int              top, bottom;

        pango_layout_iter_get_line_yrange(i, &top, &bottom);
        if (bottom / (double)PANGO_SCALE / PT > high + 0.01)
            break;
        pango_layout_iter_get_line_extents(i, NULL, &r);
        if (!p->dry) {
            cairo_move_to(p->cr, box.x * PT + r.x / (double)PANGO_SCALE, box.y * PT + pango_layout_iter_get_baseline(i) / (double)PANGO_SCALE);
            pango_cairo_show_layout_line(p->cr, line);
        }
        used = bottom / (double)PANGO_SCALE / PT;
        more = pango_layout_iter_next_line(i);
        taken = more ? (size_t)pango_layout_iter_get_line_readonly(i)->start_index : whole;
    }
    pango_layout_iter_free(i);
    cairo_restore(p->cr);
    *ret_high = used;
    return taken;
}

size_t pdf_text(struct pdf *p, struct pdf_box box, struct pdf_type type, struct str text, double *ret_high)
{
    uint8_t     *own;
    struct str   s = fit(p, text, false, &own);
    PangoLayout *l = layout(p, type, box.wide, s);
    size_t       taken = draw(p, l, box, type, box.high, s.n, ret_high);

    g_object_unref(l);
    free(own);
    /* In a text that had to be mended here positions mean nothing. */
    return own ? (taken ? text.n : 0) : taken == s.n ? text.n : taken;
}

double pdf_cell(struct pdf *p, struct pdf_box box, struct pdf_type type, struct str text, int lines)
{
    uint8_t     *own;
    struct str   s = fit(p, text, true, &own);
    PangoLayout *l = layout(p, type, box.wide, s);
    double       high;
    int          whole;

    pango_layout_set_height(l, -lines);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    pango_layout_get_size(l, NULL, &whole);
    draw(p, l, box, type, whole / (double)PANGO_SCALE / PT, s.n, &high);
    g_object_unref(l);
    free(own);
    return high;
}

double pdf_wide(struct pdf *p, struct pdf_type type, struct str text)
{
    uint8_t     *own;
    PangoLayout *l = layout(p, type, -1, fit(p, text, true, &own));
    int          w;

    pango_layout_get_size(l, &w, NULL);
    g_object_unref(l);
    free(own);
    return w / (double)PANGO_SCALE / PT;
}

/* --- the rest --- */

void pdf_line(struct pdf *p, double x1, double y1, double x2, double y2, double thick_pt)
{
    if (p->dry)
        return;
    cairo_set_source_rgb(p->cr, 0.45, 0.45, 0.45);
    cairo_set_line_width(p->cr, thick_pt);
    cairo_move_to(p->cr, x1 * PT, y1 * PT);
    cairo_line_to(p->cr, x2 * PT, y2 * PT);
    cairo_stroke(p->cr);
}

void pdf_fill(struct pdf *p, struct pdf_box box, double grey)
{
    if (p->dry)
        return;
    cairo_set_source_rgb(p->cr, grey, grey, grey);
    cairo_rectangle(p->cr, box.x * PT, box.y * PT, box.wide * PT, box.high * PT);
    cairo_fill(p->cr);
}

void pdf_code(struct pdf *p, double x, double y, double size_mm, struct str text)
{
    struct qr *q = p->dry || text.n > QR_TEXT_MAX || !text.n ? NULL : malloc(sizeof *q);
    struct err e = { 0 };

    if (!q)
        return;
    if (qr_make(text, q, &e)) {
        double one = size_mm * PT / (q->size + 2 * QR_QUIET);

        cairo_set_source_rgb(p->cr, 0, 0, 0);
        for (uint32_t i = 0; i < q->size; i++)
            for (uint32_t k = 0, end; k < q->size; k = end + 1) {        /* a run of dark ones is one bar: no seams between them */
                for (end = k; end < q->size && q->dark[i * q->size + end]; end++)
                    ;
                if (end > k)
                    cairo_rectangle(p->cr, x * PT + (k + QR_QUIET) * one, y * PT + (i + QR_QUIET) * one, (end - k) * one, one);
            }
        cairo_fill(p->cr);
    } else
        p->bad = true;
    free(q);
}

bool pdf_close(struct pdf *p, struct arena *a, struct str *ret, struct err *e)
{
    cairo_status_t drawn = cairo_status(p->cr);

    g_clear_object(&p->context);
    cairo_destroy(p->cr);
    cairo_surface_finish(p->surface);
    cairo_status_t made = cairo_surface_status(p->surface);
    cairo_surface_destroy(p->surface);
    for (int i = 0; i < PDF_FACES; i++)
        pango_font_description_free(p->face[i]);
    bool ok = false;
    if (p->out.too_long)
        err_set(e, ERR_LIMIT, "a letter of more than %d bytes", PDF_BYTES_MAX);
    else if (p->bad || drawn != CAIRO_STATUS_SUCCESS || made != CAIRO_STATUS_SUCCESS)
        err_set(e, ERR_MEMORY, "no letter: %s", cairo_status_to_string(drawn != CAIRO_STATUS_SUCCESS ? drawn : made));
    else {
        *ret = str_dup(a, (struct str){ p->out.p, p->out.n });
        ok = ret->p || err_set(e, ERR_MEMORY, "no room for a letter of %zu bytes", p->out.n);
    }
    free(p->out.p);
    free(p);
    return ok;
}
