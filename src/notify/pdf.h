/*
 * pdf: pages of A4 with text in boxes, lines and one code: the adapter of Pango and Cairo.
 *
 * Shape    pdf_open, then things on the first page, pdf_page for each further one, pdf_close gives the bytes. With `dry` set nothing is drawn, and all is measured: for "page x of y".
 * Units    millimetres from the upper left corner; letters in points.
 * Bytes    the same input gives the same bytes: the date of making is the one given, fonts (DejaVu) are embedded as subsets, nothing random is in it. With the same libraries.
 * Text     never markup. Given as pdf_mend gives it (else it is mended, and a piece that does not fit is lost); what moves or hides letters has to be cleaned by the caller (template_clean). Left to right at the whole; words of scripts
 *          that run the other way run so within. At most PDF_TEXT_MAX bytes a piece. Nothing is drawn outside its box: words that are too long are broken, marks that pile up are cut off.
 * Active   nothing: no links, scripts, forms or files in it.
 * Errors   stick: ask at pdf_close. ERR_IO: the fonts are not there. ERR_LIMIT: longer than PDF_BYTES_MAX. ERR_MEMORY.
 * Owner    pdf_close takes it apart, also after an error; the bytes lie in the arena.
 * Threads  one document belongs to one thread; several at once are fine.
 * Source   ISO 32000-1; Cairo's PDF surface; code of the page: ISO/IEC 18004 (qr.h).
 */
#ifndef NOTIFY_PDF_H
#define NOTIFY_PDF_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { PDF_TEXT_MAX = 64 << 10, PDF_BYTES_MAX = 8 << 20, PDF_MARKS_MAX = 4 };
#define PDF_WIDE_MM 210.0
#define PDF_HIGH_MM 297.0

enum pdf_face { PDF_PLAIN, PDF_BOLD, PDF_MONO, PDF_FACES };
struct pdf_type { enum pdf_face face; double size_pt; bool grey, right; double space; /* between lines, 1 as the font has it; 0: 1 */ };
struct pdf_box { double x, y, wide, high; };
struct pdf_about { struct str title, author, language; int64_t date_us; };

/* Ready for the functions below: bytes that are no UTF-8 and NUL are replaced, and of marks that pile up on one letter PDF_MARKS_MAX are kept. Gives `s` itself where nothing is to do. */
bool pdf_mend(struct str s, struct arena *a, struct str *ret);

struct pdf;
bool pdf_open(struct pdf **ret, const struct pdf_about *about, struct err *e);
void pdf_dry(struct pdf *p, bool dry);
void pdf_page(struct pdf *p);
/* Whole lines as far as the box reaches. Gives the bytes that it took, and how high they are. A piece of which not even one line fits takes 0. */
size_t pdf_text(struct pdf *p, struct pdf_box box, struct pdf_type type, struct str text, double *ret_high);
/* One paragraph (line ends are blanks) in at most so many lines; what is longer ends with an ellipsis. Gives how high it is. box.high is not looked at. */
double pdf_cell(struct pdf *p, struct pdf_box box, struct pdf_type type, struct str text, int lines);
/* How wide it would be in one line. */
double pdf_wide(struct pdf *p, struct pdf_type type, struct str text);
void pdf_line(struct pdf *p, double x1, double y1, double x2, double y2, double thick_pt);
/* grey: 0 black .. 1 white. */
void pdf_fill(struct pdf *p, struct pdf_box box, double grey);
/* `text` as a QR code in a square of size_mm, its quiet zone within. Nothing is drawn of what is longer than QR_TEXT_MAX. */
void pdf_code(struct pdf *p, double x, double y, double size_mm, struct str text);
bool pdf_close(struct pdf *p, struct arena *a, struct str *ret, struct err *e);

#endif
