"""The runbook of docs/OPERATIONS.md, run as it is written: what it says cannot go stale."""

import datetime
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from product import BINARY, Server, environment, items_of
from waiting import wait_for

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "OPERATIONS.md"
LOST, REACHED = "us-west-2", "eu-west-1"
SOURCE, TABLE = "securecart", "securecart.customers"

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the runbook takes curl and jq")


def blocks(title):
    """The commands of one part of the runbook, in order."""
    runbook = DOCUMENT.read_text().split("\n## Runbook\n")[1].split("\n## ")[0]
    first, *parts = runbook.split("\n### ")
    part = next(part for part in parts if part.startswith(f"{title}\n"))
    found = [re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for text in (first, part)]
    assert len(found[0]) == 1 and found[1], f"the runbook says nothing of {title}"
    return found[0][0], found[1]


class Operator:
    """Somebody who types what the runbook says, in one shell."""

    def __init__(self, server, folder, title):
        self.server, self.folder = server, folder
        self.always, self.blocks = blocks(title)
        commands = folder / "bin"
        commands.mkdir()
        (commands / "data-restore").symlink_to(BINARY.resolve())
        self.path = f"{commands}:{os.environ['PATH']}"

    def types(self, blocks, **names):
        """Runs blocks with the names that the runbook says before them; what they printed."""
        script = "\n".join([self.always, *blocks])
        variables = {
            "DATA_RESTORE_SERVER": self.server.url,
            "DATA_RESTORE_TOKEN": self.server.demo["operator_token"],
            "PATH": self.path,
        }
        completed = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment(self.folder / "home") | self.server.cloud.credentials() | variables | names,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert completed.returncode == 0, f"{script}\n--- {completed.returncode}\n{completed.stdout}\n{completed.stderr}"
        return completed.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of this file's own: it loses things."""
    server = Server(tmp_path_factory.mktemp("runbook"), "--history-hours", "6")
    try:
        yield server.start()
    finally:
        server.stop()


def verified(server):
    """The recovery points all of whose copies are verified, newest first."""
    return [point for point in server.recovery_points(SOURCE) if point["state"] == "verified"]


def rows_of(server, region, table):
    return {item["id"]["N"]: item for item in items_of(server.cloud.client("dynamodb", region), table)}


def test_wrong_code(server, tmp_path):
    newest = wait_for("copies are verified", lambda: next(iter(verified(server)), None), 300)
    point = server.get(f"/recovery-points/{newest['id']}")
    operator = Operator(server, tmp_path, "Wrong code")
    find, aside, put_back, as_before = operator.blocks
    made = datetime.datetime.fromisoformat(point["created_at"])
    names = {
        "SOURCE": SOURCE, "TABLE": TABLE, "KEY": "id", "TARGET": "customers", "TARGET_REGION": REACHED,
        "WRONG_SINCE": f"{made + datetime.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    operator.types([find, aside], **names)
    rows = rows_of(server, REACHED, "customers-before")
    assert len(rows) == next(table["rows"] for table in point["tables"] if table["name"] == TABLE)
    # The table as it was, and then the release.
    operator.types([find, aside.replace("$TARGET-before", "$TARGET")], **names)
    dynamodb = server.cloud.client("dynamodb", REACHED)
    gone, changed = sorted(rows)[:2]
    dynamodb.delete_item(TableName="customers", Key={"id": {"N": gone}})
    dynamodb.put_item(TableName="customers", Item={"id": {"N": changed}, "wrong": {"BOOL": True}})
    dynamodb.put_item(TableName="customers", Item={"id": {"N": "-7"}, "new": {"BOOL": True}})
    operator.types([find, put_back], **names)
    after = rows_of(server, REACHED, "customers")
    assert after[gone] == rows[gone] and "wrong" in after[changed] and "-7" in after
    operator.types([find, as_before], **names)
    after = rows_of(server, REACHED, "customers")
    assert after.pop("-7") and after == rows


def configuration(server):
    """What the doctor and the policies look at: the embedded AWS's own names."""
    point, _ = server.restorable("us-east-1", SOURCE)
    account = server.cloud.accounts[0]["id"]
    buckets = "".join(
        f'[workflow.buckets.{copy["region"]}]\nname = "{copy["bucket"]}"\naccount = "{account}"\n' for copy in point["copies"]
    )
    return f"""
[workflow]
control_region = "us-east-1"
home_region = "us-east-1"
regions = {server.cloud.regions}
accounts = ["{account}"]
prefix = "exports"
export_role_arn = "arn:aws:iam::{{account}}:role/data-restore-export"
kms_key_id = "alias/data-restore"
[[workflow.vaults]]
region = "us-east-1"
account = "{account}"
name = "{point["vault"]}"
{buckets}"""


def test_wrong_infrastructure_change(server, tmp_path):
    wait_for("a copy is verified", lambda: server.restorable(LOST, SOURCE), 300)
    operator = Operator(server, tmp_path, "Wrong infrastructure change")
    (tmp_path / "data-restore.toml").write_text(configuration(server))
    look, lost, repair, again = operator.blocks
    # Somebody has emptied a folder of a bucket, and deleted the recovery point as well. The oldest: while S3 still replicates
    # to a third Region, an object that is gone here may be on its way.
    point = verified(server)[-1]
    copy = next(copy for copy in point["copies"] if copy["region"] == LOST)
    s3 = server.cloud.client("s3", LOST)
    for entry in s3.list_objects_v2(Bucket=copy["bucket"], Prefix=f"{copy['prefix']}/")["Contents"]:
        s3.delete_object(Bucket=copy["bucket"], Key=entry["Key"])
    server.cloud.client("backup").delete_recovery_point(BackupVaultName=point["vault"], RecoveryPointArn=point["arn"])
    wait_for("the deletion is seen", lambda: server.get(f"/recovery-points/{point['id']}")["state"] == "deleted", 120)
    assert "replication" in operator.types([look]), "the doctor looks at every rule"
    assert f"deleted {point['id']}" in operator.types([lost])
    repaired = operator.types([repair])
    assert f'"region":"{LOST}"' in repaired and '"refused":[],"failed":null' in repaired, repaired
    operator.types([again])
    verdicts = {copy["verdict"] for copy in server.get(f"/recovery-points/{point['id']}")["copies"]}
    assert verdicts == {"Verified"}, "its copies live on, whole"


def test_lost_region(server, tmp_path):
    _, copy = wait_for("a copy is verified", lambda: server.restorable(REACHED, SOURCE), 300)
    operator = Operator(server, tmp_path, "Lost Region")
    said, restored, alone = operator.blocks
    names = {"SOURCE": SOURCE, "TABLE": TABLE, "KEY": "id", "TARGET": "lost", "REGION": REACHED}
    cut_off = server.data / "cut-off"
    cut_off.mkdir(exist_ok=True)
    (cut_off / LOST).touch()
    assert f"{SOURCE} {REACHED} restorable from 20" in operator.types([said], **names)
    operator.types([restored], **names)
    rows = rows_of(server, REACHED, "lost")
    assert len(rows) > 100
    (cut_off / LOST).unlink()
    # The Region of the control table: no server answers, and none is asked.
    (cut_off / "us-east-1").touch()
    try:
        if not shutil.which("aws"):
            pytest.skip("the last part lists a bucket with the AWS CLI, which is not there")
        operator.types([alone], **names | {"BUCKET": copy["bucket"]})
        assert rows_of(server, REACHED, "lost-alone") == rows
    finally:
        (cut_off / "us-east-1").unlink()
