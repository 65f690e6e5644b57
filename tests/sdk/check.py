"""Judges requests of the sender with the official libraries: every event must parse, every signature must verify.

Reads {"secret", "requests": [{"headers", "body", "events"}]} from standard input, where "events" names for each CloudEvent
its id, type and subject; null where the body is none. Prints how many events and signatures it found in order.
"""

import json
import sys

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook, WebhookVerificationError


def parse(body):
    """The library reads single events; a batch is an array of them."""
    return [JSONFormat().read(CloudEvent, json.dumps(event)) for event in json.loads(body)]


def refuses(webhook, body, headers):
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def main():
    given = json.load(sys.stdin)
    webhook = Webhook(given["secret"])
    events = signatures = 0
    for request in given["requests"]:
        headers, body = request["headers"], request["body"]
        webhook.verify(body, headers)
        assert refuses(webhook, body + " ", headers), "a changed body passes"
        assert refuses(webhook, body, {**headers, "webhook-id": "another"}), "a changed id passes"
        signatures += 1
        if request["events"] is None:
            continue
        parsed = parse(body)
        found = [[event.get_id(), event.get_type(), event.get_subject()] for event in parsed]
        assert found == request["events"], f"{found} instead of {request['events']}"
        for event in parsed:
            assert event.get_specversion() == "1.0" and event.get_source().startswith("urn:uuid:")
            assert event.get_time().tzinfo is not None and isinstance(event.get_data(), dict)
        events += len(parsed)
    print(f"{events} events, {signatures} signatures")


main()
