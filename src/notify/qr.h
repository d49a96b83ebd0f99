/*
 * qr: a text as a square of dark and light modules: the adapter of libqrencode.
 *
 * Shape    ret->dark[row * size + column]; without the quiet zone (QR_QUIET modules on each side are the caller's).
 * Bounds   1 to QR_TEXT_MAX bytes, taken as they are; error correction M (a seventh of it may be unreadable).
 * Errors   ERR_USAGE: empty or too long. ERR_MEMORY.
 * Source   ISO/IEC 18004.
 */
#ifndef NOTIFY_QR_H
#define NOTIFY_QR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { QR_TEXT_MAX = 300, QR_SIZE_MAX = 177, QR_QUIET = 4 };
struct qr { uint32_t size; bool dark[QR_SIZE_MAX * QR_SIZE_MAX]; };
bool qr_make(struct str text, struct qr *ret, struct err *e);

#endif
