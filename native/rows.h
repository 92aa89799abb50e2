/* Single rows, copied to another batch. */
#ifndef CHATFLOW_ROWS_H
#define CHATFLOW_ROWS_H

#include "columns.h"

/* What a push is decided by: of a message that is not about a call, no content and no file's name.
 * Returns 0, and adds nothing, where a column would pass 2 GiB. */
int copy_message(messages *to, const messages *from, int64_t row);

#endif
