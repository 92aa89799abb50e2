/* Events that wait for their turn: rows of batches that Python keeps alive as long. */
#ifndef CHATFLOW_TIMELINE_H
#define CHATFLOW_TIMELINE_H

#include "columns.h"

enum { SIGN, OPEN, CLOSE, JOIN, LEAVE, ELSE, PUSHED, STORED }; /* what an event can do in the join */

typedef struct {
    int64_t time;
    int64_t recorded; /* of a sign of life the lowest: they come before all else of their instant */
    uint32_t order;   /* messages after user events, then by partition */
    uint32_t kind;
    uint32_t slot;
    uint32_t row;
} entry;

/* A batch that is waited for. */
typedef struct {
    const messages *messages; /* or NULL */
    const user_events *user_events;
    int64_t source;
    int64_t waiting; /* rows */
} slot;

/* Events of one whole second, in the order of arrival: what is handed out ends with one. */
typedef struct {
    int64_t second;
    int64_t count, room;
    entry *all;
} bucket;

typedef struct {
    bucket *buckets; /* in order of time */
    int64_t first; /* those before it are over */
    int64_t bucket_count, bucket_room;
    slot *slots;
    int64_t slot_count, slot_room;
    uint32_t *done; /* slots of which no row waits, to be told to Python */
    int64_t done_count, done_room;
    uint32_t *freed; /* slots to be given again */
    int64_t freed_count, freed_room;
    uint32_t *ranks; /* of the sources, in the order of topic and partition */
    int64_t source_count, source_room;
    texts types; /* those of events that can do something, and what that is */
    uint32_t *kinds;
    int64_t type_count, kind_room;
    bucket now;       /* what is handed out at present, sorted */
    int64_t at;       /* how far */
    entry *other;     /* for sorting */
    int64_t other_room;
} timeline;

/* Only rows from offset `mark` on, or of the time from `released` on. */
typedef struct {
    int64_t mark;
    int64_t released;
} limits;

/* Take the rows of a batch; returns its slot, or -1 where none of them is to be waited for. */
int64_t timeline_messages(timeline *all, const messages *given, int64_t source, limits kept);
int64_t timeline_user_events(timeline *all, const user_events *given, int64_t source, limits kept);
/* What events of this type can do; before any is taken. All others do nothing. */
void timeline_kind(timeline *all, slice type, uint32_t kind);
/* The order of a source among all that are known. */
void timeline_rank(timeline *all, int64_t source, int64_t rank);
/* The next event before `end`, which is a whole second; NULL where there is none. */
const entry *timeline_next(timeline *all, int64_t end);
/* The event was looked at. */
void timeline_step(timeline *all);
/* How many events wait with a time before `end`. */
int64_t timeline_before(const timeline *all, int64_t end);
/* For each source the lowest offset that waits, where one does; INT64_MAX elsewhere. */
void timeline_waiting(const timeline *all, int64_t *offsets);
void timeline_free(timeline *all);

int64_t second_of(int64_t time);

#endif
