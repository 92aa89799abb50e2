/* Events of one batch as a single piece of bytes, for another process of the same flow.
 *
 * First how many there are, in 8 bytes. Then, in the order of columns.h, of each column its numbers, and
 * of texts where each of them ends, in 4 bytes, and behind that their bytes. `schemas/parcel.py` reads the
 * same where there is no library: change both. */
#ifndef CHATFLOW_PARCEL_H
#define CHATFLOW_PARCEL_H

#include "columns.h"

/* Of a message that is not about a call no content: `file_size` is the bytes of both. Never a file's
 * name. Return how many bytes that takes; nothing is written where it is more than `room`. */
int64_t parcel_messages(const messages *all, uint8_t *to, int64_t room);
int64_t parcel_user_events(const user_events *all, uint8_t *to, int64_t room);

/* A batch of them, which the caller frees; NULL where the bytes are not what a parcel holds. */
batch *messages_of_parcel(const uint8_t *bytes, int64_t size);
batch *user_events_of_parcel(const uint8_t *bytes, int64_t size);

#endif
