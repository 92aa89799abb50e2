#include "rows.h"

enum { MESSAGE_TEXTS = 8, IDS = 6 };

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
