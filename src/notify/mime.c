/* See mime.h. */
#include "notify/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "formats/mailaddr.h"
#include "os/openpgp.h"

/* GMime counts its starts without a lock: two threads that began at once would both set it up. */
static pthread_once_t ready = PTHREAD_ONCE_INIT;
static void start(void) { pthread_once(&ready, g_mime_init); }

/* --- headers, by hand: they are few, and their bytes must not depend on a library's version --- */

struct text { struct arena *a; uint8_t *p; size_t n, cap; bool full, lost /* a piece of it could not be made */; };

static void put(struct text *t, struct str s)
{
    if (t->n + s.n > t->cap) {
        t->full = true;
        return;
    }
    if (s.n)
        memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}
static void put_made(struct text *t, struct str s)
{
    t->lost |= s.p == NULL;
    put(t, s);
}
static void put_c(struct text *t, const char *s) { put(t, str_c(s)); }

/* A text of one line: no control bytes. */
static char *one_line(struct arena *a, struct str s)
{
    char *p = NEW(a, char, s.n + 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : (char)s.p[i];
    if (p)
        p[s.n] = 0;
    return p;
}

/* Encoded words where needed, folded by the library; its line ends become CRLF. */
static bool field_text(struct text *t, const char *name, struct str value)
{
    char *line = one_line(t->a, value), *coded, *folded;

    if (!line) {
        t->lost = true;
        return true;
    }
    coded = g_mime_utils_header_encode_text(NULL, line, "utf-8");
    char *whole = g_strdup_printf("%s: %s", name, coded ? coded : "");
    folded = g_mime_utils_unstructured_header_fold(NULL, NULL, whole);
    for (const char *p = folded; p && *p; p++) {
        if (*p == '\n')
            put_c(t, "\r");
        put(t, (struct str){ (const uint8_t *)p, 1 });
    }
    if (t->n < 2 || t->p[t->n - 1] != '\n')
        put_c(t, "\r\n");
    g_free(folded);
    g_free(whole);
    g_free(coded);
    return true;
}

static bool field_raw(struct text *t, const char *name, struct str value)
{
    put_c(t, name);
    put_c(t, ": ");
    put_made(t, value);
    put_c(t, "\r\n");
    return true;
}

static bool address(struct text *t, const char *name, struct str shown, struct str addr, struct err *e)
{
    struct mailaddr m;
    const char     *why = "";

    if (!mailaddr_parse(addr, t->a, &m, &why))
        return err_set(e, ERR_USAGE, "%s is no mail address: %s", name, why);
    if (!shown.n)
        return field_raw(t, name, str_fmt(t->a, "<%.*s>", STR_ARG(m.all)));
    char *line = one_line(t->a, shown), *coded = line ? g_mime_utils_header_encode_phrase(NULL, line, "utf-8") : NULL;
    bool  ok = coded && field_raw(t, name, str_fmt(t->a, "%s <%.*s>", coded, STR_ARG(m.all)));
    g_free(coded);
    return ok || err_set(e, ERR_MEMORY, "no room for a message");
}

/* RFC 5322: "Sat, 06 Mar 2021 14:02:11 +0000" */
static struct str date(struct arena *a, int64_t us)
{
    static const char *const day[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }, *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char     text[TIME_TEXT];
    int64_t  days = (us - (us < 0 ? TIME_DAY - 1 : 0)) / TIME_DAY;
    uint64_t m = 1;

    time_text(us - us % TIME_SECOND, text);
    num_u64(str_sub(str_c(text), 5, 7), &m);
    return str_fmt(a, "%s, %.2s %s %.4s %.8s +0000", day[((days % 7) + 7) % 7], text + 8, month[(m - 1) % 12], text, text + 11);
}

/* An id of ours: printable, no brackets or blanks. */
static bool plain_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '<' || s.p[i] == '>')
            return false;
    return s.n > 2 && s.n < 200 && str_chr(s, '@') != STR_NONE;
}

