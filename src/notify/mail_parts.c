/* See mail_parts.h. */
#include "notify/mail_parts.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

#include "base/num.h"

enum { HEADERS_MAX = 500, LEVELS_MAX = 400, RAW_MAX = 64 << 10, FIELD_MAX = 256 << 10 };

/* GMime counts its starts without a lock: two threads that began at once would both set it up. */
static pthread_once_t ready = PTHREAD_ONCE_INIT;
static void start(void) { pthread_once(&ready, g_mime_init); }

struct walk { struct arena *a; struct mail *m; size_t body; struct err *e; size_t header_cap, part_cap; };

static struct str copy(struct walk *w, const char *s, size_t max)
{
    size_t n = s ? strlen(s) : 0;
    struct str t = str_dup(w->a, (struct str){ (const uint8_t *)s, n > max ? max : n });

    if (!t.p && n)
        err_set(w->e, ERR_MEMORY, "no room for a message");
    return t;
}

static struct str lower_type(struct walk *w, GMimeContentType *t)
{
    char *text = t ? g_mime_content_type_get_mime_type(t) : NULL;
    struct str s = text ? str_lower(w->a, str_sub(str_c(text), 0, 200)) : STR_EMPTY;

    g_free(text);
    return s;
}

/* The bytes of a part, decoded, as far as there is room for them. */
static struct str decoded(struct walk *w, GMimeStream *s)
{
    size_t     room = w->body < MAIL_BODY_MAX ? MAIL_BODY_MAX - w->body : 0, n;
    GByteArray *b = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(s));

    n = b ? b->len : 0;
    if (n > room) {
        n = room;
        w->m->cut = true;
    }
    w->body += n;
    struct str t = str_dup(w->a, (struct str){ b ? b->data : NULL, n });
    if (!t.p && n)
        err_set(w->e, ERR_MEMORY, "no room for a message");
    return t;
}

static struct mail_part *add(struct walk *w, GMimeObject *o, uint32_t depth)
{
    struct mail_part *p;
    const char       *value;
    GMimeContentType *t = g_mime_object_get_content_type(o);

    if (w->m->part_n >= MAIL_PARTS_MAX) {
        w->m->cut = true;
        return NULL;
    }
    p = GROW(w->a, w->m->part, w->m->part_n, &w->part_cap);
    if (!p) {
        err_set(w->e, ERR_MEMORY, "no room for a message");
        return NULL;
    }
    w->m->part_n++;
    *p = (struct mail_part){ .type = lower_type(w, t), .depth = depth };
    value = t ? g_mime_content_type_get_parameter(t, "report-type") : NULL;
    p->report_type = value ? str_lower(w->a, str_sub(str_c(value), 0, 100)) : STR_EMPTY;
    value = GMIME_IS_PART(o) ? g_mime_part_get_filename(GMIME_PART(o)) : NULL;
    p->name = copy(w, value, 255);
    return p;
}

static void object(struct walk *w, GMimeObject *o, uint32_t depth);

static void leaf(struct walk *w, GMimeObject *o, uint32_t depth)
{
    struct mail_part *p = add(w, o, depth);
    GMimeDataWrapper *content = p ? g_mime_part_get_content(GMIME_PART(o)) : NULL;

    if (!content)
        return;
    GMimeStream *mem = g_mime_stream_mem_new();
    if (g_mime_data_wrapper_write_to_stream(content, mem) < 0)
        w->m->cut = true;
    struct str bytes = decoded(w, mem);
    w->m->part[w->m->part_n - 1].bytes = bytes;
    g_object_unref(mem);
}

static void inner_message(struct walk *w, GMimeObject *o, uint32_t depth)
{
    struct mail_part *p = add(w, o, depth);
    GMimeMessage     *inner = p ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(o)) : NULL;

    if (!inner)
        return;
    GMimeStream *mem = g_mime_stream_mem_new();
    if (g_mime_object_write_to_stream(GMIME_OBJECT(inner), NULL, mem) < 0)
        w->m->cut = true;
    struct str bytes = decoded(w, mem);
    w->m->part[w->m->part_n - 1].bytes = bytes;
    g_object_unref(mem);
    if (g_mime_message_get_mime_part(inner))
        object(w, g_mime_message_get_mime_part(inner), depth + 1);
}

