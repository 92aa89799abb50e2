"""What the brokers say of topics and groups; where they do not, that is an answer too."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._metadata import ClusterMetadata
from confluent_kafka.admin._resource import ResourceType

from config.kafka import KafkaSettings, client_properties
from dataflows.complaints import quiet
from inspection.evidence import ClusterFacts, Reader
from sinks.contact import PATIENCE, has_controller

_MOST_GROUPS = 200
"""Groups that are looked at: a cluster of many teams can have thousands."""


def facts_of(kafka: KafkaSettings, cluster: ClusterMetadata, topics: Iterable[str]) -> ClusterFacts:
    """What there is to know of these topics and of the groups that read them."""
    partitions = {
        name: len(found.partitions) for name, found in cluster.topics.items() if not found.error
    }
    if not has_controller(cluster):
        return ClusterFacts(partitions)
    admin = AdminClient(quiet(client_properties(kafka)))
    configs: Mapping[str, Mapping[str, str]] | None = None
    readers: Sequence[Reader] | None = None
    silence = ""
    try:
        configs = _configs(admin, [name for name in topics if name in partitions])
    except KafkaException as error:
        silence = error.args[0].str()
    try:
        readers = _readers(admin, kafka)
    except KafkaException as error:
        silence = error.args[0].str()
    return ClusterFacts(partitions, configs, readers, silence)


def _configs(admin: AdminClient, topics: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in topics]
    if not resources:
        return {}
    answers = admin.describe_configs(resources, request_timeout=PATIENCE)
    return {
        resource.name: {name: entry.value or "" for name, entry in answer.result().items()}
        for resource, answer in answers.items()
    }


def _readers(admin: AdminClient, kafka: KafkaSettings) -> Sequence[Reader]:
    """Groups with members that are assigned one of the topics; our own with any member."""
    listed = admin.list_consumer_groups(request_timeout=PATIENCE).result().valid
    ours = kafka.consumer.group_id
    others = [found.group_id for found in listed if found.group_id != ours]
    names = [ours, *sorted(others)[:_MOST_GROUPS]]
    described = admin.describe_consumer_groups(names, request_timeout=PATIENCE)
    found = (_members(described[name]) for name in names)
    return [
        Reader(name, [f"{each.client_id} at {each.host}" for each in members])
        for name, members in zip(names, found, strict=True)
        if members and (name == ours or _reads(members, kafka.topics.names))
    ]


def _members(answer: Any) -> Sequence[Any]:  # Any: the client's results have no types
    try:
        return list(answer.result().members)
    except KafkaException:  # a group nobody used yet, or one that may not be described
        return ()


def _reads(members: Sequence[Any], topics: Sequence[str]) -> bool:
    places = (
        place for each in members if each.assignment for place in each.assignment.topic_partitions
    )
    return any(place.topic in topics for place in places)
