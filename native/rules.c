#include "rules.h"

enum { REMEMBERED = 8 }; /* ends of sessions */

static slice worker_name(turn *of) {
    if (!of->worker_id.is_there) return word("any");
    int size = snprintf((char *)of->made, sizeof of->made, "worker-%lld",
                        (long long)of->worker_id.value);
    return (slice){of->made, size};
}

static void set_name(turn *of) {
    of->name = of->session_id.size ? of->session_id : worker_name(of);
}

/* Whether the session's end is known already: servers send online late, offline at once. */
static int is_over(const person *of, turn *by) {
    for (int64_t i = 0; i < of->ended_count; i++) {
        const ending *each = &of->ended[i];
        if (each->at < by->at) continue;
        int is_same = same(each->name, by->name);
        if (each->at == by->at) {
            if (is_same && by->session_id.size) return 1;
            continue;
        }
        if (is_same || is(each->name, "any") || same(each->name, worker_name(by))) return 1;
    }
    return 0;
}

/* A session opened once more: what the new event does not say is still true. */
static one_session again(const one_session *known, one_session given) {
    return (one_session){
        known->name,
        given.worker_id.is_there ? given.worker_id : known->worker_id,
        given.connection_time.is_there ? given.connection_time : known->connection_time,
        known->opened_at,
        latest(known->renewed_at, given.renewed_at),
    };
}

void person_opened(person *of, turn *by) {
    set_name(by);
    if (is_over(of, by)) return;
    one_session found = {by->name, by->worker_id, by->connection_time, by->at, by->at};
    for (int64_t i = 0; i < of->session_count; i++) {
        if (!same(of->sessions[i].name, by->name)) continue;
        found = again(&of->sessions[i], found);
        int64_t behind = --of->session_count - i;
        memmove(&of->sessions[i], &of->sessions[i + 1], (size_t)behind * sizeof *of->sessions);
        break;
    }
    person_add_session(of, found);
    of->last_seen = latest(of->last_seen, by->at);
}

static int are_same(maybe a, maybe b) {
    return a.is_there && b.is_there && a.value == b.value;
}

static int is_meant(const one_session *each, const turn *by) {
    if (by->session_id.size)
        return same(each->name, by->session_id) ||
               are_same(by->connection_time, each->connection_time);
    return !by->worker_id.is_there || are_same(by->worker_id, each->worker_id);
}

void person_closed(person *of, turn *by) {
    set_name(by);
    int64_t kept = 0;
    for (int64_t i = 0; i < of->session_count; i++) {
        one_session each = of->sessions[i];
        if (each.opened_at > by->at || !is_meant(&each, by)) {
            of->sessions[kept++] = each;
            continue;
        }
        if (!same(each.name, by->name)) person_add_ending(of, each.name, by->at);
    }
    if (kept < of->session_count) of->last_seen = latest(of->last_seen, by->at);
    of->session_count = kept;
    /* The event's own mark comes last: it is the one that a later online event is held against. */
    person_add_ending(of, by->name, by->at);
    int64_t too_many = of->ended_count - REMEMBERED;
    if (too_many <= 0) return;
    memmove(of->ended, of->ended + too_many, REMEMBERED * sizeof *of->ended);
    of->ended_count = REMEMBERED;
}

void person_renewed(person *of, int64_t place, int64_t at) {
    one_session *found = &of->sessions[place];
    found->renewed_at = latest(found->renewed_at, at);
    of->last_seen = latest(of->last_seen, at);
}

static int64_t expiry(const one_session *of, int64_t active_at, int64_t timeout) {
    return later(latest(of->renewed_at, active_at), timeout);
}

int person_expired(person *of, int64_t active_at, int64_t now, int64_t timeout) {
    int64_t live = 0, count = of->session_count;
    for (int64_t i = 0; i < count; i++)
        if (expiry(&of->sessions[i], active_at, timeout) > now) of->sessions[live++] = of->sessions[i];
    of->session_count = live;
    return live < count;
}

void person_published(person *of, slice status, int64_t at) {
    of->status = status;
    of->since = at;
    of->left_at = (maybe){0, 0};
    of->left_because = word("");
    of->left_by = (coordinates){0};
}

static int64_t last_sign(const person *of) {
    int64_t last = latest(of->last_seen, 0);
    for (int64_t i = 0; i < of->ended_count; i++) last = latest(last, of->ended[i].at);
    return last;
}

int person_is_forgettable(const person *of, int64_t now, int64_t timeout) {
    if (of->session_count || of->left_at.is_there || !is(of->status, "offline")) return 0;
    return later(last_sign(of), timeout) <= now;
}

int64_t person_due(const person *of, int64_t active_at, spans by) {
    if (of->session_count == 0) {
        if (of->left_at.is_there) return later(of->left_at.value, by.grace);
        return later(last_sign(of), by.timeout);
    }
    int64_t first = INT64_MAX;
    for (int64_t i = 0; i < of->session_count; i++) {
        int64_t due = expiry(&of->sessions[i], active_at, by.timeout);
        if (due < first) first = due;
    }
    return first;
}
