/* The envelope as servers write it. Whatever else there is, is for Python to read. */
#ifndef CHATFLOW_ENVELOPE_H
#define CHATFLOW_ENVELOPE_H

#include "json.h"
#include "payload.h"

typedef struct {
    slice event_type;
    slice user_id;
    slice data; /* base64, not decoded */
    slice group_id;
    slice session_id;
    slice client_ip;
    number timestamp;
    number worker_id;
    number connection_time;
    number disconnect_time;
    number meta_worker_id;
    number shard_id;
    int is_object;  /* `message_data` is an object: then it is in `object` */
    payload object; /* its texts as `payload` has them */
    slice file;     /* of the object: base64, not decoded */
} envelope;

/* Reads a value; 0 where it is not in a form that servers write. Texts point into the value, or to
 * `spare`, which has room for as many bytes. */
int read_envelope(slice value, uint8_t *spare, envelope *found);

/* Decodes standard padded base64 into `into`, which has room for 3 bytes of every 4 characters.
 * Returns the number of bytes, or -1 where the text is none. */
int64_t read_base64(slice text, uint8_t *into);

#endif
