#include "windows.h"

#include "window_list.h"

windows *windows_new(int64_t length, int has_closed, int64_t closed_until) {
    windows *made = reserved(1, sizeof *made);
    made->length = length;
    made->has_closed = has_closed;
    made->closed_until = closed_until;
    return made;
}

void windows_free(windows *found) {
    for (int list = 0; list < LISTS; list++) list_free(&found->lists[list]);
    free(found);
}

static int64_t start_of(int64_t instant, int64_t length) {
    int64_t beyond = instant % length, start;
    if (beyond < 0) beyond += length;
    return __builtin_sub_overflow(instant, beyond, &start) ? INT64_MIN : start;
}

/* The newest start of a window that ends at or before an instant. */
static int64_t newest_start(int64_t end, int64_t length) {
    int64_t start;
    return __builtin_sub_overflow(end, length, &start) ? INT64_MIN : start;
}

static int is_closed(const windows *in, int64_t start) {
    return in->has_closed && start <= newest_start(in->closed_until, in->length);
}

/* More than a store can hold is never reached, so it need not be exact; but it must be defined. */
static int64_t sum(int64_t a, int64_t b) {
    int64_t found;
    return __builtin_add_overflow(a, b, &found) ? INT64_MAX : found;
}

static void count(window *in, tally *to, const messages *found, int64_t row) {
    to->messages++;
    to->bytes = sum(to->bytes, sum(text_at(&found->content, row).size, found->file_size[row]));
    slice sender = text_at(&found->from_user, row);
    if (sender.size) window_sender(in, to, sender);
}

int64_t windows_add(windows *to, const messages *found, int64_t from) {
    window *in = NULL;
    int closed = 0;
    int64_t late = 0;
    for (int64_t row = 0; row < found->count; row++) {
        if (found->kafka_offset[row] < from) continue;
        int64_t instant = found->created_at[row];
        /* Most messages follow one of their window; a division takes as long as a small hash. */
        if (in == NULL || (uint64_t)instant - (uint64_t)in->start >= (uint64_t)to->length) {
            int64_t start = start_of(instant, to->length);
            closed = is_closed(to, start);
            in = list_window(&to->lists[closed ? LATE : OPEN], start);
        }
        kind wanted = {text_at(&found->event_type, row), text_at(&found->group_id, row),
                       found->content_type[row]};
        tally *counted = window_tally(in, wanted);
        counted->changed = 1;
        if (closed) late++;
        else count(in, counted, found, row);
    }
    return late;
}

/* What stands in `numbers`. */
enum { START, CONTENT_TYPE, MESSAGES, BYTES };

static int add_up(int64_t count, const int64_t *sizes, int64_t size) {
    for (int64_t i = 0; i < count; i++) {
        if (sizes[i] < 0 || sizes[i] > size) return 0;
        size -= sizes[i];
    }
    return size == 0;
}

int windows_restore(windows *to, const int64_t *numbers, int64_t count, const int64_t *sizes,
                    const uint8_t *bytes, int64_t size) {
    if (count < 2 || !add_up(count, sizes, size)) return 0;
    window *in = list_window(&to->lists[OPEN], numbers[START]);
    const uint8_t *group = bytes + sizes[0];
    tally *found = window_tally(
        in, (kind){{bytes, sizes[0]}, {group, sizes[1]}, numbers[CONTENT_TYPE]});
    found->messages = numbers[MESSAGES];
    found->bytes = numbers[BYTES];
    found->changed = 1;
    const uint8_t *sender = group + sizes[1];
    for (int64_t i = 2; i < count; sender += sizes[i++])
        window_sender(in, found, (slice){sender, sizes[i]});
    return 1;
}

static void all_changed(window_list *in) {
    for (int64_t i = 0; i < in->used; i++)
        for (int64_t number = 0; number < in->all[i]->used; number++)
            in->all[i]->tallies[number].changed = 1;
}

int64_t windows_close(windows *in, int64_t until) {
    if (in->has_closed && until <= in->closed_until) return 0;
    window_list *closed = &in->lists[CLOSED];
    int64_t moved = list_move(&in->lists[OPEN], closed, newest_start(until, in->length));
    if (moved == 0) return 0;
    all_changed(closed);
    in->closed_until = closed->all[closed->used - 1]->start + in->length;
    in->has_closed = 1;
    return moved;
}
