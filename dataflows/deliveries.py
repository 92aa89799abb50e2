"""What sends pushes, their outcomes as rows, and those that still have none."""

from collections import deque
from collections.abc import Iterable

from config.settings import PushSettings
from dataflows.observed import ObservedProvider
from dataflows.policy import Policy
from schemas.push import PushDelivery, PushRequest
from schemas.rows import Rows
from schemas.tables import PUSH_DELIVERIES
from sinks.memory import Memory
from sinks.observer import UNOBSERVED, Observer
from sinks.providers import LogProvider, Provider
from sinks.push_gateway import PushGateway


class Outcomes:
    """Outcomes of pushes on their way into `push_deliveries`, gathered until a commit."""

    def __init__(self) -> None:
        self._gathered: deque[PushDelivery] = deque()

    def take(self, delivery: PushDelivery) -> None:
        """One more; any thread may call this."""
        self._gathered.append(delivery)

    def leave(self, memory: Memory) -> None:
        """Leave them with the store: all together, which for each costs next to nothing."""
        rows: dict[tuple[object, ...], tuple[object, ...]] = {}
        while self._gathered:
            delivery = self._gathered.popleft()
            rows[_place(delivery)] = _row(delivery)
        if rows:
            memory.leave(Rows.of(PUSH_DELIVERIES, list(rows.values())))


def _place(delivery: PushDelivery) -> tuple[object, ...]:
    """The key of its row: the queue drops what is asked for again only as long as it remembers."""
    request = delivery.request
    return request.kafka_topic, request.kafka_partition, request.kafka_offset, request.user_id


def _row(delivery: PushDelivery) -> tuple[object, ...]:
    request = delivery.request
    return (
        request.kafka_topic,
        request.kafka_partition,
        request.kafka_offset,
        request.message_id,
        request.user_id,
        delivery.provider,
        delivery.outcome,
        delivery.detail,
        delivery.attempts,
        delivery.at,
    )


def pending_requests(memory: Memory, policy: Policy) -> Iterable[PushRequest]:
    """What was decided as sent by earlier executions and has no outcome."""
    for found in memory.pending_pushes():
        yield policy.request(found.source, found.message, found.user_id, found.decided_at)


def gateway_of(
    settings: PushSettings, outcomes: Outcomes, observer: Observer = UNOBSERVED
) -> PushGateway:
    """What sends pushes to the provider of the settings, and has their outcomes gathered."""

    def on_delivery(delivery: PushDelivery) -> None:
        outcomes.take(delivery)
        observer.delivered(delivery.outcome)

    return PushGateway(
        ObservedProvider(_provider(settings), observer),
        on_delivery=on_delivery,
        max_pending=settings.max_pending,
        concurrency=settings.webhook.concurrency,
        max_backoff=settings.webhook.max_backoff,
    )


def _provider(settings: PushSettings) -> Provider:
    url, secret = settings.webhook.url, settings.webhook.secret
    if settings.provider == "webhook" and url is not None and secret is not None:
        # Here, because the HTTP client takes longer to import than everything else of ours.
        from sinks.webhook import WebhookProvider

        return WebhookProvider(str(url), secret.get_secret_value(), settings.webhook.timeout)
    return LogProvider()
