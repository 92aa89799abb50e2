"""What sends pushes, their outcomes as rows, and those that still have none."""

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


def delivery_rows(delivery: PushDelivery) -> Rows:
    """The outcome of a push as a row of `push_deliveries`."""
    request = delivery.request
    row = (
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
    return Rows.of(PUSH_DELIVERIES, [row])


def pending_requests(memory: Memory, policy: Policy) -> Iterable[PushRequest]:
    """What was decided as sent by earlier executions and has no outcome."""
    for found in memory.pending_pushes():
        yield policy.request(found.source, found.message, found.user_id, found.decided_at)


def gateway_of(
    settings: PushSettings, memory: Memory, observer: Observer = UNOBSERVED
) -> PushGateway:
    """What sends pushes to the provider of the settings, and leaves their outcomes."""

    def on_delivery(delivery: PushDelivery) -> None:
        memory.leave(delivery_rows(delivery))
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
