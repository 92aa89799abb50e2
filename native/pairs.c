#include "pairs.h"

/* The keys are made of numbers given one after the other: mixed, so that they spread. */
static uint64_t home_of(const pairs *all, uint64_t key) {
    uint64_t mixed = key * 0x9e3779b97f4a7c15u;
    return (mixed ^ mixed >> 32) & all->mask;
}

static uint64_t place_of(const pairs *all, uint64_t key) {
    uint64_t place = home_of(all, key);
    while (all->cells[place].key != 0 && all->cells[place].key != key)
        place = (place + 1) & all->mask;
    return place;
}

pair *pairs_find(const pairs *all, uint64_t key) {
    if (all->cells == NULL) return NULL;
    pair *found = &all->cells[place_of(all, key)];
    return found->key ? found : NULL;
}

static void rehash(pairs *all) {
    pairs larger = {NULL, all->cells ? all->mask * 2 + 1 : 1023, all->used};
    larger.cells = reserved(larger.mask + 1, sizeof *larger.cells);
    for (uint64_t i = 0; all->cells && i <= all->mask; i++)
        if (all->cells[i].key) larger.cells[place_of(&larger, all->cells[i].key)] = all->cells[i];
    free(all->cells);
    *all = larger;
}

void pairs_add(pairs *all, uint64_t key, uint32_t value) {
    if (all->cells == NULL || (uint64_t)all->used * 2 > all->mask) rehash(all);
    all->cells[place_of(all, key)] = (pair){key, value};
    all->used++;
}

/* What stood behind it because its own cell was taken moves up. */
void pairs_drop(pairs *all, pair *gone) {
    uint64_t gap = (uint64_t)(gone - all->cells), next = gap;
    for (;;) {
        next = (next + 1) & all->mask;
        if (all->cells[next].key == 0) break;
        uint64_t home = home_of(all, all->cells[next].key);
        if (((next - home) & all->mask) < ((next - gap) & all->mask)) continue;
        all->cells[gap] = all->cells[next];
        gap = next;
    }
    all->cells[gap].key = 0;
    all->used--;
}

void pairs_clear(pairs *all) {
    free(all->cells);
    *all = (pairs){NULL, 0, 0};
}
