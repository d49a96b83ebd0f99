/*
 * partitions: what lies where on a disk: MBR with extended partitions, GPT, or a volume without either; and what kind of volume each is.
 *
 * Shape    partitions_read fills the list in the order of the disk. Extended partitions are followed at most PARTITIONS_CHAIN links, so that a cycle ends.
 * Kinds    by the first bytes of the partition, not by the type that the table states (but where only that tells: dynamic disks, storage spaces).
 * Bounds   PARTITIONS_MAX partitions; beyond it, and for what is damaged, `trouble` says so.
 * Errors   false: the source failed, or there is no memory. A disk of which nothing is known gives no partition.
 * Source   UEFI 2.10, 5; Microsoft Learn, "Boot sector"; libyal's documents on BDE, LDM, ReFS.
 */
#ifndef FORMATS_PARTITIONS_H
#define FORMATS_PARTITIONS_H

#include "formats/block.h"

enum { PARTITIONS_MAX = 128, PARTITIONS_CHAIN = 128 };

enum volume_kind {
    VOLUME_UNKNOWN, VOLUME_EMPTY, VOLUME_NTFS, VOLUME_BITLOCKER, VOLUME_FAT, VOLUME_EXFAT, VOLUME_REFS, VOLUME_LDM, VOLUME_SPACES, VOLUME_LVM, VOLUME_LUKS, VOLUME_LINUX, VOLUME_MS_RESERVED,
};
struct partition {
    uint64_t         off, size_bytes;
    enum volume_kind kind;
    uint32_t         number;       /* as the disk counts them, from 1; 0: the disk is one volume */
    uint8_t          guid[16];     /* of a GPT partition, as stored; else zeros */
};
struct partitions {
    struct partition one[PARTITIONS_MAX]; size_t n;
    bool             gpt;
    uint8_t          disk_id[16];  /* MBR: 4 bytes of signature; GPT: its GUID */
    const char      *trouble;      /* NULL: none */
};

bool partitions_read(struct partitions *ret, const struct blocks *b, struct err *e);
/* The kind of the volume that begins with these bytes (at least 4096, where it has them). */
enum volume_kind volume_kind_of(struct str head);
/* NULL: nothing needs to be said (NTFS, empty). What it is, and what to do. */
const char *volume_kind_says(enum volume_kind k, const char **ret_hint);
/* Could these first 512 bytes be those of a disk or of a volume? */
bool partitions_probe(struct str head);

#endif
