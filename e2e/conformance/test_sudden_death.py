"""`kill -9` at the worst moment: the next process goes on from what is recorded, and the proof holds."""

import json
import random
import subprocess
import time

import pytest

import exports
from product import BINARY, CommandLine, HttpError, Server, environment, items_of
from waiting import wait_for

ROWS_AT_LEAST = 100_000
DEATHS = 50


@pytest.fixture
def mortal(tmp_path):
    """A server of its own, since it will be killed."""
    server = Server(tmp_path, "--backup-every", "1h", "--history-hours", "3")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.mark.parametrize("way", ["write", "import"])
def test_a_restore_survives(mortal, way):
    region = mortal.cloud.regions[1]
    s3 = mortal.cloud.client("s3", region)
    s3.create_bucket(Bucket="survivors-work", CreateBucketConfiguration={"LocationConstraint": region})
    work = {"bucket": "survivors-work", "prefix": "restores"}
    point, _ = wait_for("a copy is verified", lambda: mortal.restorable(region, "tvshows"), 300)
    rows = next(table["rows"] for table in point["tables"] if table["name"] == "tvshows.shows")
    assert rows >= ROWS_AT_LEAST
    run = mortal.post(
        "/restores",
        {
            "recovery_point": point["id"],
            "region": region,
            "target_region": region,
            "tables": [
                {
                    "source": "tvshows.shows",
                    "target": "survivors",
                    "partition": "id",
                    "way": {"by": way} | (work if way == "import" else {}),
                }
            ],
        },
    )
    path = f"/restores/{run['run_id']}"

    def in_the_middle():
        run = mortal.get(path)
        assert run["outcome"] is None, f"too fast to be killed in the middle: {run}"
        return run["tables"][0]["items_written" if way == "write" else "rows_read"] > rows // 20

    wait_for("the restore is in the middle", in_the_middle, 120, every=0.05)
    mortal.kill()
    mortal.start()

    run = mortal.ended(run["run_id"])
    assert run["outcome"] == "proven", run["failure"]
    assert run["resumed"] >= 1
    (table,) = run["tables"]
    assert table["digest_source"] == table["digest_target"]
    assert table["items_written"] == rows
    assert len(items_of(mortal.cloud.client("dynamodb", region), "survivors")) == rows
    assert "Contents" not in s3.list_objects_v2(Bucket="survivors-work"), "an import leaves no objects behind"


def test_a_wait_for_a_thaw_survives(mortal):
    region = mortal.cloud.regions[1]
    point, copy = wait_for("a copy is verified", lambda: mortal.restorable(region, "securecart"), 300)
    s3 = mortal.cloud.client("s3", region)
    for entry in s3.list_objects_v2(Bucket=copy["bucket"], Prefix=f"{copy['prefix']}/")["Contents"]:
        s3.copy_object(
            Bucket=copy["bucket"], Key=entry["Key"], CopySource={"Bucket": copy["bucket"], "Key": entry["Key"]},
            StorageClass="DEEP_ARCHIVE", MetadataDirective="REPLACE",
        )  # fmt: skip
    mortal.post(f"/recovery-points/{point['id']}/verify")
    table = {"source": "securecart.customers", "target": "thawed-customers", "partition": "id"}
    request = {"recovery_point": point["id"], "region": region, "target_region": region, "tables": [table]}
    planned = mortal.post("/plans", request)
    (finding,) = planned["preflight"]["findings"]
    offers = [choice for choice in finding["choices"] if choice["change"] == "agree_to_thaw"]
    assert planned["plan"] is None and finding["code"] == "needs_thaw"
    assert [(offer["tier"], offer["takes"]) for offer in offers] == [("standard", "12 hours"), ("bulk", "48 hours")]
    assert all(offer["cost"] is not None and offer["as_of"] for offer in offers)
    with pytest.raises(HttpError) as refused:
        mortal.post("/restores", request)
    assert refused.value.status == 422 and refused.value.problem["findings"][0]["code"] == "needs_thaw"

    run = mortal.post("/restores", request | {"thaw": {"tier": "bulk", "days": 1}, "reason": "the last copy"})["run_id"]
    path = f"/restores/{run}"

    def waits():
        thaw = mortal.get(path)["thaw"]
        return thaw if thaw["asked_at"] else None

    thaw = wait_for("S3 was asked", waits, 60)
    assert thaw["expected_by"] and thaw["readable"] == 0 and mortal.get(path)["phase"] == "thawing"
    mortal.kill()
    mortal.start()
    run = mortal.ended(run)
    assert run["outcome"] == "proven", run["failure"]
    assert run["thaw"]["over_at"] and run["plan_digest"]
    assert [phase["phase"] for phase in run["phases"]][:3] == ["queued", "thawing", "checking"]
    rows = next(table["rows"] for table in point["tables"] if table["name"] == "securecart.customers")
    assert len(items_of(mortal.cloud.client("dynamodb", region), "thawed-customers")) == rows
    asked = [entry for entry in mortal.get("/audit?limit=100")["items"] if entry["permission"] == "thaw"]
    assert {entry["actor"]["via"] for entry in asked} == {"worker"} and "bulk" in asked[0]["detail"]


