/* One window of time: what is counted in it, by event type, content type and group. */
#ifndef CHATFLOW_WINDOW_H
#define CHATFLOW_WINDOW_H

#include "texts.h"

/* What names a row within its window; borrowed. */
typedef struct {
    slice event_type;
    slice group; /* empty for messages to a user */
    int64_t content_type;
} kind;

/* What one row adds up; its texts stand in the window. */
typedef struct {
    uint64_t hash;
    int64_t text; /* where its event type begins; its group is right behind */
    int64_t event_type_size;
    int64_t group_size;
    int64_t content_type;
    int64_t messages;
    int64_t senders;
    int64_t bytes;
    int changed; /* since it was last handed out */
} tally;

typedef struct {
    int64_t start;
    tally *tallies; /* in the order in which they came */
    int64_t used, room;
    int64_t *places; /* open addressing: the number of a tally + 1; 0: none */
    int64_t place_room; /* a power of two, as sender_room */
    uint8_t *texts;
    int64_t text_used, text_room;
    hash128 *senders; /* open addressing: a sender of a tally; all zero: none */
    int64_t sender_used, sender_room;
} window;

window *window_new(int64_t start);
void window_free(window *found);

/* What is counted of a kind; valid until the next call. */
tally *window_tally(window *in, kind wanted);

/* Counts a sender of a tally of this window, unless it is known. */
void window_sender(window *in, tally *of, slice sender);

static inline kind kind_of(const window *in, const tally *found) {
    const uint8_t *at = in->texts + found->text;
    return (kind){{at, found->event_type_size},
                  {at + found->event_type_size, found->group_size},
                  found->content_type};
}

#endif
