#include "evidence/archive_inner.h"

bool sequence_open(struct sequence *ret, struct reach *r, bool zip, struct err *e)
{
    (void)ret;
    (void)r;
    (void)zip;
    return err_set(e, ERR_FORMAT, "an archive that is read in sequence: not read yet");
}
