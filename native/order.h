/* Entries in the order of their time; of equal ones the first stays first. */
#ifndef CHATFLOW_ORDER_H
#define CHATFLOW_ORDER_H

#include "timeline.h"

static inline int comes_after(const entry *a, const entry *b) {
    if (a->time != b->time) return a->time > b->time;
    if (a->recorded != b->recorded) return a->recorded > b->recorded;
    return a->order > b->order;
}

static inline void insert_each(entry *all, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        entry one = all[i];
        int64_t place = i;
        for (; place > 0 && comes_after(&all[place - 1], &one); place--) all[place] = all[place - 1];
        all[place] = one;
    }
}

/* By merging, which is quick where they stand in runs already, as those of partitions do. */
static inline void put_in_order(entry *all, entry *other, int64_t count) {
    enum { FEW = 16 };
    for (int64_t i = 0; i < count; i += FEW) insert_each(all + i, count - i < FEW ? count - i : FEW);
    for (int64_t width = FEW; width < count; width *= 2) {
        for (int64_t low = 0; low + width < count; low += 2 * width) {
            entry *left = all + low, *right = left + width;
            int64_t more = count - low - width < width ? count - low - width : width;
            if (!comes_after(right - 1, right)) continue;
            memcpy(other, left, (size_t)width * sizeof *left);
            const entry *a = other, *a_end = other + width, *b = right, *b_end = right + more;
            for (entry *to = left; a < a_end; to++)
                *to = b < b_end && comes_after(a, b) ? *b++ : *a++;
        }
    }
}

#endif