def test_a_pause_survives(mortal, tmp_path):
    region = mortal.cloud.regions[1]
    point, _ = wait_for("a copy is verified", lambda: mortal.restorable(region, "tvshows"), 300)
    table = {"source": "tvshows.shows", "target": "resting", "partition": "id"}
    request = {"recovery_point": point["id"], "region": region, "target_region": region, "tables": [table]}
    run = mortal.post("/restores", request)["run_id"]
    cli = CommandLine(tmp_path, DATA_RESTORE_TOKEN=mortal.demo["operator_token"])
    cli.done("pause", run, "--server", mortal.url)

    def rests():
        run_now = mortal.get(f"/restores/{run}")
        return run_now if run_now["pause"] == "paused" else None

    before = wait_for("the restore rests", rests, 60)
    mortal.kill()
    mortal.start()
    time.sleep(5)
    assert mortal.get(f"/restores/{run}") == before, "nobody works on it"
    cli.done("resume", run, "--server", mortal.url)
    ended = mortal.ended(run)
    assert ended["outcome"] == "proven", ended["failure"]
    answer = cli.run("resume", run, "--server", mortal.url)
    assert answer.code == 1 and "ended" in answer.error, answer
    actions = [(entry["permission"], entry["phase"]) for entry in mortal.get(f"/audit?subject={run}")["items"]]
    assert actions.count(("pause", "succeeded")) == 2


def test_an_export_survives(mortal):
    home = mortal.cloud.regions[0]
    before = {point["id"] for point in mortal.recovery_points("tvshows")}
    known = next(mortal.recovery_points("tvshows"))
    source = next(source for source in mortal.get("/sources")["items"] if source["id"] == "tvshows")
    backup = mortal.cloud.client("backup", home)
    backup.start_backup_job(
        BackupVaultName=known["vault"],
        ResourceArn=source["arn"],
        IamRoleArn=f"arn:aws:iam::{source['account']}:role/service-role/AWSBackupDefaultServiceRole",
    )

    def exporting():
        new = [point for point in mortal.recovery_points("tvshows") if point["id"] not in before]
        assert all(point["state"] in {"creating", "awaiting_export", "exporting"} for point in new), new
        return next((point for point in new if point["state"] == "exporting"), None)

    point = wait_for("the new recovery point is being exported", exporting, 120, every=0.05)
    mortal.kill()
    mortal.start()

    path = f"/recovery-points/{point['id']}"

    # The demo's history ends with replication to one Region held back for a while; the others go on.
    reached = mortal.cloud.regions[:2]

    def verified():
        found = mortal.get(path)
        verdicts = {copy["region"]: copy["verdict"] for copy in found["copies"]}
        return found if all(verdicts.get(region) == "Verified" for region in reached) else None

    point = wait_for(f"the export is finished and its copies in {reached} are verified", verified, 300)
    assert {copy["region"] for copy in point["copies"]} == set(mortal.cloud.regions)
    tasks = mortal.cloud.client("rds", home).describe_export_tasks(SourceArn=point["arn"])["ExportTasks"]
    assert [task["Status"] for task in tasks].count("COMPLETE") == 1, "one recovery point is exported once"
    (shows,) = (table for table in point["tables"] if table["name"] == "tvshows.shows")
    assert shows["rows"] >= ROWS_AT_LEAST


def test_a_restore_survives_fifty_deaths_at_random_moments(cloud, tmp_path):
    region = cloud.regions[0]
    s3, dynamodb = cloud.client("s3", region), cloud.client("dynamodb", region)
    exports.create_bucket(s3, "deaths", region)
    exports.put(s3, "deaths", exports.LABEL, exports.objects())
    cli = cloud.command_line(tmp_path)
    source = f"s3://deaths/{exports.LABEL}"

    def plan(target):
        made = tmp_path / f"{target}.json"
        table = f"shop.orders={target}:id"
        cli.done("plan", source, "--region", region, "--target-region", region, "--table", table, "--out", made)
        return "restore", "--plan", made, "--state-dir", tmp_path / "state"

    def check(run, target):
        assert run["outcome"] == "proven", run
        assert run["tables"][0]["items_written"] == exports.ROWS
        assert len(items_of(dynamodb, target)) == exports.ROWS

    began = time.monotonic()
    check(cli.done(*plan("undisturbed")), "undisturbed")
    undisturbed = time.monotonic() - began

    dice, deaths, attempt = random.Random(50), 0, 0
    while deaths < DEATHS:
        attempt += 1
        target = f"mortal_{attempt}"
        command = plan(target)
        # At most ten times each, so that the proof of many runs is seen and each death falls into another state.
        for _ in range(10):
            with open(tmp_path / "answer.json", "wb") as answer:
                process = subprocess.Popen(
                    [BINARY, *map(str, command), "--json"],
                    cwd=tmp_path,
                    env=environment(tmp_path / "home", **cli.variables),
                    stdin=subprocess.DEVNULL,
                    stdout=answer,
                    stderr=subprocess.DEVNULL,
                )
                try:
                    process.wait(timeout=dice.uniform(0, 1.1 * undisturbed))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    deaths += 1
            # One that was killed after it had told its end is not asked again.
            if told := (tmp_path / "answer.json").read_text():
                run = json.loads(told)
                break
        else:
            run = cli.done(*command)
        check(run, target)
