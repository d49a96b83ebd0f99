#include "evidence/image_inner.h"
bool image_ewf_open(struct image_body *ret, const struct image_reach *r, struct err *e) { (void)ret, (void)r; return err_set(e, ERR_FORMAT, "not yet"); }
bool image_vhd_open(struct image_body *ret, const struct image_reach *r, struct err *e) { (void)ret, (void)r; return err_set(e, ERR_FORMAT, "not yet"); }
bool image_vhdx_open(struct image_body *ret, const struct image_reach *r, struct err *e) { (void)ret, (void)r; return err_set(e, ERR_FORMAT, "not yet"); }
bool image_vmdk_open(struct image_body *ret, const struct image_reach *r, struct err *e) { (void)ret, (void)r; return err_set(e, ERR_FORMAT, "not yet"); }
