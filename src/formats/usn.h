/*
 * usn: NTFS's change journal, $UsnJrnl:$J, as it lies on the disk.
 *
 * Shape    usn_next gives one record after the other. The journal begins with a hole, often of gigabytes: zeros are passed over a block at a time, and where the
 *          reader can say where data begins (`next`), not read at all. What is no record is passed over in steps of 8 bytes.
 * Times    microseconds since 1970. Offsets: of the record in the file; usn: as it says itself, which is its place in the whole journal.
 * Bounds   records of USN_RECORD_MAX bytes; one buffer of USN_BUFFER bytes, the caller's.
 * Errors   false with ERR_NONE: the end. Else the reader's error.
 * Damage   `lost` counts bytes that were neither record nor zeros.
 * Source   Microsoft, USN_RECORD_V2, V3 and V4 (winioctl.h).
 */
#ifndef FORMATS_USN_H
#define FORMATS_USN_H

#include "base/err.h"
#include "formats/mft.h"

enum { USN_RECORD_MAX = 1024, USN_BUFFER = 1 << 20 };

enum usn_reason {
    USN_OVERWRITE = 0x1, USN_EXTEND = 0x2, USN_TRUNCATE = 0x4, USN_STREAM_OVERWRITE = 0x10, USN_STREAM_EXTEND = 0x20, USN_STREAM_TRUNCATE = 0x40,
    USN_CREATE = 0x100, USN_DELETE = 0x200, USN_SECURITY = 0x800, USN_RENAME_OLD = 0x1000, USN_RENAME_NEW = 0x2000, USN_BASIC_INFO = 0x8000,
    USN_STREAM_CHANGE = 0x200000,
};
#define USN_CLOSE UINT32_C(0x80000000)

struct usn_record {
    uint64_t       offset, usn;
    uint16_t       major;              /* 2, 3 or 4 */
    struct mft_ref file, parent;       /* of 128-bit references (V3, V4): the lower half, which is all that NTFS uses */
    int64_t        time_us;            /* TIME_NONE: V4 has none */
    uint32_t       reason, attributes;
    struct str     raw;                /* name, UTF-16LE; empty in V4 */
};

/* Fills buf as far as possible; *ret_got < cap only at the end. */
typedef bool usn_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* The first offset from `off` on that may hold other bytes than zeros. */
typedef uint64_t usn_data(void *ctx, uint64_t off);

struct usn {
    usn_read *read;
    usn_data *data;                    /* NULL: nobody knows */
    void     *ctx;
    uint8_t  *buf;                     /* USN_BUFFER bytes */
    uint64_t  base;                    /* offset of buf */
    size_t    n, at;
    bool      ended;
    uint64_t  records, lost;
};

void usn_open(struct usn *ret, usn_read *read, usn_data *data, void *ctx, uint8_t *buf);
/* Views into the buffer, until the next call. */
bool usn_next(struct usn *u, struct usn_record *ret, struct err *e);

#endif
