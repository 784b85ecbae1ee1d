"""RabbitMQ by another client than ours (Debian's python3-pika).

pika_client.py URL publish QUEUE BODY     to the default exchange, as whoever knows only the queue's name would
pika_client.py URL take QUEUE             every message, removed, as a JSON array of {"body", "headers", "redelivered"}
pika_client.py URL look QUEUE             the same, and they stay
"""

import json
import sys

import pika


def main() -> None:
    url, action, queue = sys.argv[1:4]
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    if action == "publish":
        channel.confirm_delivery()
        channel.basic_publish("", queue, sys.argv[4].encode(), mandatory=True)
    elif action in ("take", "look"):
        messages = []
        while True:
            method, properties, body = channel.basic_get(queue, auto_ack=action == "take")
            if method is None:
                break
            messages.append(
                {
                    "body": body.decode(),
                    "headers": properties.headers or {},
                    "redelivered": method.redelivered,
                }
            )
        print(json.dumps(messages, default=str))  # RabbitMQ's own headers hold times
    else:
        sys.exit(f"unknown action {action}")
    connection.close()


main()
