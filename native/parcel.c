#include "parcel.h"

enum { MESSAGE_NUMBERS = 4, MESSAGE_IDS = 6, USER_EVENT_NUMBERS = 6, USER_EVENT_TEXTS = 5 };

#define USER_EVENT_NUMBER_COLUMNS(all)                                                  \
    {&(all)->kafka_offset, &(all)->created_at, &(all)->recorded_at, &(all)->event_time, \
     &(all)->worker_id,    &(all)->connection_time}
#define USER_EVENT_TEXT_COLUMNS(all) \
    {&(all)->event_type, &(all)->user_id, &(all)->session_id, &(all)->client_ip, &(all)->group_id}

static int is_signalling(const messages *all, int64_t row) {
    return all->content_type[row] == VOICE_CALL || all->content_type[row] == VIDEO_CALL;
}

static uint8_t *put(uint8_t *to, const void *from, int64_t size) {
    if (size) memcpy(to, from, (size_t)size);
    return to + size;
}

static uint8_t *put_numbers(uint8_t *to, int64_t *const *const *columns, int parts, int64_t count) {
    for (int i = 0; i < parts; i++) to = put(to, *columns[i], count * 8);
    return to;
}

/* Bytes of texts in a batch that has rows. */
static int64_t size_of(const texts *const *columns, int parts, int64_t count) {
    int64_t size = parts * count * 4;
    for (int i = 0; i < parts; i++) size += columns[i]->ends[count];
    return size;
}

static uint8_t *put_texts(uint8_t *to, const texts *const *columns, int parts, int64_t count) {
    for (int i = 0; i < parts; i++) {
        to = put(to, columns[i]->ends + 1, count * 4);
        to = put(to, columns[i]->bytes, columns[i]->ends[count]);
    }
    return to;
}

/* More than a store can hold is never reached, so it need not be exact; but it must be defined. */
static int64_t weight(const messages *all, int64_t row) {
    int64_t found, size = text_at(&all->content, row).size;
    return __builtin_add_overflow(size, all->file_size[row], &found) ? INT64_MAX : found;
}

static uint8_t *put_weights(uint8_t *to, const messages *all) {
    for (int64_t row = 0; row < all->count; row++) {
        int64_t size = is_signalling(all, row) ? all->file_size[row] : weight(all, row);
        to = put(to, &size, 8);
    }
    return to;
}

static int64_t contents_size(const messages *all) {
    int64_t size = all->count * 4;
    for (int64_t row = 0; row < all->count; row++)
        if (is_signalling(all, row)) size += text_at(&all->content, row).size;
    return size;
}

static void put_contents(uint8_t *to, const messages *all) {
    uint8_t *text = to + all->count * 4;
    int32_t end = 0;
    for (int64_t row = 0; row < all->count; row++) {
        if (is_signalling(all, row)) {
            slice content = text_at(&all->content, row);
            text = put(text, content.at, content.size);
            end += (int32_t)content.size;
        }
        to = put(to, &end, 4);
    }
}

int64_t parcel_messages(const messages *all, uint8_t *to, int64_t room) {
    int64_t count = all->count, size = 8;
    int64_t *const *numbers[] = {&all->kafka_offset, &all->created_at, &all->recorded_at,
                                 &all->event_time};
    const texts *ids[MESSAGE_IDS] = {&all->event_type, &all->message_id, &all->conversation_id,
                                     &all->from_user,  &all->to_user,    &all->group_id};
    if (count) size += count * (MESSAGE_NUMBERS * 8 + 8 + 2 * 4) + contents_size(all);
    if (count) size += size_of(ids, MESSAGE_IDS, count);
    if (size > room) return size;
    to = put(to, &count, 8);
    if (count == 0) return size;
    to = put_numbers(to, numbers, MESSAGE_NUMBERS, count);
    to = put_weights(to, all);
    to = put(to, all->content_type, count * 4);
    to = put(to, all->message_type, count * 4);
    to = put_texts(to, ids, MESSAGE_IDS, count);
    put_contents(to, all);
    return size;
}

