/* hive_inner: what the reader of hives and that of their logs share. */
#ifndef FORMATS_HIVE_INNER_H
#define FORMATS_HIVE_INNER_H

#include "formats/hive.h"

static inline uint16_t hive_u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t hive_u32(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static inline uint64_t hive_u64(const uint8_t *p) { return hive_u32(p) | (uint64_t)hive_u32(p + 4) << 32; }

/* What the first 512 bytes of a hive or a log say. */
struct hive_base { uint32_t primary, secondary, minor, type, root, bins; uint64_t written; bool sum_ok; };
enum { HIVE_TYPE_PRIMARY = 0, HIVE_TYPE_LOG_1 = 1, HIVE_TYPE_LOG_2 = 2, HIVE_TYPE_LOG_NEW = 6, HIVE_HEAD = 512 };
bool hive_base_read(struct hive_base *ret, const uint8_t head[HIVE_HEAD]);       /* false: no "regf" */

/* Marvin32 with the seed of log entries. */
uint64_t hive_marvin(struct str s);

/* Bytes of the file with its logs. False: beyond the end, or not readable (h->why). */
bool hive_bytes(struct hive *h, uint64_t at, uint8_t *buf, size_t n);
/* Counts one more cell; false: too many, h->why is set. */
bool hive_step(struct hive *h);

void hive_bad(struct hive *h, const char *what);
bool hive_no_room(struct hive *h);      /* false, h->why set */

/* Fills h->page from the logs; changes what the base block says where they know better. False: h->why is set. */
bool hive_replay(struct hive *h);

#endif
