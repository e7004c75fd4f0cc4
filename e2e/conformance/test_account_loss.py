"""The first account is lost, with its server, its control table, its vault and its buckets. A server with nothing but the second
account's credentials lists the copies there, verifies them, and restores them."""

import botocore.exceptions
import pytest

from permissions import read_calls
from product import CommandLine, HttpError, items_of, uri
from two_accounts import (
    BUCKETS,
    EXPORT_COPIES,
    FIRST,
    HOME,
    IRELAND,
    PREFIX,
    ROLE,
    SECOND,
    VAULT,
    WEST,
    AccountServer,
    TwoAccounts,
    configuration,
)
from waiting import wait_for

BUCKET = BUCKETS[IRELAND][0]
TABLE = "tvshows.shows"


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """The embedded AWS with databases in the first account."""
    aws = TwoAccounts(tmp_path_factory.mktemp("two-accounts"))
    try:
        aws.start([FIRST, SECOND], "--databases")
        aws.prepare()
        yield aws
    finally:
        aws.stop()


@pytest.fixture(scope="module")
def lost(aws, tmp_path_factory):
    """What the first account's server knew of each database's recovery point, before the account was lost."""
    settings = configuration([HOME, WEST, IRELAND], [FIRST, SECOND], (HOME, FIRST), ROLE)
    server = AccountServer(aws, tmp_path_factory.mktemp("first"), FIRST, settings)
    try:
        server.start()
        for database in ("tvshows", "securecart"):
            aws.back_up(database)

        def verified():
            points = {point["source"]: point for point in server.recovery_points()}
            return points if len(points) == 2 and all(point["state"] == "verified" for point in points.values()) else None

        points = wait_for("both exports are verified in both accounts", verified, 300)
        known = {source: server.get(f"/recovery-points/{point['id']}") for source, point in points.items()}
        known["copied"] = aws.copy_recovery_point(known["securecart"]["arn"])
    finally:
        server.stop()
    server.lose()
    aws.stop()
    # The account is closed: its keys open nothing any more, and the role that trusted it lends nothing.
    aws.start([SECOND], "--record-calls", aws.folder / "calls.jsonl")
    return known


@pytest.fixture(scope="module")
def missing(aws, lost):
    """An object that the second account's copy of securecart lacks by now."""
    s3 = aws.client("s3", IRELAND, SECOND)
    prefix = f"{PREFIX}/{lost['securecart']['id']}/"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    key = next(entry["Key"] for entry in listed if entry["Key"].endswith(".parquet"))
    s3.delete_object(Bucket=BUCKET, Key=key)
    return key.removeprefix(prefix)


@pytest.fixture(scope="module")
def survivor(aws, lost, missing, tmp_path_factory):
    """A server of the second account: its credentials, its bucket, its vault, and a control table that is not there yet."""
    settings = configuration([IRELAND], [SECOND], (IRELAND, SECOND), EXPORT_COPIES)
    server = AccountServer(aws, tmp_path_factory.mktemp("second"), SECOND, settings)
    try:
        server.start()

        def looked_at():
            states = {point["id"]: point["state"] for point in server.recovery_points()}
            adopted = [states.get(lost[source]["id"]) for source in ("tvshows", "securecart")]
            return states if set(adopted) <= {"verified", "incomplete"} else None

        wait_for("both copies are listed and looked at", looked_at, 120)
        yield server
    finally:
        server.stop()


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_nothing_of_the_first_account_can_be_reached(aws, lost):
    bucket = BUCKETS[HOME][0]
    assert refused(aws.client("s3", HOME, FIRST).list_objects_v2, Bucket=bucket) == "InvalidAccessKeyId"
    assert refused(aws.client("dynamodb", HOME, FIRST).list_tables) == "UnrecognizedClientException"
    assert refused(aws.client("s3", HOME, SECOND).list_objects_v2, Bucket=bucket) == "AccessDenied"


def test_replicas_belong_to_the_second_account(aws, lost):
    listed = aws.client("s3", IRELAND, SECOND).list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/", FetchOwner=True)["Contents"]
    assert {entry["Owner"]["ID"] for entry in listed} == {SECOND}


def test_the_copies_are_listed_with_what_was_known_of_them(survivor, lost):
    before = lost["tvshows"]
    point = survivor.get(f"/recovery-points/{before['id']}")
    for member in ("arn", "vault", "region", "account", "created_at", "expires_at"):
        assert point[member] == before[member], member
    assert point["adopted_at"] and not before["adopted_at"]
    (copy,) = point["copies"]
    assert (copy["region"], copy["account"], copy["bucket"]) == (IRELAND, SECOND, BUCKET)
    assert copy["verdict"] == "Verified" and not copy["is_export"], copy
    rows = {table["name"]: table["rows"] for table in point["tables"]}
    assert rows == {table["name"]: table["rows"] for table in before["tables"]}
    assert all(step["status"] == "done" for step in point["steps"]), point["steps"]
    (source,) = [source for source in survivor.get("/sources")["items"] if source["id"] == f"tvshows.{HOME}.{FIRST}"]
    assert (source["account"], source["region"], source["expected"]) == (FIRST, HOME, [])


