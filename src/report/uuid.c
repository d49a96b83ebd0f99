#include "report/uuid.h"
#include "base/hash.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

const uint8_t uuid_ours[UUID_BYTES] = { 0x80, 0xe4, 0x78, 0xb4, 0x3e, 0x83, 0x4c, 0xd3, 0xb4, 0x4f, 0x33, 0x60, 0x76, 0xf8, 0xc5, 0x4d };
const uint8_t uuid_stix[UUID_BYTES] = { 0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7 };

bool uuid5(const uint8_t space[UUID_BYTES], struct str name, uint8_t ret[UUID_BYTES], struct err *e)
{
    uint8_t      sum[HASH_MAX];
    struct hash *h = hash_open(HASH_SHA1);

    if (!h)
        return err_set(e, ERR_MEMORY, "no SHA-1 for an id");
    hash_push(h, (struct str){ space, UUID_BYTES });
    hash_push(h, name);
    hash_done(h, sum);
    hash_close(h);
    memcpy(ret, sum, UUID_BYTES);
    ret[6] = (uint8_t)((ret[6] & 0x0F) | 0x50);
    ret[8] = (uint8_t)((ret[8] & 0x3F) | 0x80);
    return true;
}

void uuid_text(const uint8_t u[UUID_BYTES], char ret[UUID_TEXT])
{
    char hex[2 * UUID_BYTES + 1];

    num_tohex(u, UUID_BYTES, hex);
    snprintf(ret, UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
