-- Rows only add up or are merged under a high-water mark that stands in the same transaction;
-- the primary keys of the large tables are a second belt. They hold `created_at`, because a key of
-- a partitioned table has to; a record has one `created_at` for ever.
CREATE TABLE messages (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    from_user TEXT,
    to_user TEXT,
    group_id TEXT,
    content TEXT NOT NULL,
    content_type INTEGER NOT NULL,
    message_type INTEGER NOT NULL,
    file_name TEXT,
    file_size BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE messages_default PARTITION OF messages DEFAULT;
-- Windows are counted anew by it. Whole seconds in rising order: equal entries share one.
CREATE INDEX messages_created_at ON messages (created_at);

CREATE TABLE user_events (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    client_ip TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE user_events_default PARTITION OF user_events DEFAULT;

-- `group_id` is empty for messages to a user: a part of the key cannot be null.
CREATE TABLE message_stats (
    window_start TIMESTAMPTZ NOT NULL,
    window_end TIMESTAMPTZ NOT NULL,
    event_type TEXT NOT NULL,
    content_type INTEGER NOT NULL,
    group_id TEXT NOT NULL,
    messages BIGINT NOT NULL,
    senders BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    closed BOOLEAN NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (window_start, window_end, event_type, content_type, group_id)
);
CREATE INDEX message_stats_closed ON message_stats (window_end) WHERE closed;
CREATE INDEX message_stats_open ON message_stats (window_start) WHERE NOT closed;

-- Rows that change at every commit leave room in their page, so that no index has to follow.
CREATE TABLE presence (
    user_id TEXT NOT NULL PRIMARY KEY,
    status TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    last_seen TIMESTAMPTZ NOT NULL,
    active_at TIMESTAMPTZ
) WITH (fillfactor = 70);

-- The coordinates are null where time passing, and no record, made the change.
CREATE TABLE presence_changes (
    kafka_topic TEXT,
    kafka_partition INTEGER,
    kafka_offset BIGINT,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL
);
CREATE INDEX presence_changes_at ON presence_changes USING brin ("at") WITH (autosummarize = on);

CREATE TABLE push_decisions (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider TEXT,
    decided_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset, user_id)
);
CREATE INDEX push_decisions_decided_at
    ON push_decisions USING brin (decided_at) WITH (autosummarize = on);

CREATE TABLE push_deliveries (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset, user_id)
);
CREATE INDEX push_deliveries_at ON push_deliveries USING brin ("at") WITH (autosummarize = on);

CREATE TABLE dead_letters (
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    kafka_offset BIGINT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    key BYTEA,
    payload BYTEA,
    headers TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset)
);
CREATE INDEX dead_letters_at ON dead_letters USING brin ("at") WITH (autosummarize = on);

CREATE TABLE kafka_offsets (
    sink TEXT NOT NULL,
    kafka_topic TEXT NOT NULL,
    kafka_partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (sink, kafka_topic, kafka_partition)
) WITH (fillfactor = 50);

CREATE TABLE flow_state (
    step TEXT NOT NULL,
    key TEXT NOT NULL,
    state BYTEA,
    PRIMARY KEY (step, key)
) WITH (fillfactor = 70);

-- Every commit locks this row first, so it is there from the beginning.
INSERT INTO flow_state (step, key, state) VALUES ('store', 'commits', '0');
