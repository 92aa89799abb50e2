/* Records as librdkafka hands them out, without an object for each of them.
 *
 * librdkafka is not linked to: Python says where the functions are, in the library that
 * confluent_kafka came with. Python mirrors these structures in `native/fetched.py` and
 * `native/kafka_client.py`: change both sides. */
#ifndef CHATFLOW_FETCHED_H
#define CHATFLOW_FETCHED_H

#include <stdatomic.h>

#include "memory.h"

/* `rd_kafka_message_t` of rdkafka.h, a part of its stable interface. */
typedef struct {
    int32_t error; /* 0: it is a record */
    void *topic;
    int32_t partition;
    const uint8_t *value;
    size_t size;
    const uint8_t *key;
    size_t key_size;
    int64_t offset;
    void *own;
} arrived;

/* Functions of rdkafka.h. */
typedef struct {
    int64_t (*consume)(void *queue, int milliseconds, arrived **into, size_t most);
    int64_t (*timestamp)(const arrived *message, int *kind);
    void (*destroy_message)(arrived *message);
    void (*destroy_queue)(void *queue);
    void (*destroy)(void *handle);
} kafka_calls;

/* What a client reads from, and what it says about its brokers. */
typedef struct {
    kafka_calls calls;
    void *handle, *queue;
    atomic_int users; /* the client itself until it is released, and all that was fetched */
    int32_t complaint; /* the code of the first one since Python looked; 0: none */
    char said[512];
    arrived **room; /* for what is handed out next */
    int64_t room_size;
} kafka_client;

typedef struct {
    const uint8_t *value;
    int64_t size;
    int64_t offset;
    int64_t recorded_at;
} record;

typedef struct {
    int64_t count; /* records */
    int64_t bytes; /* of their values */
    record *records;
    arrived **messages; /* the same, as the client has them; then what `told` points to */
    arrived **told;     /* errors, and ends of the partition, in the order they came */
    int64_t told_count;
    int64_t ends_last; /* whether something else than a record came last */
    kafka_client *client;
} fetched;

/* What is there already, and at most so much of it; NULL: nothing. */
fetched *fetch(kafka_client *client, int64_t most);
void fetched_free(fetched *all);
kafka_client *kafka_client_new(void *const calls[5]);
/* librdkafka waits for ever for records that somebody has, so the last one who has any ends it. */
void kafka_client_release(kafka_client *client);
/* `error_cb` of a client with this one as its opaque. */
void kafka_complaint(void *handle, int code, const char *reason, void *client);

#endif
