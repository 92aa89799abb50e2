/* The payload in its binary form, `protocol.Message` of schemas/message.proto. */
#ifndef CHATFLOW_PAYLOAD_H
#define CHATFLOW_PAYLOAD_H

#include "texts.h"

typedef struct {
    slice from;
    slice to;
    slice content;
    slice message_id;
    int64_t file_size;
    int32_t content_type;
    int32_t message_type;
} payload;

/* Reads what protobuf's own parser reads the same way; 0 where it may not, or refuses. Texts point
 * into the data and are UTF-8 without NUL. */
int read_payload(slice data, payload *found);

#endif