int64_t parcel_user_events(const user_events *all, uint8_t *to, int64_t room) {
    int64_t count = all->count, size = 8;
    int64_t *const *numbers[USER_EVENT_NUMBERS] = USER_EVENT_NUMBER_COLUMNS(all);
    const texts *columns[USER_EVENT_TEXTS] = USER_EVENT_TEXT_COLUMNS(all);
    if (count) size += count * (USER_EVENT_NUMBERS * 8 + 2);
    if (count) size += size_of(columns, USER_EVENT_TEXTS, count);
    if (size > room) return size;
    to = put(to, &count, 8);
    if (count == 0) return size;
    to = put_numbers(to, numbers, USER_EVENT_NUMBERS, count);
    to = put(to, all->has_worker_id, count);
    to = put(to, all->has_connection_time, count);
    put_texts(to, columns, USER_EVENT_TEXTS, count);
    return size;
}

/* A copy of the next bytes; NULL where there are fewer. */
static void *taken(slice *from, int64_t size) {
    if (size > from->size) return NULL;
    void *found = resized(NULL, (size_t)size);
    put(found, from->at, size);
    *from = (slice){from->at + size, from->size - size};
    return found;
}

static int take_numbers(slice *from, int64_t **const *columns, int parts, int64_t count) {
    for (int i = 0; i < parts; i++)
        if ((*columns[i] = taken(from, count * 8)) == NULL) return 0;
    return 1;
}

static int take_text(slice *from, texts *to, int64_t count) {
    if (count * 4 > from->size) return 0;
    to->row_room = count + 1;
    to->ends = resized(NULL, (size_t)to->row_room * 4);
    to->ends[0] = 0;
    memcpy(to->ends + 1, from->at, (size_t)count * 4);
    *from = (slice){from->at + count * 4, from->size - count * 4};
    for (int64_t row = 0; row < count; row++)
        if (to->ends[row + 1] < to->ends[row]) return 0;
    to->used = to->byte_room = to->ends[count];
    return (to->bytes = taken(from, to->used)) != NULL;
}

static int take_texts(slice *from, texts *const *columns, int parts, int64_t count) {
    for (int i = 0; i < parts; i++)
        if (!take_text(from, columns[i], count)) return 0;
    return 1;
}

/* How many rows there are; -1 where that cannot be. */
static int64_t take_count(slice *from) {
    int64_t count;
    if (from->size < 8) return -1;
    memcpy(&count, from->at, 8);
    *from = (slice){from->at + 8, from->size - 8};
    return count >= 0 && count <= from->size / 8 ? count : -1;
}

static int take_messages(slice *from, messages *to) {
    int64_t **numbers[] = {&to->kafka_offset, &to->created_at, &to->recorded_at, &to->event_time,
                           &to->file_size};
    texts *columns[] = {&to->event_type, &to->message_id, &to->conversation_id, &to->from_user,
                        &to->to_user,    &to->group_id,   &to->content};
    int64_t count = to->count = to->room = take_count(from);
    if (count < 0 || !take_numbers(from, numbers, MESSAGE_NUMBERS + 1, count)) return 0;
    if ((to->content_type = taken(from, count * 4)) == NULL) return 0;
    if ((to->message_type = taken(from, count * 4)) == NULL) return 0;
    if (!take_texts(from, columns, MESSAGE_IDS + 1, count)) return 0;
    to->file_name.row_room = count + 1;
    to->file_name.ends = reserved((size_t)count + 1, 4);
    return from->size == 0;
}

static int take_user_events(slice *from, user_events *to) {
    int64_t **numbers[USER_EVENT_NUMBERS] = USER_EVENT_NUMBER_COLUMNS(to);
    texts *columns[USER_EVENT_TEXTS] = USER_EVENT_TEXT_COLUMNS(to);
    int64_t count = to->count = to->room = take_count(from);
    if (count < 0 || !take_numbers(from, numbers, USER_EVENT_NUMBERS, count)) return 0;
    if ((to->has_worker_id = taken(from, count)) == NULL) return 0;
    if ((to->has_connection_time = taken(from, count)) == NULL) return 0;
    return take_texts(from, columns, USER_EVENT_TEXTS, count) && from->size == 0;
}

static batch *whole(batch *found, int is_whole) {
    if (is_whole) return found;
    batch_free(found);
    return NULL;
}

batch *messages_of_parcel(const uint8_t *bytes, int64_t size) {
    batch *found = batch_new();
    return whole(found, take_messages(&(slice){bytes, size}, &found->messages));
}

batch *user_events_of_parcel(const uint8_t *bytes, int64_t size) {
    batch *found = batch_new();
    return whole(found, take_user_events(&(slice){bytes, size}, &found->user_events));
}