static bool head(struct text *t, const struct mime_mail *m, struct err *e)
{
    struct arena *a = t->a;

    if (!plain_id(m->message_id) || (m->in_reply_to.n && !plain_id(m->in_reply_to)))
        return err_set(e, ERR_USAGE, "no Message-ID");
    if (!field_raw(t, "Date", date(a, m->date_us)) || !address(t, "From", m->from_name, m->from, e) || (m->reply_to.n && !address(t, "Reply-To", STR_EMPTY, m->reply_to, e)) ||
        !address(t, "To", STR_EMPTY, m->to, e) || !field_raw(t, "Message-ID", str_fmt(a, "<%.*s>", STR_ARG(m->message_id))) || !field_text(t, "Subject", m->subject))
        return false;
    if (m->in_reply_to.n) {
        field_raw(t, "In-Reply-To", str_fmt(a, "<%.*s>", STR_ARG(m->in_reply_to)));
        field_raw(t, "References", str_fmt(a, "<%.*s>", STR_ARG(m->in_reply_to)));
    }
    if (m->auto_submitted)
        field_raw(t, "Auto-Submitted", STR("auto-generated"));
    for (size_t i = 0; i < m->extra_n; i++)
        if (!field_text(t, m->extra[i].name, m->extra[i].value))
            return err_set(e, ERR_MEMORY, "no room for a message");
    field_raw(t, "MIME-Version", STR("1.0"));
    return true;
}

/* --- parts --- */

