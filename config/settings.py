"""Everything an operator may set; each section goes by the word of the step that it concerns."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from config.analytics import AnalyticsSettings
from config.durations import Duration, DurationOrZero
from config.forms import HttpUrl, LogLevel, TopicSuffix
from config.kafka import KafkaSettings
from config.section import Section
from config.store import StoreSettings


class SourceSettings(Section):
    """How partitions are read side by side."""

    batch_size: int = Field(default=2000, ge=1)
    """Most records in one micro-batch; what the Kafka client has ready of a partition, 512 KiB,
    bounds it as well."""

    max_skew: Duration = timedelta(seconds=10)
    """How far, in event time, a partition may run ahead of the slowest one."""

    idle_timeout: Duration = timedelta(seconds=2)
    """After how long without a record a partition holds the others back no more."""

    future_tolerance: Duration = timedelta(minutes=1)
    """How far an event may be stamped ahead of its record before its order no longer follows it."""

    missing_topics: Literal["refuse", "create"] = "refuse"
    """What to do at start about topics and dead-letter topics that are not there.

    `create` makes them with 3 partitions and the brokers' own replication; never one that was
    read before.
    """

    active_group: Literal["refuse", "read_only"] = "refuse"
    """What to do at start about active members of `kafka.consumer.group_id`.

    `read_only` reads as always, members or not, and never commits the group's offsets.
    """


class StatsSettings(Section):
    """Message statistics in windows of event time."""

    window_length: Duration = timedelta(minutes=1)
    """Length of a window. Changes the stored state: rows already stored keep their length."""

    allowed_lateness: DurationOrZero = timedelta(seconds=30)
    """How long a window stays open for messages that arrive out of order."""


class PresenceSettings(Section):
    """Who is online."""

    session_timeout: Duration = timedelta(minutes=30)
    """After how long without a sign of life a session ends."""

    offline_grace: DurationOrZero = timedelta(seconds=10)
    """How long a user stays online after the last session, so that a reconnect is silent."""

    allowed_lateness: DurationOrZero = timedelta(seconds=2)
    """How long messages and presence, joined in order of time, wait for events out of order."""


class WebhookSettings(Section):
    """The HTTP service that delivers pushes."""

    url: HttpUrl | None = Field(default=None, repr=False)
    """Where requests are posted; required by the provider `webhook`."""

    secret: SecretStr | None = Field(default=None, min_length=1, repr=False)
    """What requests are signed with; required by the provider `webhook`."""

    timeout: Duration = timedelta(seconds=10)
    """How long one attempt may take."""

    concurrency: int = Field(default=16, ge=1)
    """Most attempts at the same time."""

    max_backoff: Duration = timedelta(minutes=5)
    """Longest pause between two attempts while the service is unavailable."""


class PushSettings(Section):
    """Whom to notify, and how."""

    provider: Literal["log", "webhook"] = "log"
    """What delivers: a line in the log, or `push.webhook`."""

    max_age: Duration = timedelta(minutes=10)
    """Age of a message from which on its push is no longer delivered."""

    call_max_age: Duration = timedelta(seconds=30)
    """The same for a call that rings."""

    directory: Path | None = None
    """A YAML or JSON file of groups, members, devices and preferences.

    The members of a group it does not list are those seen in the traffic.
    """

    max_pending: int = Field(default=100_000, ge=1)
    """Most pushes waiting for the provider; those beyond it are dropped, and counted."""

    webhook: WebhookSettings = WebhookSettings()

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> "PushSettings":
        given = {"url": self.webhook.url, "secret": self.webhook.secret}
        missing = [f"push.webhook.{key}" for key, value in given.items() if value is None]
        if self.provider == "webhook" and missing:
            raise ValueError(f"push.provider is webhook, which needs {' and '.join(missing)}")
        return self


class DeadLettersSettings(Section):
    """Records that cannot be decoded."""

    topic_suffix: TopicSuffix = ".dlq"
    """What is appended to a topic's name for the topic of its dead letters."""

    max_ratio: float = Field(default=0.5, gt=0, le=1)
    """Share of dead letters among the last records past which the flow stops."""

    window: int = Field(default=1000, ge=1)
    """How many last records that share is taken over."""


class EngineSettings(Section):
    """How the work is split."""

    shards: int = Field(default=1, ge=1)
    """Keys over which the stateful steps are split; may be changed at any restart."""


class MetricsSettings(Section):
    """What monitoring asks the running flow: `/metrics`, `/healthz` and `/readyz`."""

    enabled: bool = True
    """Whether the flow answers at all."""

    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` is all of them. There is no login."""

    port: int = Field(default=9464, ge=0, le=65535)
    """The port; 0 is any free one, which the log names. Processes on one host count up from it."""

    stuck_after: Duration = timedelta(minutes=2)
    """After how long without a look at the partitions `/healthz` says that the flow is stuck."""


class LogSettings(Section):
    """What the program says about itself."""

    level: LogLevel = "INFO"
    """The least serious lines to write."""

    format: Literal["text", "json"] = "text"
    """Lines for people, or one JSON object a line."""


class Settings(Section):
    """Everything an operator of the service may set; read once, at start."""

    kafka: KafkaSettings = KafkaSettings()
    store: StoreSettings = StoreSettings()
    source: SourceSettings = SourceSettings()
    stats: StatsSettings = StatsSettings()
    presence: PresenceSettings = PresenceSettings()
    push: PushSettings = PushSettings()
    dead_letters: DeadLettersSettings = DeadLettersSettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    engine: EngineSettings = EngineSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()
