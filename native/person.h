/* What is known of one user: `Person` of dataflows/sessions.py, which says what the fields mean. */
#ifndef CHATFLOW_PERSON_H
#define CHATFLOW_PERSON_H

#include "texts.h"

typedef struct {
    int64_t value;
    int is_there;
} maybe;

/* The record that made a change; nothing is there where time passing made it. */
typedef struct {
    slice topic; /* `at` is NULL where there is none */
    maybe partition, offset;
} coordinates;

typedef struct {
    slice name; /* no other of the user has it */
    maybe worker_id, connection_time;
    int64_t opened_at, renewed_at;
} one_session;

typedef struct {
    slice name;
    int64_t at;
} ending;

/* Texts are borrowed: from the state that it was read from, or from the event that changed it. */
typedef struct {
    one_session *sessions;
    int64_t session_count, session_room;
    int64_t last_seen;
    slice status;
    int64_t since;
    maybe left_at;
    slice left_because;
    coordinates left_by;
    ending *ended;
    int64_t ended_count, ended_room;
} person;

static inline slice word(const char *text) {
    return (slice){(const uint8_t *)text, (int64_t)strlen(text)};
}

/* Nothing is known; the memory is used again. */
static inline void person_clear(person *all) {
    *all = (person){.sessions = all->sessions,
                    .session_room = all->session_room,
                    .ended = all->ended,
                    .ended_room = all->ended_room,
                    .status = word("offline"),
                    .left_because = word("")};
}

static inline void person_add_session(person *to, one_session given) {
    int64_t place = to->session_count++;
    to->sessions = grown(to->sessions, &to->session_room, place + 1, sizeof *to->sessions);
    to->sessions[place] = given;
}

static inline void person_add_ending(person *to, slice name, int64_t at) {
    int64_t place = to->ended_count++;
    to->ended = grown(to->ended, &to->ended_room, place + 1, sizeof *to->ended);
    to->ended[place] = (ending){name, at};
}

static inline void person_free(person *all) {
    free(all->sessions);
    free(all->ended);
}

#endif
