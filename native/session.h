/* Which session of a user an event speaks of: the rule of schemas/session.py. */
#ifndef CHATFLOW_SESSION_H
#define CHATFLOW_SESSION_H

#include "envelope.h"

enum { SESSION_ROOM = 32 }; /* for "connected-" and a number */

typedef struct {
    slice session_id;
    slice client_ip;
    number worker_id;
    number connection_time;
    uint8_t made[SESSION_ROOM]; /* what session_id may point to */
} session;

/* 0 where only Python can tell. The texts point into the envelope's, or into `found`. */
int session_of(const envelope *e, session *found);

#endif
