"""`data-restore local-aws`: the embedded AWS for people who want nothing but that."""

import json
import subprocess

import pytest

from exports import create_bucket
from ports import free_port, listens
from product import BINARY, Cloud, environment
from waiting import wait_for


class Alone:
    """The process and its folder."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def start(self):
        port = free_port()
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "local-aws", "--data-dir", self.folder / "data", "--listen", f"127.0.0.1:{port}"],
                env=environment(self.folder / "home"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        def look():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            return listens(port) and (self.folder / "data/local-aws.json").exists()

        wait_for("the embedded AWS listens", look, 60)
        return Cloud(json.loads((self.folder / "data/local-aws.json").read_text()))

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


@pytest.fixture
def alone(tmp_path):
    alone = Alone(tmp_path)
    yield alone
    if alone.process and alone.process.poll() is None:
        alone.process.kill()
        alone.process.wait()


def test_it_keeps_what_it_was_given(alone):
    cloud = alone.start()
    for region in cloud.regions:
        s3 = cloud.client("s3", region)
        create_bucket(s3, f"kept-in-{region}", region)
        s3.put_object(Bucket=f"kept-in-{region}", Key="a/key", Body=region.encode())
        dynamodb = cloud.client("dynamodb", region)
        dynamodb.create_table(
            TableName="kept",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName="kept")
        dynamodb.put_item(TableName="kept", Item={"id": {"S": region}})
    assert alone.stop() == 0, "asked to end, it ends well"

    cloud = alone.start()
    for region in cloud.regions:
        kept = cloud.client("s3", region).get_object(Bucket=f"kept-in-{region}", Key="a/key")["Body"].read()
        assert kept == region.encode()
        items = cloud.client("dynamodb", region).scan(TableName="kept")["Items"]
        assert items == [{"id": {"S": region}}], "each Region has a table of its own"
