#include "candidates.h"

enum { MANY = 1 << 16, LARGE = 1 << 26 }; /* rows, bytes */

void candidate_add(candidates *all, const messages *from, int64_t row, int64_t source) {
    if (all->rows == NULL) all->rows = batch_new();
    if (!copy_message(&all->rows->messages, from, row)) {
        /* They are fetched long before; what is one record of Kafka's cannot be that large. */
        fputs("chatflow: a message of 2 GiB\n", stderr);
        abort();
    }
    int64_t place = all->count++;
    all->sources = grown(all->sources, &all->source_room, all->count, sizeof *all->sources);
    all->ends = grown(all->ends, &all->end_room, all->count, sizeof *all->ends);
    all->sources[place] = (int32_t)source;
    all->ends[place] = all->away.count;
}

void candidate_away(candidates *all, slice user_id, int is_leaving) {
    names_add(&all->away, user_id);
    int64_t count = all->away.count;
    all->is_leaving = grown(all->is_leaving, &all->leaving_room, count, sizeof *all->is_leaving);
    all->is_leaving[count - 1] = is_leaving != 0;
    all->holding += is_leaving != 0;
    all->ends[all->count - 1] = count;
}

int candidates_full(const candidates *all) {
    if (all->count == 0) return 0;
    return all->count >= MANY || all->away.used >= LARGE ||
           all->rows->messages.content.used >= LARGE;
}

void candidates_taken(candidates *all) {
    all->rows = NULL;
    all->count = all->holding = 0;
    names_clear(&all->away);
}

void candidates_free(candidates *all) {
    if (all->rows) batch_free(all->rows);
    free(all->sources);
    free(all->ends);
    free(all->is_leaving);
    names_free(&all->away);
}
