/* Rows from outside: events that were made elsewhere go to the end of a batch.
 *
 * `numbers` holds those of one row after the other, in the order of columns.h; `sizes` and `bytes`
 * so the texts. All return the number of rows added: fewer where a column would pass 2 GiB, or
 * where the sizes are none. */
#include "columns.h"

enum { MESSAGE_NUMBERS = 7, MESSAGE_TEXTS = 8, USER_EVENT_NUMBERS = 8, USER_EVENT_TEXTS = 5 };

typedef struct {
    const int32_t *sizes;
    const uint8_t *bytes;
    int64_t left; /* bytes */
} given;

/* Whether the texts of the next row are there, and there is room for each of them. */
static int fits(texts *const *columns, int count, const given *next) {
    int64_t all = 0;
    for (int i = 0; i < count; i++) {
        int32_t size = next->sizes[i];
        if (size < 0 || columns[i]->used + size > INT32_MAX) return 0;
        all += size;
    }
    return all <= next->left;
}

static void add_texts(texts *const *columns, int count, int64_t row, given *next) {
    for (int i = 0; i < count; i++) {
        int32_t size = next->sizes[i];
        text_add(columns[i], row, (slice){next->bytes, size});
        next->bytes += size;
        next->left -= size;
    }
    next->sizes += count;
}

int64_t append_messages(batch *to, int64_t count, const int64_t *numbers, const int32_t *sizes,
                        const uint8_t *bytes, int64_t size) {
    messages *all = &to->messages;
    texts *columns[MESSAGE_TEXTS] = {&all->event_type, &all->message_id, &all->conversation_id,
                                     &all->from_user,  &all->to_user,    &all->group_id,
                                     &all->content,    &all->file_name};
    given next = {sizes, bytes, size};
    for (int64_t added = 0; added < count; added++, numbers += MESSAGE_NUMBERS) {
        if (!fits(columns, MESSAGE_TEXTS, &next)) return added;
        int64_t row = message_row(all);
        all->kafka_offset[row] = numbers[0];
        all->created_at[row] = numbers[1];
        all->recorded_at[row] = numbers[2];
        all->event_time[row] = numbers[3];
        all->file_size[row] = numbers[4];
        all->content_type[row] = (int32_t)numbers[5];
        all->message_type[row] = (int32_t)numbers[6];
        add_texts(columns, MESSAGE_TEXTS, row, &next);
    }
    return count;
}

int64_t append_user_events(batch *to, int64_t count, const int64_t *numbers, const int32_t *sizes,
                           const uint8_t *bytes, int64_t size) {
    user_events *all = &to->user_events;
    texts *columns[USER_EVENT_TEXTS] = {&all->event_type, &all->user_id, &all->session_id,
                                        &all->client_ip, &all->group_id};
    given next = {sizes, bytes, size};
    for (int64_t added = 0; added < count; added++, numbers += USER_EVENT_NUMBERS) {
        if (!fits(columns, USER_EVENT_TEXTS, &next)) return added;
        int64_t row = user_event_row(all);
        all->kafka_offset[row] = numbers[0];
        all->created_at[row] = numbers[1];
        all->recorded_at[row] = numbers[2];
        all->event_time[row] = numbers[3];
        all->worker_id[row] = numbers[4];
        all->connection_time[row] = numbers[5];
        all->has_worker_id[row] = numbers[6] != 0;
        all->has_connection_time[row] = numbers[7] != 0;
        add_texts(columns, USER_EVENT_TEXTS, row, &next);
    }
    return count;
}