def test_a_copy_is_verified_again_with_evidence_of_its_own(survivor, lost):
    point = survivor.post(f"/recovery-points/{lost['tvshows']['id']}/verify")
    (copy,) = point["copies"]
    assert copy["verdict"] == "Verified" and "against the evidence of" in copy["evidence"]["basis"], copy
    evidence = survivor.get(f"/recovery-points/{point['id']}/copies/{IRELAND}/evidence")
    assert evidence["sha256"] == copy["manifest"]["sha256"]
    # The next stranger can list it from this manifest as well.
    assert evidence["origin"]["arn"] == lost["tvshows"]["arn"]
    assert evidence["origin"]["export"]["bucket"] == BUCKETS[HOME][0]


def test_a_copy_is_restored_into_the_second_account_and_proven(aws, survivor, lost, tmp_path):
    before = lost["tvshows"]
    rows = next(table["rows"] for table in before["tables"] if table["name"] == TABLE)
    table = {"source": TABLE, "target": "survived", "partition": "id"}
    request = {"recovery_point": before["id"], "region": IRELAND, "target_region": IRELAND, "tables": [table]}
    plan = survivor.post("/plans", request)["plan"]
    run = survivor.ended(survivor.post("/restores", {"plan": plan})["run_id"])
    assert run["outcome"] == "proven", run["failure"]
    assert run["tables"][0]["digest_source"] == run["tables"][0]["digest_target"]
    assert len(items_of(aws.client("dynamodb", IRELAND, SECOND), "survived")) == rows > 100_000

    # Nobody has to believe the server: the command line proves the same with the account's own key.
    (copy,) = survivor.get(f"/recovery-points/{before['id']}")["copies"]
    cli = CommandLine(tmp_path, **aws.credentials(SECOND))
    place = (uri(copy), "--region", IRELAND, "--target-region", IRELAND)
    cli.done("plan", *place, "--table", f"{TABLE}=survived:id", "--existing", "only-missing", "--out", tmp_path / "plan.json")
    assert cli.done("prove", "--plan", tmp_path / "plan.json")["proven"]


def test_a_copy_that_lacks_an_object_is_told_and_not_restored(survivor, lost, missing):
    before = lost["securecart"]
    point = survivor.get(f"/recovery-points/{before['id']}")
    assert point["state"] == "incomplete"
    (copy,) = point["copies"]
    assert copy["verdict"] == "Incomplete" and copy["missing"] == [missing], copy
    table = {"source": "securecart.customers", "target": "never", "partition": "id"}
    request = {"recovery_point": before["id"], "region": IRELAND, "target_region": IRELAND, "tables": [table]}
    for path in ("/plans", "/restores"):
        with pytest.raises(HttpError, match="only verified copies are restored"):
            survivor.post(path, request)


def test_the_pages_say_what_is_known_and_from_where(survivor, lost):
    whole = survivor.page(f"/recovery-points/{lost['tvshows']['id']}")
    assert "no vault that is looked at from here lists it" in whole, whole
    assert f"into bucket {BUCKETS[HOME][0]}, which is not among those of this server" in whole, whole
    lacking = survivor.page(f"/recovery-points/{lost['securecart']['id']}")
    assert "1 object missing" in lacking and "only verified copies are restored" in lacking, lacking
    listed = survivor.page("/recovery-points")
    assert f"tvshows.{HOME}.{FIRST}" in listed, listed


def test_a_recovery_point_that_aws_backup_copied_is_exported_by_the_second_account(survivor, lost):
    def exported():
        found = [point for point in survivor.recovery_points() if point["arn"] == lost["copied"]]
        return found[0] if found and found[0]["state"] == "verified" else None

    point = wait_for("the recovery point's copy is exported and verified", exported, 180)
    assert (point["account"], point["region"]) == (SECOND, IRELAND)
    assert point["copied_from"] == f"arn:aws:backup:{HOME}:{FIRST}:backup-vault:{VAULT}"
    assert point["adopted_at"] is None and point["copies"][0]["is_export"]
    rows = {table["name"]: table["rows"] for table in survivor.get(f"/recovery-points/{point['id']}")["tables"]}
    assert rows == {table["name"]: table["rows"] for table in lost["securecart"]["tables"]}


def test_the_lost_account_is_left_alone(aws, survivor):
    calls = read_calls(aws.folder / "calls.jsonl")
    assert {call["account"] for call in calls} == {SECOND}
    assert {call["region"] for call in calls if call["service"] in {"backup", "rds"}} == {IRELAND}
    of_others = [call for call in calls if BUCKETS[HOME][0] in call["resource"] or BUCKETS[WEST][0] in call["resource"]]
    assert len(of_others) <= 1, "what this file itself has tried"
