/* Records in, events out: what the hot loop of schemas/decoding.py does, for the records that look
 * as servers write them today. All others are left to Python, so this need not know what they mean. */
#include "columns.h"
#include "envelope.h"
#include "fetched.h"
#include "payload.h"
#include "seen.h"
#include "session.h"

enum { GROUP = 2 };
enum { SURE_ID = 250 };                        /* bytes; schemas/ids.py: no longer id is read here */
static const int64_t NOT_SECONDS = 100000000000; /* 1e11: see `envelope.instant` */
static const int64_t LATEST = 253402300799999;   /* the year 9999 ends */

/* One partition. */
typedef struct {
    slice prefix; /* "<topic>-<partition>-", for messages without an id */
    int64_t tolerance;
    seen ids;
    uint8_t *data; /* decoded from base64 */
    int64_t data_room;
    uint8_t *spare; /* texts of a record that had escapes */
    int64_t spare_room;
} decoder;

/* A record, and what of it stands in both kinds of rows. */
typedef struct {
    slice value;
    int64_t offset, created_at, recorded_at, event_time;
} stamped;

decoder *decoder_new(const uint8_t *prefix, int64_t size, int64_t tolerance, int64_t horizon) {
    decoder *made = reserved(1, sizeof *made);
    uint8_t *own = resized(NULL, (size_t)size);
    memcpy(own, prefix, (size_t)size);
    made->prefix = (slice){own, size};
    made->tolerance = tolerance;
    seen_begin(&made->ids, horizon);
    return made;
}

void decoder_free(decoder *d) {
    free((void *)d->prefix.at);
    seen_end(&d->ids);
    free(d->data);
    free(d->spare);
    free(d);
}

/* Ids that were seen, a column of them in offset order, with the event time of each. */
void decoder_restore(decoder *d, int64_t count, const int32_t *ends, const uint8_t *ids,
                     const int64_t *event_times) {
    for (int64_t i = 0; i < count; i++)
        seen_restore(&d->ids, slice_at(ids, ends, i), event_times[i]);
}

int decoder_again(decoder *d, const uint8_t *id, int64_t size, int64_t event_time) {
    return seen_again(&d->ids, (slice){id, size}, event_time);
}

static int64_t with_number(uint8_t *into, slice prefix, int64_t number) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%lld", (long long)number);
    memcpy(into, prefix.at, (size_t)prefix.size);
    memcpy(into + prefix.size, digits, (size_t)size);
    return prefix.size + size;
}

static void add_conversation(texts *column, int64_t row, slice a, slice b) {
    int in_order = order_of(a, b) < 0;
    slice first = in_order ? a : b, second = in_order ? b : a;
    uint8_t *at = text_room(column, row, first.size + 1 + second.size);
    if (first.size) memcpy(at, first.at, (size_t)first.size);
    at[first.size] = ':';
    if (second.size) memcpy(at + first.size + 1, second.at, (size_t)second.size);
}

static slice first_of(slice a, slice b) { return a.size ? a : b; }

/* The rules of `message_of` in schemas/assembly.py. */
static void add_message(messages *all, const stamped *r, const envelope *e, const payload *p, slice id) {
    slice nothing = {NULL, 0}, group = nothing, to = nothing, from = p->from;
    int32_t type = p->message_type ? p->message_type : 1;
    int is_group = is(e->event_type, "group_message") || p->message_type == GROUP;
    int64_t row = message_row(all);
    if (is_group) {
        type = GROUP;
        group = first_of(first_of(p->to, e->group_id), e->user_id);
        if (!from.size && !same(e->user_id, group)) from = e->user_id;
        text_add(&all->conversation_id, row, group);
    } else {
        to = p->to;
        if (!to.size && !same(e->user_id, from)) to = e->user_id;
        add_conversation(&all->conversation_id, row, from, to);
    }
    int is_file = p->content_type == 2 || p->content_type == 3 || p->content_type == 5;
    all->kafka_offset[row] = r->offset;
    all->created_at[row] = r->created_at;
    all->recorded_at[row] = r->recorded_at;
    all->event_time[row] = r->event_time;
    all->file_size[row] = p->file_size;
    all->content_type[row] = p->content_type;
    all->message_type[row] = type;
    text_add(&all->event_type, row, e->event_type);
    text_add(&all->message_id, row, id);
    text_add(&all->from_user, row, from);
    text_add(&all->to_user, row, to);
    text_add(&all->group_id, row, group);
    text_add(&all->content, row, p->content);
    text_add(&all->file_name, row, is_file ? p->content : nothing);
}

