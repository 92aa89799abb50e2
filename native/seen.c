#include "seen.h"

enum { FEWEST = 64 };
#define NEVER INT64_MIN

static sighting *empty(int64_t room) {
    sighting *all = resized(NULL, (size_t)room * sizeof *all);
    for (int64_t i = 0; i < room; i++) all[i].at = NEVER;
    return all;
}

void seen_begin(seen *ids, int64_t horizon) {
    memset(ids, 0, sizeof *ids);
    ids->horizon = horizon;
    ids->room = FEWEST;
    ids->all = empty(FEWEST);
}

void seen_end(seen *ids) { free(ids->all); }

/* Where the id stands, or would. */
static sighting *place_of(const seen *ids, hash128 id) {
    uint64_t mask = (uint64_t)ids->room - 1, place = id.low & mask;
    sighting *found = &ids->all[place];
    while (found->at != NEVER && (found->id.low != id.low || found->id.high != id.high))
        found = &ids->all[place = (place + 1) & mask];
    return found;
}

/* Makes the table anew, without what is older than `oldest`, with room for half as many more. */
static void rebuild(seen *ids, int64_t oldest) {
    sighting *old = ids->all;
    int64_t room = ids->room, kept = 0;
    for (int64_t i = 0; i < room; i++) kept += old[i].at != NEVER && old[i].at >= oldest;
    ids->room = FEWEST;
    while (ids->room < kept + kept / 2) ids->room *= 2;
    ids->all = empty(ids->room);
    ids->count = kept;
    for (int64_t i = 0; i < room; i++)
        if (old[i].at != NEVER && old[i].at >= oldest) *place_of(ids, old[i].id) = old[i];
    free(old);
}

static void put(seen *ids, sighting *place, hash128 id, int64_t at) {
    int is_new = place->at == NEVER;
    *place = (sighting){id, at};
    if (is_new && ++ids->count * 4 > ids->room * 3) rebuild(ids, NEVER + 1);
}

void seen_restore(seen *ids, slice text, int64_t event_time) {
    hash128 id = hash_of(text);
    if (event_time > ids->clock) ids->clock = ids->pruned_at = event_time;
    put(ids, place_of(ids, id), id, ids->clock);
}

int seen_again(seen *ids, slice text, int64_t event_time) {
    hash128 id = hash_of(text);
    int64_t now = event_time > ids->clock ? event_time : ids->clock;
    sighting *place = place_of(ids, id);
    if (place->at != NEVER && now - place->at <= ids->horizon) return 1;
    put(ids, place, id, now);
    ids->clock = now;
    if (now - ids->pruned_at > ids->horizon) {
        rebuild(ids, now - ids->horizon);
        ids->pruned_at = now;
    }
    return 0;
}
