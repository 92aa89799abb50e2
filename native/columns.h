/* Events of one batch, column by column, in offset order: what `decode` makes and the steps read.
 *
 * Instants are milliseconds since 1970 UTC. A text that may be missing is empty where it is.
 * Python mirrors these structures in `native/columns.py`: change both. */
#ifndef CHATFLOW_COLUMNS_H
#define CHATFLOW_COLUMNS_H

#include "texts.h"

enum { VOICE_CALL = 6, VIDEO_CALL = 7 }; /* content types of signalling */

typedef struct {
    int64_t count;
    int64_t room;
    int64_t *kafka_offset;
    int64_t *created_at;
    int64_t *recorded_at;
    int64_t *event_time;
    int64_t *file_size; /* 0: no file */
    int32_t *content_type;
    int32_t *message_type;
    texts event_type;
    texts message_id;
    texts conversation_id;
    texts from_user; /* may be missing */
    texts to_user;   /* may be missing */
    texts group_id;  /* may be missing */
    texts content;
    texts file_name; /* may be missing */
} messages;

typedef struct {
    int64_t count;
    int64_t room;
    int64_t *kafka_offset;
    int64_t *created_at;
    int64_t *recorded_at;
    int64_t *event_time;
    int64_t *worker_id;       /* where has_worker_id */
    int64_t *connection_time; /* where has_connection_time */
    uint8_t *has_worker_id;
    uint8_t *has_connection_time;
    texts event_type;
    texts user_id;
    texts session_id; /* may be missing */
    texts client_ip;  /* may be missing */
    texts group_id;   /* may be missing */
} user_events;

typedef struct {
    messages messages;
    user_events user_events;
    int64_t newest; /* event time of all events so far, repeats included; 0: none */
} batch;

batch *batch_new(void);
void batch_free(batch *found);

/* One more row, its numbers to be set and its texts to be added by the caller; returns its place. */
int64_t message_row(messages *all);
int64_t user_event_row(user_events *all);

#endif