static void add_user_event(user_events *all, const stamped *r, const envelope *e, const session *s) {
    int64_t row = user_event_row(all);
    all->kafka_offset[row] = r->offset;
    all->created_at[row] = r->created_at;
    all->recorded_at[row] = r->recorded_at;
    all->event_time[row] = r->event_time;
    all->worker_id[row] = s->worker_id.value;
    all->has_worker_id[row] = s->worker_id.is_there != 0;
    all->connection_time[row] = s->connection_time.value;
    all->has_connection_time[row] = s->connection_time.is_there != 0;
    text_add(&all->event_type, row, e->event_type);
    text_add(&all->user_id, row, e->user_id);
    text_add(&all->session_id, row, s->session_id);
    text_add(&all->client_ip, row, s->client_ip);
    text_add(&all->group_id, row, e->group_id);
}

static int has_long_id(const envelope *e) {
    return e->event_type.size > SURE_ID || e->user_id.size > SURE_ID || e->group_id.size > SURE_ID ||
           e->session_id.size > SURE_ID || e->client_ip.size > SURE_ID;
}

/* The bytes of a text in base64; a size below 0 where it is none. */
static slice from_base64(decoder *d, slice text) {
    d->data = grown(d->data, &d->data_room, text.size, 1);
    return (slice){d->data, read_base64(text, d->data)};
}

static int payload_of(decoder *d, const envelope *e, payload *p) {
    slice data = from_base64(d, e->is_object ? e->file : e->data);
    if (data.size < 0) return 0;
    if (e->is_object) {
        *p = e->object;
        p->file_size = data.size;
        return 1;
    }
    return data.at[0] != '{' && data.at[0] != '[' && read_payload(data, p);
}

static int decode_message(decoder *d, batch *b, const stamped *r, const envelope *e) {
    payload p;
    if (!payload_of(d, e, &p)) return 0;
    if (!p.from.size && !p.to.size && !p.content_type) return 0;
    if (p.from.size > SURE_ID || p.to.size > SURE_ID || p.message_id.size > SURE_ID) return 0;
    uint8_t made[512];
    slice id = p.message_id;
    if (!id.size) {
        if (d->prefix.size > (int64_t)sizeof made - 24) return 0;
        id = (slice){made, with_number(made, d->prefix, r->offset)};
    }
    if (!seen_again(&d->ids, id, r->event_time)) add_message(&b->messages, r, e, &p, id);
    return 1;
}

static int decode_user_event(batch *b, const stamped *r, const envelope *e) {
    session s;
    if (!e->user_id.size || is(e->event_type, "message") || is(e->event_type, "group_message")) return 0;
    if (!session_of(e, &s)) return 0;
    add_user_event(&b->user_events, r, e, &s);
    return 1;
}

static int decode_one(decoder *d, batch *b, stamped *r) {
    envelope e;
    d->spare = grown(d->spare, &d->spare_room, r->value.size, 1);
    if (!read_envelope(r->value, d->spare, &e) || !e.event_type.size || has_long_id(&e)) return 0;
    int64_t seconds = e.timestamp.value;
    if (seconds <= 0 || seconds >= NOT_SECONDS || r->recorded_at < 0 || r->recorded_at > LATEST) return 0;
    r->created_at = seconds * 1000;
    int64_t latest = r->recorded_at + d->tolerance;
    r->event_time = r->created_at < latest ? r->created_at : latest;
    int done = e.is_object || e.data.size ? decode_message(d, b, r, &e) : decode_user_event(b, r, &e);
    if (done && r->event_time > b->newest) b->newest = r->event_time;
    return done;
}

/* Decodes the records from `first` to `end` as long as they are usual. Returns the place of the one
 * that is not, or `end`. */
int64_t decode(decoder *d, batch *b, const record *all, int64_t first, int64_t end) {
    for (int64_t i = first; i < end; i++) {
        slice value = {all[i].value, all[i].size};
        stamped r = {value, all[i].offset, 0, all[i].recorded_at, 0};
        if (!decode_one(d, b, &r)) return i;
    }
    return end;
}
