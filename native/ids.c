#include "ids.h"

static uint64_t cell_of(uint64_t hash, int64_t number) {
    return (hash >> 32 << 32) | (uint32_t)(number + 1);
}

static int64_t number_in(uint64_t cell) { return (int64_t)(uint32_t)cell - 1; }

/* The cell that holds the id, or the empty one where it belongs. */
static uint64_t place_of(const ids *known, slice text, uint64_t hash) {
    uint64_t place = hash & known->mask;
    for (uint64_t cell; (cell = known->cells[place]) != 0; place = (place + 1) & known->mask) {
        if (cell >> 32 != hash >> 32) continue;
        if (same(id_text(known, number_in(cell)), text)) break;
    }
    return place;
}

/* In the order of numbers: so only where they go is all over the memory. */
static void rehash(ids *known) {
    uint64_t size = known->cells ? (known->mask + 1) * 2 : 1024;
    uint64_t *cells = reserved(size, sizeof *cells), mask = size - 1;
    for (int64_t i = 0; i < known->count; i++) {
        if (known->all[i].at == NULL) continue;
        uint64_t place = known->all[i].hash & mask;
        while (cells[place] != 0) place = (place + 1) & mask;
        cells[place] = cell_of(known->all[i].hash, i);
    }
    free(known->cells);
    known->cells = cells;
    known->mask = mask;
}

int64_t ids_find(const ids *known, slice text) {
    if (known->cells == NULL) return -1;
    return number_in(known->cells[place_of(known, text, hash_of_id(text))]);
}

static int64_t fresh_number(ids *known) {
    if (known->freed_count) return known->freed[--known->freed_count];
    if (known->count >= UINT32_MAX - 1) {
        fputs("chatflow: more ids than numbers\n", stderr);
        abort();
    }
    known->all = grown(known->all, &known->room, known->count + 1, sizeof *known->all);
    return known->count++;
}

int64_t ids_of(ids *known, slice text) {
    if (known->cells == NULL || (uint64_t)known->used * 2 > known->mask) rehash(known);
    uint64_t hash = hash_of_id(text), place = place_of(known, text, hash);
    if (known->cells[place] != 0) return number_in(known->cells[place]);
    int64_t number = fresh_number(known);
    uint8_t *copy = resized(NULL, (size_t)text.size);
    if (text.size) memcpy(copy, text.at, (size_t)text.size);
    known->all[number] = (id){copy, text.size, hash};
    known->cells[place] = cell_of(hash, number);
    known->used++;
    return number;
}

/* What stood behind the id because its own cell was taken moves up: no search may end too early. */
static void close_gap(ids *known, uint64_t gap) {
    uint64_t next = gap;
    for (;;) {
        next = (next + 1) & known->mask;
        if (known->cells[next] == 0) break;
        uint64_t home = known->all[number_in(known->cells[next])].hash & known->mask;
        if (((next - home) & known->mask) < ((next - gap) & known->mask)) continue;
        known->cells[gap] = known->cells[next];
        gap = next;
    }
    known->cells[gap] = 0;
}

void ids_drop(ids *known, int64_t number) {
    id *gone = &known->all[number];
    close_gap(known, place_of(known, id_text(known, number), gone->hash));
    free(gone->at);
    *gone = (id){NULL, 0, 0};
    known->used--;
    known->freed = grown(known->freed, &known->freed_room, known->freed_count + 1,
                         sizeof *known->freed);
    known->freed[known->freed_count++] = (uint32_t)number;
}

void ids_free(ids *known) {
    for (int64_t i = 0; i < known->count; i++) free(known->all[i].at);
    free(known->all);
    free(known->freed);
    free(known->cells);
}
