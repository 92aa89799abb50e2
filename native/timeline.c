#include "timeline.h"

#include "order.h"

enum { STEP = 1000 }; /* milliseconds: the step of the wire's clock */

int64_t second_of(int64_t time) {
    int64_t second = time / STEP;
    return second * STEP > time ? second - 1 : second;
}

/* The first bucket of that second or a later one. Nearly always it is the last one. */
static int64_t bucket_place(const timeline *all, int64_t second) {
    int64_t low = all->first, high = all->bucket_count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (all->buckets[middle].second < second) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bucket *bucket_of(timeline *all, int64_t second) {
    int64_t place = bucket_place(all, second), count = all->bucket_count;
    if (place < count && all->buckets[place].second == second) return &all->buckets[place];
    all->buckets = grown(all->buckets, &all->bucket_room, count + 1, sizeof *all->buckets);
    bucket *found = &all->buckets[place];
    memmove(found + 1, found, (size_t)(count - place) * sizeof *found);
    *found = (bucket){.second = second};
    all->bucket_count++;
    return found;
}

static void put_off(timeline *all, bucket **last, entry one) {
    int64_t second = second_of(one.time);
    if (*last == NULL || (*last)->second != second) *last = bucket_of(all, second);
    bucket *to = *last;
    to->all = grown(to->all, &to->room, to->count + 1, sizeof *to->all);
    to->all[to->count++] = one;
    all->slots[one.slot].waiting++;
}

static int64_t slot_for(timeline *all, slot given) {
    int64_t found;
    if (all->freed_count) {
        found = all->freed[--all->freed_count];
    } else {
        found = all->slot_count++;
        all->slots = grown(all->slots, &all->slot_room, all->slot_count, sizeof *all->slots);
    }
    all->slots[found] = given;
    return found;
}

static int64_t kept_or_freed(timeline *all, int64_t found) {
    if (all->slots[found].waiting) return found;
    all->freed = grown(all->freed, &all->freed_room, all->freed_count + 1, sizeof *all->freed);
    all->freed[all->freed_count++] = (uint32_t)found;
    return -1;
}

void timeline_kind(timeline *all, slice type, uint32_t kind) {
    int64_t place = all->type_count++;
    all->kinds = grown(all->kinds, &all->kind_room, all->type_count, sizeof *all->kinds);
    all->kinds[place] = kind;
    text_add(&all->types, place, type);
}

/* There are few types, and their lengths differ. */
static uint32_t kind_of(const timeline *all, slice type) {
    for (int64_t i = 0; i < all->type_count; i++)
        if (same(text_at(&all->types, i), type)) return all->kinds[i];
    return ELSE;
}

int64_t timeline_messages(timeline *all, const messages *given, int64_t source, limits kept) {
    int64_t found = slot_for(all, (slot){given, NULL, source, 0});
    bucket *last = NULL;
    for (int64_t row = 0; row < given->count; row++) {
        int64_t time = given->event_time[row];
        if (given->kafka_offset[row] < kept.mark && time < kept.released) continue;
        int is_pushed = kind_of(all, text_at(&given->event_type, row)) == PUSHED;
        uint32_t kind = is_pushed ? PUSHED : STORED;
        int64_t recorded = given->recorded_at[row];
        put_off(all, &last, (entry){time, recorded, 0, kind, (uint32_t)found, (uint32_t)row});
    }
    return kept_or_freed(all, found);
}

int64_t timeline_user_events(timeline *all, const user_events *given, int64_t source, limits kept) {
    int64_t found = slot_for(all, (slot){NULL, given, source, 0});
    bucket *last = NULL;
    for (int64_t row = 0; row < given->count; row++) {
        int64_t time = given->event_time[row];
        if (given->kafka_offset[row] < kept.mark && time < kept.released) continue;
        uint32_t kind = kind_of(all, text_at(&given->event_type, row));
        if (kind == PUSHED) kind = ELSE; /* it takes a message */
        int64_t recorded = kind == SIGN ? INT64_MIN : given->recorded_at[row];
        put_off(all, &last, (entry){time, recorded, 0, kind, (uint32_t)found, (uint32_t)row});
    }
    return kept_or_freed(all, found);
}

void timeline_rank(timeline *all, int64_t source, int64_t rank) {
    all->ranks = grown(all->ranks, &all->source_room, source + 1, sizeof *all->ranks);
    if (source >= all->source_count) all->source_count = source + 1;
    all->ranks[source] = (uint32_t)rank;
}

/* Make the first bucket the one that is handed out. */
static void turn_to_first(timeline *all) {
    free(all->now.all);
    all->now = all->buckets[all->first];
    all->at = 0;
    /* Moved when half of them are over: with each of a day's seconds it would cost more than all. */
    if (++all->first * 2 > all->bucket_count) {
        all->bucket_count -= all->first;
        memmove(all->buckets, all->buckets + all->first,
                (size_t)all->bucket_count * sizeof *all->buckets);
        all->first = 0;
    }
    for (int64_t i = 0; i < all->now.count; i++) {
        entry *each = &all->now.all[i];
        const slot *from = &all->slots[each->slot];
        each->order = all->ranks[from->source] + (from->messages ? 1u << 31 : 0);
    }
    all->other = grown(all->other, &all->other_room, all->now.count, sizeof *all->other);
    put_in_order(all->now.all, all->other, all->now.count);
}

const entry *timeline_next(timeline *all, int64_t end) {
    while (all->at == all->now.count) {
        if (all->first == all->bucket_count) return NULL;
        if (all->buckets[all->first].second >= second_of(end)) return NULL;
        turn_to_first(all);
    }
    return &all->now.all[all->at];
}

void timeline_step(timeline *all) {
    uint32_t number = all->now.all[all->at++].slot;
    if (--all->slots[number].waiting) return;
    all->done = grown(all->done, &all->done_room, all->done_count + 1, sizeof *all->done);
    all->done[all->done_count++] = number;
}

int64_t timeline_before(const timeline *all, int64_t end) {
    int64_t found = 0;
    for (int64_t i = all->first; i < all->bucket_count; i++) {
        if (all->buckets[i].second >= second_of(end)) break;
        found += all->buckets[i].count;
    }
    return found;
}

void timeline_waiting(const timeline *all, int64_t *offsets) {
    for (int64_t i = 0; i < all->source_count; i++) offsets[i] = INT64_MAX;
    for (int64_t i = all->first; i < all->bucket_count; i++) {
        for (int64_t j = 0; j < all->buckets[i].count; j++) {
            const entry *each = &all->buckets[i].all[j];
            const slot *from = &all->slots[each->slot];
            int64_t offset = from->messages ? from->messages->kafka_offset[each->row]
                                            : from->user_events->kafka_offset[each->row];
            if (offset < offsets[from->source]) offsets[from->source] = offset;
        }
    }
}

void timeline_free(timeline *all) {
    for (int64_t i = all->first; i < all->bucket_count; i++) free(all->buckets[i].all);
    void *parts[] = {all->buckets, all->slots,   all->done,  all->freed,
                     all->ranks,   all->now.all, all->other, all->kinds};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) free(parts[i]);
    texts_free(&all->types);
}
