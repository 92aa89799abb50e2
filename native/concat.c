/* Columns put together: what a database takes at once is many batches. */
#include "texts.h"

/* Texts of `parts` columns as one, in memory that the caller frees; NULL where they would pass 2 GiB.
 * Of each part: where its ends and its bytes stand, and how many texts it has. */
texts *texts_together(const int32_t *const *ends, const uint8_t *const *bytes,
                      const int64_t *counts, int64_t parts) {
    int64_t rows = 0, size = 0;
    for (int64_t i = 0; i < parts; i++) {
        rows += counts[i];
        size += counts[i] ? ends[i][counts[i]] : 0;
    }
    if (size > INT32_MAX) return NULL;
    texts *all = reserved(1, sizeof *all);
    all->ends = resized(NULL, ((size_t)rows + 1) * sizeof *all->ends);
    all->bytes = resized(NULL, (size_t)size);
    int32_t *to = all->ends;
    *to++ = 0;
    for (int64_t i = 0; i < parts; i++) {
        int32_t before = (int32_t)all->used;
        if (counts[i] == 0) continue;
        for (int64_t row = 1; row <= counts[i]; row++) *to++ = before + ends[i][row];
        if (ends[i][counts[i]]) memcpy(all->bytes + all->used, bytes[i], (size_t)ends[i][counts[i]]);
        all->used += ends[i][counts[i]];
    }
    return all;
}

void texts_drop(texts *all) {
    texts_free(all);
    free(all);
}

/* Numbers of `size` bytes each, one column after the other, in memory that the caller frees. */
uint8_t *numbers_together(const uint8_t *const *numbers, const int64_t *counts, int64_t parts,
                          int64_t size) {
    int64_t rows = 0;
    for (int64_t i = 0; i < parts; i++) rows += counts[i];
    uint8_t *all = resized(NULL, (size_t)(rows * size)), *to = all;
    for (int64_t i = 0; i < parts; i++) {
        if (counts[i]) memcpy(to, numbers[i], (size_t)(counts[i] * size));
        to += counts[i] * size;
    }
    return all;
}

void numbers_drop(uint8_t *all) { free(all); }