static GMimePart *part(struct str type, struct str bytes, GMimeContentEncoding how, struct arena *a, bool *lost)
{
    char            *line = one_line(a, type);
    GMimeContentType *t = line ? g_mime_content_type_parse(NULL, line) : NULL;
    GMimePart       *p = g_mime_part_new();

    *lost |= !line;
    if (t) {
        g_mime_object_set_content_type(GMIME_OBJECT(p), t);
        g_object_unref(t);
    }
    GMimeStream      *s = g_mime_stream_mem_new_with_buffer((const char *)bytes.p, bytes.n);
    GMimeDataWrapper *w = g_mime_data_wrapper_new_with_stream(s, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(p, w);
    g_mime_part_set_content_encoding(p, how);
    g_object_unref(w);
    g_object_unref(s);
    return p;
}

/* Two boundaries that are the same for the same message; base64 and quoted-printable cannot hold "=_". */
static bool boundaries(const struct mime_mail *m, char outer[48], char inner[48])
{
    uint8_t h[HASH_SHA256_BYTES];

    if (!hash_sha256(m->message_id, h))
        return false;
    for (int i = 0; i < 16; i++) {
        snprintf(outer + 3 + i * 2, 3, "%02x", h[i]);
        snprintf(inner + 3 + i * 2, 3, "%02x", h[16 + i]);
    }
    memcpy(outer, "=_s", 3);
    memcpy(inner, "=_m", 3);
    return true;
}

/* The multipart/mixed as it is signed: canonical, in seven bits. */
static bool mixed(const struct mime_mail *m, const char *boundary, struct arena *a, struct str *ret, struct err *e)
{
    bool            lost = false;
    GMimeMultipart *all = g_mime_multipart_new_with_subtype("mixed");
    GMimePart      *p = part(STR("text/plain; charset=utf-8"), m->text, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, a, &lost);

    g_mime_multipart_set_boundary(all, boundary);
    g_mime_multipart_add(all, GMIME_OBJECT(p));
    g_object_unref(p);
    for (size_t i = 0; i < m->part_n; i++) {
        char *name = one_line(a, m->part[i].name);

        p = part(m->part[i].type, m->part[i].bytes, GMIME_CONTENT_ENCODING_BASE64, a, &lost);
        lost |= !name;
        g_mime_object_set_disposition(GMIME_OBJECT(p), "attachment");
        if (name && *name)
            g_mime_part_set_filename(p, name);
        g_mime_multipart_add(all, GMIME_OBJECT(p));
        g_object_unref(p);
    }
    GMimeFormatOptions *o = g_mime_format_options_clone(NULL);
    g_mime_format_options_set_newline_format(o, GMIME_NEWLINE_FORMAT_DOS);
    GMimeStream *mem = g_mime_stream_mem_new(), *s = g_mime_stream_filter_new(mem);
    GMimeFilter *from = g_mime_filter_from_new(GMIME_FILTER_FROM_MODE_ARMOR), *strip = g_mime_filter_strip_new();
    g_mime_stream_filter_add(GMIME_STREAM_FILTER(s), from);
    g_mime_stream_filter_add(GMIME_STREAM_FILTER(s), strip);
    bool        ok = g_mime_object_write_to_stream(GMIME_OBJECT(all), o, s) >= 0 && g_mime_stream_flush(s) == 0;
    GByteArray *b = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
    ok = ok && !lost && (ret->p = str_dup(a, (struct str){ b->data, b->len }).p) != NULL;
    ret->n = ok ? b->len : 0;
    g_object_unref(from);
    g_object_unref(strip);
    g_object_unref(s);
    g_object_unref(mem);
    g_mime_format_options_free(o);
    g_object_unref(all);
    return ok || err_set(e, ERR_MEMORY, "no room for a message");
}

/* Every line ends with CRLF, and none is what a mail server might change on its way. */
static bool canonical(struct str s)
{
    for (size_t i = 0, line = 0; i < s.n; i++) {
        if (s.p[i] >= 0x80 || (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r')))
            return false;
        if (s.p[i] != '\n')
            continue;
        struct str one = str_sub(s, line, i - 1);
        if (one.n > 998 || str_starts(one, STR("From ")) || (one.n && (one.p[one.n - 1] == ' ' || one.p[one.n - 1] == '\t')))
            return false;
        line = i + 1;
    }
    return true;
}

static bool build(const struct mime_mail *m, const struct signer *key, struct text *t, struct err *e)
{
    char        outer[48], inner[48];
    struct str  body, signature;
    const char *micalg = "";

    if (!boundaries(m, outer, inner))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    if (!head(t, m, e) || !mixed(m, inner, t->a, &body, e))
        return false;
    if (!canonical(body))
        return err_set(e, ERR_FORMAT, "the message did not come out as it must be signed");
    if (!key) {
        put(t, body);
        return true;
    }
    /* The CRLF before the boundary is the boundary's: it is not signed. */
    while (body.n >= 2 && body.p[body.n - 1] == '\n' && body.p[body.n - 2] == '\r')
        body.n -= 2;
    body = str_cat(t->a, body, STR("\r\n"));
    if (!body.p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    if (!(key->open ? openpgp_signer_sign(key->open, body, t->a, &signature, &micalg, e) : openpgp_sign(body, key->home, key->key, t->a, &signature, &micalg, e)))
        return false;
    put_made(t, str_fmt(t->a, "Content-Type: multipart/signed; micalg=%s;\r\n protocol=\"application/pgp-signature\";\r\n boundary=\"%s\"\r\n\r\n", micalg, outer));
    put_made(t, str_fmt(t->a, "This is an OpenPGP/MIME signed message (RFC 3156).\r\n--%s\r\n", outer));
    put(t, body);
    put_made(t, str_fmt(t->a, "\r\n--%s\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\nContent-Description: OpenPGP digital signature\r\n\r\n", outer));
    for (struct str rest = signature, line; rest.n; ) {
        str_cut(&rest, '\n', &line);
        put(t, line.n && line.p[line.n - 1] == '\r' ? str_sub(line, 0, line.n - 1) : line);
        put_c(t, "\r\n");
    }
    put_made(t, str_fmt(t->a, "--%s--\r\n", outer));
    return true;
}

bool mime_build(const struct mime_mail *m, const struct signer *key, struct arena *a, struct str *ret, struct err *e)
{
    struct text t = { .a = a, .cap = MIME_BYTES_MAX };

    if (m->part_n > MIME_PARTS_MAX)
        return err_set(e, ERR_LIMIT, "%zu attachments; %d go into a message", m->part_n, MIME_PARTS_MAX);
    t.p = TAKE(a, uint8_t, t.cap);
    if (!t.p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    start();
    if (!build(m, key, &t, e))
        return false;
    if (t.lost)
        return err_set(e, ERR_MEMORY, "no room for a message");
    if (t.full)
        return err_set(e, ERR_LIMIT, "the message would be longer than %d bytes: attach less", MIME_BYTES_MAX);
    *ret = (struct str){ t.p, t.n };
    return true;
}
