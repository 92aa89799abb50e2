/* Tumbling windows of event time over messages: dataflows/windows.py says the rule.
 *
 * Instants are milliseconds since 1970 UTC. Python mirrors `window_rows` in
 * `dataflows/compiled_windows.py`: change both. */
#ifndef CHATFLOW_WINDOWS_H
#define CHATFLOW_WINDOWS_H

#include "columns.h"
#include "window.h"

typedef struct {
    window **all; /* in the order in which they were begun */
    int64_t used, room;
    window **places; /* open addressing, by their start; a power of two */
    int64_t place_room;
} window_list;

enum { OPEN, CLOSED, LATE, LISTS };

typedef struct {
    int64_t length;
    int64_t closed_until; /* where has_closed */
    int has_closed;
    window_list lists[LISTS];
} windows;

/* Rows of `message_stats`, to be freed by who takes them. */
typedef struct {
    int64_t count, room;
    int64_t *window_start, *window_end, *messages, *senders, *bytes;
    int32_t *content_type;
    texts event_type, group_id;
} window_rows;

windows *windows_new(int64_t length, int has_closed, int64_t closed_until);
void windows_free(windows *found);

/* Counts messages from the offset `from` on; those that came when their window was closed are
 * counted as LATE rows instead. Returns how many these were. */
int64_t windows_add(windows *to, const messages *found, int64_t from);

/* Goes on with a row, not known before: of `texts`, the first is its event type, the second its
 * group, and each further one a sender. Returns whether `size` bytes are what the sizes say. */
int windows_restore(windows *to, const int64_t *numbers, int64_t count, const int64_t *sizes,
                    const uint8_t *bytes, int64_t size);

/* Closes the windows that end at or before `until`: their rows are CLOSED then, oldest first.
 * Returns how many these windows were. */
int64_t windows_close(windows *in, int64_t until);

/* The rows of a list that changed since they were last taken, as many as columns hold; NULL: no
 * more, and what the list of CLOSED or LATE windows held is freed. */
window_rows *windows_take(windows *from, int list);
void window_rows_free(window_rows *found);

#endif
