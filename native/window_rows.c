#include "window_list.h"

void window_rows_free(window_rows *found) {
    if (found == NULL) return;
    void *columns[] = {found->window_start, found->window_end, found->messages,
                       found->senders,      found->bytes,      found->content_type};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) free(columns[i]);
    texts_free(&found->event_type);
    texts_free(&found->group_id);
    free(found);
}

static void widen(window_rows *all) {
    if (all->count < all->room) return;
    int64_t room = all->room = all->room * 2 + 64;
    int64_t **columns[] = {&all->window_start, &all->window_end, &all->messages, &all->senders,
                           &all->bytes};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = resized(*columns[i], (size_t)room * sizeof **columns[i]);
    all->content_type = resized(all->content_type, (size_t)room * sizeof *all->content_type);
}

/* Returns 0 where no more text fits into a column. */
static int row_add(window_rows *to, const window *in, const tally *found, int64_t end) {
    kind texts = kind_of(in, found);
    if (to->event_type.used + texts.event_type.size > INT32_MAX ||
        to->group_id.used + texts.group.size > INT32_MAX)
        return 0;
    widen(to);
    int64_t row = to->count++;
    to->window_start[row] = in->start;
    to->window_end[row] = end;
    to->messages[row] = found->messages;
    to->senders[row] = found->senders;
    to->bytes[row] = found->bytes;
    to->content_type[row] = (int32_t)found->content_type;
    text_add(&to->event_type, row, texts.event_type);
    text_add(&to->group_id, row, texts.group);
    return 1;
}

static void rows_of(window_rows *to, window_list *from, int64_t length) {
    for (int64_t i = 0; i < from->used; i++) {
        window *in = from->all[i];
        int64_t end;
        if (__builtin_add_overflow(in->start, length, &end)) end = INT64_MAX;
        for (int64_t number = 0; number < in->used; number++) {
            tally *found = &in->tallies[number];
            if (!found->changed) continue;
            if (!row_add(to, in, found, end)) return;
            found->changed = 0;
        }
    }
}

window_rows *windows_take(windows *from, int list) {
    window_rows *found = reserved(1, sizeof *found);
    rows_of(found, &from->lists[list], from->length);
    if (found->count > 0) return found;
    window_rows_free(found);
    if (list != OPEN) list_free(&from->lists[list]);
    return NULL;
}
