"""Events: from the rules of `infra/` in EventBridges that nobody here wrote, through a queue, into the product."""

import datetime
import hashlib
import json
import re
import urllib.request

import pytest

from events import OTHERS, OURS
from installation import ACCOUNT, HOME
from product import BINARY, Server
from templates import Stack
from waiting import wait_for

# The event is not to seem older than what the server has looked at; moto tells this time, the others their own.
LATER = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(hours=1)


class Bridge:
    """An emulator with the queue and the rules of `source.yaml`."""

    def __init__(self, peer):
        self.peer = peer
        account = peer.client("sts", HOME).get_caller_identity()["Account"]
        self.events, self.sqs = peer.client("events", HOME), peer.client("sqs", HOME)
        stack = Stack("source", HOME, account)
        for queue in ("DeadLetters", "Queue"):
            self.queue = self.sqs.create_queue(QueueName=stack.resources[queue]["QueueName"])["QueueUrl"]
        rules = [name for name, kind in stack.types.items() if kind == "AWS::Events::Rule"]
        assert len(rules) == 2
        for rule in map(stack.resources.get, rules):
            self.events.put_rule(Name=rule["Name"], EventPattern=json.dumps(rule["EventPattern"]))
            made = self.events.put_targets(Rule=rule["Name"], Targets=rule["Targets"])
            assert made["FailedEntryCount"] == 0, made
        self.put(OURS[0][:4])
        (event,) = map(json.loads, self.drain())
        self.tells_time = datetime.datetime.fromisoformat(event["time"]) == LATER

    def put(self, *events):
        """Tells EventBridge of events. AWS itself takes none of `aws.` from customers; emulators do."""
        entries = [
            {"Source": source, "DetailType": kind, "Resources": resources, "Detail": json.dumps(detail), "Time": LATER}
            for source, kind, resources, detail in events
        ]
        told = self.events.put_events(Entries=entries)
        assert told["FailedEntryCount"] == 0, told

    def receive(self):
        """The bodies that wait in the queue; they are deleted."""
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]

    def drain(self):
        """Every body, until none comes any more."""
        bodies = []
        while received := self.receive():
            bodies += received
        return bodies


@pytest.fixture(scope="module", params=["ministack", "moto", "localstack"])
def bridge(request):
    return Bridge(request.getfixturevalue(request.param))


def told(bodies):
    """What bodies say, in an order of its own: queues have none."""
    said = [json.loads(body) for body in bodies]
    for event in said:
        assert re.fullmatch(r"[0-9a-f-]{36}", event["id"])
        assert event["version"] == "0"
        assert event["region"] == HOME
        assert datetime.datetime.fromisoformat(event["time"])
    return sorted(json.dumps([event["source"], event["detail-type"], event["resources"], event["detail"]], sort_keys=True) for event in said)


def expected(events):
    return sorted(json.dumps(event, sort_keys=True) for event in events)


def test_events_of_ours_come_whole_and_no_others(bridge):
    ours = [event[:4] for event in OURS]
    bridge.put(*OTHERS)
    bridge.put(*ours)
    bridge.put(*OTHERS)
    assert told(bridge.drain()) == expected(ours)


def test_what_the_embedded_aws_tells_would_come_by_the_rules(bridge, installation):
    installation.back_up("tvshows")
    name = re.sub(r"\W", "-", f"manual-{bridge.peer.endpoint}")
    rds = installation.cloud.client("rds", HOME)
    rds.create_db_snapshot(DBInstanceIdentifier="tvshows", DBSnapshotIdentifier=re.sub("-+", "-", name))
    sqs = installation.cloud.client("sqs", HOME)
    queue = sqs.get_queue_url(QueueName=installation.stacks["source", HOME].outputs["QueueName"])["QueueUrl"]
    kinds, events = set(), []

    def look():
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            kinds.add((event["detail-type"], event["detail"].get("state", event["detail"].get("status"))))
            events.append([event["source"], event["detail-type"], event["resources"], event["detail"]])
        return kinds >= {
            ("Backup Job State Change", "COMPLETED"),
            ("Recovery Point State Change", "COMPLETED"),
            ("RDS DB Snapshot Event", None),
        }

    wait_for("a backup and a snapshot are told", look, 60)
    for start in range(0, len(events), 10):
        bridge.put(*events[start : start + 10])
    assert told(bridge.drain()) == expected(events)


class Listener(Server):
    """The server on the embedded AWS, with its queue in another's."""

    def __init__(self, folder, installation, bridge):
        super().__init__(folder)
        self.installation, self.bridge = installation, bridge

    def command(self, port):
        return [BINARY, "serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{port}"]

    def variables(self):
        text = self.installation.configuration(reconcile_every="1h")
        own = self.installation.stacks["source", HOME].outputs["QueueName"]
        assert f'url_or_name = "{own}"' in text
        text = text.replace(f'url_or_name = "{own}"', f'url_or_name = "{self.bridge.queue}"')
        token = f'[[tokens]]\nname = "tests"\nrole = "viewer"\nsha256 = "{hashlib.sha256(b"token").hexdigest()}"\n'
        return (
            self.installation.credentials(None)
            | {"AWS_ENDPOINT_URL_SQS": self.bridge.peer.endpoint, "DATA_RESTORE_CONFIG_TEXT": f"{token}\n{text}"}
        )  # fmt: skip

    def counted(self):
        """Events received, by kind."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
            found = re.findall(r'^data_restore_events_total\{kind="(\w+)"\} (\d+)', answer.read().decode(), re.MULTILINE)
        return {kind: int(count) for kind, count in found}


def test_the_product_reads_what_comes(bridge, installation, tmp_path):
    assert ACCOUNT == installation.own_account
    server = Listener(tmp_path, installation, bridge)
    try:
        server.start()
        bridge.put(*OTHERS, *(event[:4] for event in OURS[:5]))
        bridge.put(OURS[5][:4])
        counted = wait_for("every event is received", lambda: (counts := server.counted()) and sum(counts.values()) >= len(OURS) and counts, 60)
    finally:
        server.stop()
    kinds = [event[4] for event in OURS]
    # What is known for what it is, and of a time that a pass has seen by then, counts as late.
    late = counted.pop("late", 0)
    assert not (late and bridge.tells_time)
    assert counted.keys() <= set(kinds), "none is malformed, unknown or a duplicate"
    assert all(counted.get(kind, 0) <= kinds.count(kind) for kind in kinds)
    assert sum(counted.values()) + late == len(kinds)
