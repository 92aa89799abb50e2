#include "window.h"

enum { FIRST_ROOM = 16 };

window *window_new(int64_t start) {
    window *made = reserved(1, sizeof *made);
    made->start = start;
    made->place_room = made->sender_room = FIRST_ROOM;
    made->places = reserved(FIRST_ROOM, sizeof *made->places);
    made->senders = reserved(FIRST_ROOM, sizeof *made->senders);
    return made;
}

void window_free(window *found) {
    free(found->tallies);
    free(found->places);
    free(found->texts);
    free(found->senders);
    free(found);
}

/* Under the secret: nobody outside can fill one stretch of the table. */
static uint64_t hash_kind(kind wanted) {
    uint64_t type = hash_of(wanted.event_type).low ^ (uint64_t)wanted.content_type;
    return hash_mix(type, hash_secret[3]) + hash_of(wanted.group).low;
}

/* The first place at or behind that of `hash` which holds this kind, or nothing. */
static int64_t *place_of(const window *in, uint64_t hash, kind wanted) {
    uint64_t mask = (uint64_t)in->place_room - 1;
    for (uint64_t at = hash & mask;; at = (at + 1) & mask) {
        if (in->places[at] == 0) return &in->places[at];
        const tally *found = &in->tallies[in->places[at] - 1];
        if (found->hash != hash || found->content_type != wanted.content_type) continue;
        kind there = kind_of(in, found);
        if (same(there.event_type, wanted.event_type) && same(there.group, wanted.group))
            return &in->places[at];
    }
}

/* Never more than half full, so that a search is short and ends. */
static void widen_places(window *in) {
    if ((in->used + 1) * 2 <= in->place_room) return;
    free(in->places);
    in->place_room *= 2;
    in->places = reserved((size_t)in->place_room, sizeof *in->places);
    uint64_t mask = (uint64_t)in->place_room - 1;
    for (int64_t number = 0; number < in->used; number++) {
        uint64_t at = in->tallies[number].hash & mask;
        while (in->places[at] != 0) at = (at + 1) & mask;
        in->places[at] = number + 1;
    }
}

static void keep(window *in, slice text) {
    in->texts = grown(in->texts, &in->text_room, in->text_used + text.size, 1);
    if (text.size) memcpy(in->texts + in->text_used, text.at, (size_t)text.size);
    in->text_used += text.size;
}

tally *window_tally(window *in, kind wanted) {
    uint64_t hash = hash_kind(wanted);
    int64_t *place = place_of(in, hash, wanted);
    if (*place != 0) return &in->tallies[*place - 1];
    int64_t room = in->place_room;
    widen_places(in);
    if (room != in->place_room) place = place_of(in, hash, wanted);
    in->tallies = grown(in->tallies, &in->room, in->used + 1, sizeof *in->tallies);
    tally *made = &in->tallies[in->used];
    *made = (tally){.hash = hash,
                    .text = in->text_used,
                    .event_type_size = wanted.event_type.size,
                    .group_size = wanted.group.size,
                    .content_type = wanted.content_type};
    keep(in, wanted.event_type);
    keep(in, wanted.group);
    *place = ++in->used;
    return made;
}

/* Returns whether it was not there. */
static int put(hash128 *all, int64_t room, hash128 wanted) {
    uint64_t mask = (uint64_t)room - 1;
    for (uint64_t at = wanted.low & mask;; at = (at + 1) & mask) {
        if (all[at].low == wanted.low && all[at].high == wanted.high) return 0;
        if (all[at].low == 0 && all[at].high == 0) {
            all[at] = wanted;
            return 1;
        }
    }
}

/* Never more than two thirds full: this is most of the memory of a window. */
static void widen_senders(window *in) {
    if ((in->sender_used + 1) * 3 <= in->sender_room * 2) return;
    int64_t room = in->sender_room * 2;
    hash128 *wider = reserved((size_t)room, sizeof *wider);
    for (int64_t at = 0; at < in->sender_room; at++)
        if (in->senders[at].low != 0 || in->senders[at].high != 0)
            put(wider, room, in->senders[at]);
    free(in->senders);
    in->senders = wider;
    in->sender_room = room;
}

void window_sender(window *in, tally *of, slice sender) {
    hash128 found = hash_of(sender);
    /* Apart from the same sender of other tallies, without a second hash: 2^64 over the golden ratio. */
    found.low += (uint64_t)(of - in->tallies + 1) * 0x9E3779B97F4A7C15u;
    if (found.low == 0 && found.high == 0) found.high = 1;
    widen_senders(in);
    if (!put(in->senders, in->sender_room, found)) return;
    in->sender_used++;
    of->senders++;
}
