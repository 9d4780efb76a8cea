"""Reads whole topics as a stranger would: confluent-kafka, AvroDeserializer, nothing of ours.

Usage: consume_topics.py BROKERS REGISTRY_URL TOPIC...
Prints one JSON object a record, tombstones included, and ends at the present end of every partition.
"""

import json
import sys
import uuid

from confluent_kafka import Consumer, KafkaError
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def main(brokers: str, registry: str, topics: list[str]) -> None:
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"python-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    known = consumer.list_topics(timeout=20).topics
    waiting = {(topic, partition) for topic in topics for partition in known[topic].partitions}
    consumer.subscribe(topics)
    try:
        while waiting:
            message = consumer.poll(20)
            if message is None:
                raise SystemExit(f"nothing came from {sorted(waiting)} for 20 s")
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise SystemExit(str(message.error()))
                waiting.discard((message.topic(), message.partition()))
                continue
            print(json.dumps(shown(message, deserialize), default=str))
    finally:
        consumer.close()


def shown(message, deserialize) -> dict:
    topic = message.topic()
    return {
        "topic": topic,
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp_ms": message.timestamp()[1],
        "key": deserialize(message.key(), SerializationContext(topic, MessageField.KEY)),
        "value": deserialize(message.value(), SerializationContext(topic, MessageField.VALUE)),
        "headers": {name: value.decode("utf-8", "replace") for name, value in message.headers() or []},
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
