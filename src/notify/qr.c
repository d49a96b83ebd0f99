/* See qr.h. */
#include "notify/qr.h"

#include <qrencode.h>

bool qr_make(struct str text, struct qr *ret, struct err *e)
{
    if (text.n == 0 || text.n > QR_TEXT_MAX)
        return err_set(e, ERR_USAGE, "a code holds 1 to %d bytes, not %zu", QR_TEXT_MAX, text.n);
    QRcode *q = QRcode_encodeData((int)text.n, text.p, 0, QR_ECLEVEL_M);
    if (!q || q->width < 1 || q->width > QR_SIZE_MAX) {
        QRcode_free(q);
        return err_set(e, ERR_MEMORY, "no room for a code");
    }
    ret->size = (uint32_t)q->width;
    for (uint32_t i = 0; i < ret->size * ret->size; i++)
        ret->dark[i] = q->data[i] & 1;
    QRcode_free(q);
    return true;
}