static void object(struct walk *w, GMimeObject *o, uint32_t depth)
{
    if (w->e->kind != ERR_NONE)
        return;
    if (depth > MAIL_DEPTH_MAX) {
        w->m->cut = true;
        return;
    }
    if (GMIME_IS_MULTIPART(o)) {
        int n = g_mime_multipart_get_count(GMIME_MULTIPART(o));
        for (int i = 0; i < n && !w->m->cut; i++)
            object(w, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(o))
        inner_message(w, o, depth);
    else if (GMIME_IS_PART(o))
        leaf(w, o, depth);
}

static void headers(struct walk *w, GMimeMessage *m)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m));
    int              n = list ? g_mime_header_list_get_count(list) : 0;

    if (n > HEADERS_MAX) {
        w->m->cut = true;
        n = HEADERS_MAX;
    }
    w->m->header = NEW(w->a, struct mail_header, (size_t)n + 1);
    if (!w->m->header) {
        err_set(w->e, ERR_MEMORY, "no room for a message");
        return;
    }
    for (int i = 0; i < n; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
        const char  *raw = g_mime_header_get_raw_value(h);
        bool         wide = raw && strlen(raw) > RAW_MAX;        /* decoding takes the square of its length in time */
        w->m->cut |= wide;
        w->m->header[w->m->header_n++] = (struct mail_header){ copy(w, g_mime_header_get_name(h), 200), copy(w, wide ? raw : g_mime_header_get_value(h), MAIL_HEADER_MAX) };
    }
}

/* Every level that the library opens costs stack in it: a message of so many boundaries, or messages in messages, is none that a person sent. */
static bool tame(struct str bytes)
{
    static const struct str opens[] = { STR_INIT("boundary"), STR_INIT("message/") };

    for (size_t i = 0; i < COUNT_OF(opens); i++) {
        size_t     n = 0, at;
        struct str rest = bytes;

        while ((at = str_ifind(rest, opens[i])) != STR_NONE) {
            if (++n > LEVELS_MAX)
                return false;
            rest = str_from(rest, at + opens[i].n);
        }
    }
    return true;
}

/* "Name:" at a line's beginning. */
static bool field_begins(struct str line)
{
    for (size_t i = 0; i < line.n && i < 200; i++)
        if (line.p[i] == ':')
            return i > 0;
        else if (line.p[i] <= ' ' || line.p[i] > '~')
            return false;
    return false;
}

/* What looks like a field, anywhere: the library takes the square of its length in time. */
static bool short_fields(struct str bytes)
{
    size_t n = 0;

    for (struct str line; str_cut(&bytes, '\n', &line); ) {
        bool more = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
        n = more && n ? n + line.n : field_begins(line) ? line.n : 0;
        if (n > FIELD_MAX)
            return false;
    }
    return true;
}

static bool library(struct str bytes, struct walk *w)
{
    GMimeStream  *s = g_mime_stream_mem_new_with_buffer((const char *)bytes.p, bytes.n);
    GMimeParser  *p = g_mime_parser_new_with_stream(s);
    GMimeMessage *m = g_mime_parser_construct_message(p, NULL);
    GMimeObject  *top = m ? g_mime_message_get_mime_part(m) : NULL;

    if (m) {
        headers(w, m);
        if (top && GMIME_IS_MULTIPART(top)) {
            const char *type = g_mime_object_get_content_type_parameter(top, "report-type");
            struct str  kind = lower_type(w, g_mime_object_get_content_type(top));
            if (type && str_eq(kind, STR("multipart/report")))
                w->m->report_type = str_lower(w->a, str_sub(str_c(type), 0, 100));
        }
        if (top)
            object(w, top, 0);
        g_object_unref(m);
    } else
        err_set(w->e, ERR_FORMAT, "this is no message");
    g_object_unref(p);
    g_object_unref(s);
    return w->e->kind == ERR_NONE;
}

void mail_ready(struct mail_charsets *ret)
{
    static const char *const charset[MAIL_CHARSETS] = { "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252", "koi8-r", "utf-16", "iso-2022-jp", "shift_jis", "gb18030",
                                                        "big5", "euc-kr" };

    start();
    /* The C library loads a module for each, and forgets it with its last user. */
    for (size_t i = 0; i < MAIL_CHARSETS; i++)
        ret->h[i] = g_mime_iconv_open("utf-8", charset[i]);
}

void mail_ready_end(struct mail_charsets *c)
{
    for (size_t i = 0; i < MAIL_CHARSETS; i++)
        if (c->h[i] && c->h[i] != (iconv_t)-1) {
            g_mime_iconv_close(c->h[i]);
            c->h[i] = NULL;
        }
}

bool mail_read(struct str bytes, struct arena *a, struct mail *ret, struct err *e)
{
    struct mail m = { 0 };
    struct walk w = { .a = a, .m = &m, .e = e };

    if (bytes.n == 0)
        return err_set(e, ERR_FORMAT, "an empty message");
    if (bytes.n > MAIL_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "a message of %zu bytes; %d are read", bytes.n, MAIL_BYTES_MAX);
    if (!tame(bytes))
        return err_set(e, ERR_LIMIT, "a message that may have more than %d levels", LEVELS_MAX);
    if (!short_fields(bytes))
        return err_set(e, ERR_LIMIT, "a message with a field of more than %d KiB", FIELD_MAX >> 10);
    start();
    if (!library(bytes, &w))
        return false;
    *ret = m;
    return true;
}

struct str mail_header(const struct mail *m, const char *name)
{
    for (size_t i = 0; i < m->header_n; i++)
        if (str_ieq_c(m->header[i].name, name))
            return m->header[i].value;
    return STR_EMPTY;
}
