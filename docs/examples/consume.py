"""Follows topics of Millrace and keeps the current state of each record: a subscriber in one page.

    pip install "confluent-kafka[avro]"
    eval "$(npx millrace env)"
    python3 docs/examples/consume.py millrace.catalog.product millrace.catalog.variant

Prints one JSON object for each change that is news. Reads from the beginning, as a topic always holds the last state
of every record; commits nothing. KAFKA_BROKERS and SCHEMA_REGISTRY_URL say where (user and password may be in the
URL); a cluster with SASL or TLS needs its librdkafka settings in `consumer_of` beside them.
"""

import argparse
import json
import os
import uuid

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("topics", nargs="+", metavar="TOPIC")
    arguments.add_argument("--until-end", action="store_true", help="end at what is the end of the topics now")
    arguments.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS"))
    arguments.add_argument("--registry", default=os.environ.get("SCHEMA_REGISTRY_URL"))
    options = arguments.parse_args()
    if not options.brokers or not options.registry:
        arguments.error("KAFKA_BROKERS and SCHEMA_REGISTRY_URL are not set; npx millrace env prints them")
    decode = AvroDeserializer(SchemaRegistryClient({"url": options.registry}))
    consumer = consumer_of(options.brokers)
    consumer.subscribe(options.topics)
    newest: dict[tuple[str, str], int] = {}
    try:
        for message in messages(consumer, options.topics, options.until_end):
            change = news(message, newest)
            if change is not None:
                print(json.dumps({**change, **content(message, decode)}, default=str), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


def consumer_of(brokers: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"example-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            # A publisher that died may have left half a batch behind: it is aborted, and never shown here.
            "isolation.level": "read_committed",
        }
    )


def messages(consumer: Consumer, topics: list[str], until_end: bool):
    known = consumer.list_topics(timeout=20).topics
    missing = [topic for topic in topics if topic not in known]
    if missing:
        raise SystemExit(f"There is no topic {', '.join(missing)}. There are: {', '.join(sorted(known))}")
    reading = {(topic, partition) for topic in topics for partition in known[topic].partitions}
    while reading or not until_end:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            reading.discard((message.topic(), message.partition()))
        else:
            raise KafkaException(message.error())


def news(message, newest: dict[tuple[str, str], int]) -> dict | None:
    """What the headers tell, before anything is decoded. None for what changes nothing."""
    headers = dict(message.headers() or [])
    if "__debezium.newkey" in headers:
        return None  # The record goes on under another key, with its next version: not an end.
    record = headers["millrace-id"].decode()
    version = int.from_bytes(headers["millrace-version"], "big")
    if version <= newest.get((message.topic(), record), 0):
        return None  # A repeat; or the tombstone after its delete, which has the same version.
    newest[message.topic(), record] = version
    return {"topic": message.topic(), "id": record, "version": version, "type": headers["ce_type"].decode()}


def content(message, decode) -> dict:
    key = decode(message.key(), SerializationContext(message.topic(), MessageField.KEY))
    event = decode(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
    if event is None or event["after"] is None:
        return {"key": key, "after": None}
    groups = event.get("provenance")
    supplied = event["source"]["supplied"] if groups is None else [a for g in groups for a in g["attributes"]]
    # null in `after` means cleared if the attribute is in here, and never supplied if it is not.
    return {"key": key, "supplied": sorted(supplied), "after": event["after"]}


if __name__ == "__main__":
    main()
