#include "window_list.h"

/* The first place at or behind that of `start` which holds its window, or nothing. */
static window **place_of(const window_list *in, int64_t start) {
    uint64_t mask = (uint64_t)in->place_room - 1;
    uint64_t at = hash_mix((uint64_t)start ^ hash_secret[0], hash_secret[2]) & mask;
    while (in->places[at] != NULL && in->places[at]->start != start) at = (at + 1) & mask;
    return &in->places[at];
}

/* Room for `wanted` windows, and all that there are at their places: never more than half full. */
static void place_all(window_list *in, int64_t wanted) {
    if (in->place_room == 0) in->place_room = 16;
    while (wanted * 2 > in->place_room) in->place_room *= 2;
    free(in->places);
    in->places = reserved((size_t)in->place_room, sizeof *in->places);
    for (int64_t i = 0; i < in->used; i++) *place_of(in, in->all[i]->start) = in->all[i];
}

static void append(window_list *in, window *found) {
    if ((in->used + 1) * 2 > in->place_room) place_all(in, in->used + 1);
    in->all = grown(in->all, &in->room, in->used + 1, sizeof *in->all);
    in->all[in->used++] = found;
    *place_of(in, found->start) = found;
}

window *list_window(window_list *in, int64_t start) {
    window *found = in->place_room ? *place_of(in, start) : NULL;
    if (found == NULL) append(in, found = window_new(start));
    return found;
}

static int by_start(const void *a, const void *b) {
    int64_t first = (*(window *const *)a)->start, second = (*(window *const *)b)->start;
    return (first > second) - (first < second);
}

int64_t list_move(window_list *from, window_list *to, int64_t newest) {
    int64_t kept = 0, moved = 0;
    for (int64_t i = 0; i < from->used; i++) moved += from->all[i]->start <= newest;
    if (moved == 0) return 0;
    window **ripe = reserved((size_t)moved, sizeof *ripe);
    int64_t next = 0;
    for (int64_t i = 0; i < from->used; i++) {
        if (from->all[i]->start <= newest) ripe[next++] = from->all[i];
        else from->all[kept++] = from->all[i];
    }
    from->used = kept;
    place_all(from, kept);
    qsort(ripe, (size_t)moved, sizeof *ripe, by_start);
    for (int64_t i = 0; i < moved; i++) append(to, ripe[i]);
    free(ripe);
    return moved;
}

void list_free(window_list *found) {
    for (int64_t i = 0; i < found->used; i++) window_free(found->all[i]);
    free(found->all);
    free(found->places);
    *found = (window_list){0};
}
