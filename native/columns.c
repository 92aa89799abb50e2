#include "columns.h"

uint64_t hash_secret[4];

/* Once, before anything is hashed; odd, so that no multiplication loses what it is given. */
void hash_seed(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    hash_secret[0] = a | 1;
    hash_secret[1] = b | 1;
    hash_secret[2] = c | 1;
    hash_secret[3] = d | 1;
}

batch *batch_new(void) { return reserved(1, sizeof(batch)); }

static void wider(int64_t **column, int64_t room) {
    *column = resized(*column, (size_t)room * sizeof **column);
}

int64_t message_row(messages *all) {
    if (all->count == all->room) {
        int64_t room = all->room = all->room * 2 + 64;
        int64_t **columns[] = {&all->kafka_offset, &all->created_at, &all->recorded_at,
                               &all->event_time, &all->file_size};
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) wider(columns[i], room);
        all->content_type = resized(all->content_type, (size_t)room * sizeof(int32_t));
        all->message_type = resized(all->message_type, (size_t)room * sizeof(int32_t));
    }
    return all->count++;
}

int64_t user_event_row(user_events *all) {
    if (all->count == all->room) {
        int64_t room = all->room = all->room * 2 + 64;
        int64_t **columns[] = {&all->kafka_offset, &all->created_at, &all->recorded_at,
                               &all->event_time, &all->worker_id, &all->connection_time};
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) wider(columns[i], room);
        all->has_worker_id = resized(all->has_worker_id, (size_t)room);
        all->has_connection_time = resized(all->has_connection_time, (size_t)room);
    }
    return all->count++;
}

static void messages_free(messages *all) {
    void *columns[] = {all->kafka_offset, all->created_at,   all->recorded_at, all->event_time,
                       all->file_size,    all->content_type, all->message_type};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) free(columns[i]);
    texts *parts[] = {&all->event_type, &all->message_id, &all->conversation_id, &all->from_user,
                      &all->to_user,    &all->group_id,   &all->content,         &all->file_name};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) texts_free(parts[i]);
}

static void user_events_free(user_events *all) {
    void *columns[] = {all->kafka_offset, all->created_at, all->recorded_at, all->event_time,
                       all->worker_id, all->connection_time, all->has_worker_id,
                       all->has_connection_time};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) free(columns[i]);
    texts *parts[] = {&all->event_type, &all->user_id, &all->session_id, &all->client_ip,
                      &all->group_id};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) texts_free(parts[i]);
}

void batch_free(batch *found) {
    messages_free(&found->messages);
    user_events_free(&found->user_events);
    free(found);
}

/* Which sources the library was made from. */
const char *sources(void) { return DIGEST; }

/* Which rows have a value, a bit each as Arrow wants it, in `bits` (zeroed). Returns how many have
 * none. */
int64_t texts_present(const int32_t *ends, int64_t count, uint8_t *bits) {
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        int is_there = ends[i + 1] > ends[i];
        bits[i / 8] |= (uint8_t)(is_there << i % 8);
        missing += !is_there;
    }
    return missing;
}

int64_t numbers_present(const int64_t *numbers, int64_t count, uint8_t *bits) {
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        bits[i / 8] |= (uint8_t)((numbers[i] != 0) << i % 8);
        missing += numbers[i] == 0;
    }
    return missing;
}

int64_t flags_present(const uint8_t *has, int64_t count, uint8_t *bits) {
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        bits[i / 8] |= (uint8_t)((has[i] != 0) << i % 8);
        missing += has[i] == 0;
    }
    return missing;
}

/* How often each text stands in a column of few different ones: the first row of each, and how many
 * there are. Returns how many are different, or -1 where they are more than `most`. */
int64_t texts_tally(const int32_t *ends, const uint8_t *bytes, int64_t count, int64_t most,
                    int64_t *rows, int64_t *counts) {
    texts column = {(int32_t *)ends, (uint8_t *)bytes, 0, 0, 0};
    int64_t kinds = 0;
    for (int64_t row = 0; row < count; row++) {
        int64_t kind = 0;
        while (kind < kinds && !same(text_at(&column, rows[kind]), text_at(&column, row))) kind++;
        if (kind == kinds) {
            if (kinds == most) return -1;
            rows[kinds] = row;
            counts[kinds++] = 0;
        }
        counts[kind]++;
    }
    return kinds;
}
