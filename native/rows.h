/* Single rows: copied to another batch, or packed for Python. */
#ifndef CHATFLOW_ROWS_H
#define CHATFLOW_ROWS_H

#include "columns.h"

/* What a push is decided by: of a message that is not about a call, no content and no file's name.
 * Returns 0, and adds nothing, where a column would pass 2 GiB. */
int copy_message(messages *to, const messages *from, int64_t row);

/* Numbers, sizes of texts and texts, in the order of columns.h. Returns how many bytes that takes;
 * written is only what fits `room`. */
int64_t pack_message(const messages *all, int64_t row, uint8_t *to, int64_t room);
int64_t pack_user_event(const user_events *all, int64_t row, uint8_t *to, int64_t room);

#endif
