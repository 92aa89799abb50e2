#include "rows.h"

enum { MESSAGE_TEXTS = 8, IDS = 6, USER_EVENT_TEXTS = 5 };

#define MESSAGE_COLUMNS(all)                                                                  \
    {&(all)->event_type, &(all)->message_id, &(all)->conversation_id, &(all)->from_user,      \
     &(all)->to_user,    &(all)->group_id,   &(all)->content,         &(all)->file_name}

int copy_message(messages *to, const messages *from, int64_t row) {
    int32_t type = from->content_type[row];
    int kept = type == VOICE_CALL || type == VIDEO_CALL ? MESSAGE_TEXTS : IDS;
    const texts *given[MESSAGE_TEXTS] = MESSAGE_COLUMNS(from);
    texts *taken[MESSAGE_TEXTS] = MESSAGE_COLUMNS(to);
    for (int i = 0; i < kept; i++)
        if (taken[i]->used + text_at(given[i], row).size > INT32_MAX) return 0;
    int64_t at = message_row(to);
    to->kafka_offset[at] = from->kafka_offset[row];
    to->created_at[at] = from->created_at[row];
    to->recorded_at[at] = from->recorded_at[row];
    to->event_time[at] = from->event_time[row];
    to->file_size[at] = from->file_size[row];
    to->content_type[at] = from->content_type[row];
    to->message_type[at] = from->message_type[row];
    for (int i = 0; i < MESSAGE_TEXTS; i++)
        text_add(taken[i], at, i < kept ? text_at(given[i], row) : (slice){NULL, 0});
    return 1;
}

static int64_t pack(const int64_t *numbers, int64_t count, const texts *const *columns, int parts,
                    int64_t row, uint8_t *to, int64_t room) {
    int64_t size = count * 8 + parts * 4;
    for (int i = 0; i < parts; i++) size += text_at(columns[i], row).size;
    if (size > room) return size;
    memcpy(to, numbers, (size_t)count * 8);
    to += count * 8;
    uint8_t *text = to + parts * 4;
    for (int i = 0; i < parts; i++, to += 4) {
        slice found = text_at(columns[i], row);
        int32_t length = (int32_t)found.size;
        memcpy(to, &length, 4);
        if (length) memcpy(text, found.at, (size_t)length);
        text += length;
    }
    return size;
}

int64_t pack_message(const messages *all, int64_t row, uint8_t *to, int64_t room) {
    if (row < 0 || row >= all->count) return 0;
    int64_t numbers[] = {all->kafka_offset[row], all->created_at[row],   all->recorded_at[row],
                         all->event_time[row],   all->file_size[row],    all->content_type[row],
                         all->message_type[row]};
    const texts *columns[MESSAGE_TEXTS] = MESSAGE_COLUMNS(all);
    return pack(numbers, 7, columns, MESSAGE_TEXTS, row, to, room);
}

int64_t pack_user_event(const user_events *all, int64_t row, uint8_t *to, int64_t room) {
    if (row < 0 || row >= all->count) return 0;
    int64_t numbers[] = {all->kafka_offset[row],  all->created_at[row],
                         all->recorded_at[row],   all->event_time[row],
                         all->worker_id[row],     all->connection_time[row],
                         all->has_worker_id[row], all->has_connection_time[row]};
    const texts *columns[USER_EVENT_TEXTS] = {&all->event_type, &all->user_id, &all->session_id,
                                              &all->client_ip, &all->group_id};
    return pack(numbers, 8, columns, USER_EVENT_TEXTS, row, to, room);
}
