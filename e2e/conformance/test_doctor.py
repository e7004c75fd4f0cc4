"""`data-restore doctor` on an installation that is as the templates make it, and with one thing after another broken on purpose."""

import contextlib
import datetime
import http.client
import http.server
import json
import subprocess
import threading
import urllib.parse

import pytest

from installation import ACCOUNT, COPY_READER, DOCTOR, HOME, REGIONS
from product import BINARY, CommandLine, environment

REPLICA = REGIONS[1]


@pytest.fixture
def doctor(installation, service, tmp_path):
    """Runs it, with the configuration of the service or another."""

    def run(role=DOCTOR, settings=None, **variables):
        variables = {"DATA_RESTORE_CONFIG_TEXT": installation.configuration(**(settings or {}))} | variables
        return installation.command_line(tmp_path, role).run("doctor", **variables)

    return run


def errors(answer):
    """(check, subject) of every error."""
    return {(finding["check"], finding["subject"]) for finding in answer.document["findings"] if finding["severity"] == "error"}


def bucket(installation, region):
    return installation.stacks["copies", region].outputs["BucketName"]


def test_what_the_templates_make_is_healthy(doctor):
    answer = doctor()
    assert answer.code == 0, answer
    assert answer.document["healthy"] is True
    assert [finding for finding in answer.document["findings"] if finding["severity"] != "note"] == []
    assert answer.document["examined_as"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{DOCTOR}/local"
    checked = {entry["check"] for entry in answer.document["checked"]}
    assert checked >= {
        "bucket", "bucket_encryption", "bucket_versioning", "clock", "control_table", "credentials", "databases", "dead_letters",
        "export_role", "exports", "key", "lifecycle_rule", "object_lock", "public_access", "queue", "queue_policy", "recovery_points", "replication_of_kms_objects",
        "replication_rule", "vault",
    }  # fmt: skip
    keys = [entry["subject"] for entry in answer.document["checked"] if entry["check"] == "key"]
    assert {subject.rsplit("(", 1)[1] for subject in keys} == {f"{region})" for region in REGIONS}


def test_it_says_the_same_in_words(installation, service, tmp_path):
    broken = installation.configuration(kms_key_id="alias/none")
    variables = installation.credentials(DOCTOR) | {"DATA_RESTORE_CONFIG_TEXT": broken}
    said = subprocess.run(
        [BINARY, "doctor"], env=environment(tmp_path, **variables), capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 1
    assert f"error: alias/none ({HOME}) [key]" in said.stdout
    assert "Do: Make it by the stack infra/cloudformation/copies.yaml" in said.stdout
    assert "1 error, 0 warnings" in said.stdout


@contextlib.contextmanager
def without(change, restore):
    change()
    try:
        yield
    finally:
        restore()


def broken(installation):
    """Each: what breaks it, what mends it, and the check that has to see it."""
    s3 = {region: installation.cloud.client("s3", region) for region in REGIONS}
    kms = installation.cloud.client("kms", REPLICA)
    sqs = installation.cloud.client("sqs", HOME)
    home, replica = bucket(installation, HOME), bucket(installation, REPLICA)
    rules = s3[HOME].get_bucket_replication(Bucket=home)["ReplicationConfiguration"]
    block = s3[REPLICA].get_public_access_block(Bucket=replica)["PublicAccessBlockConfiguration"]
    iam = installation.cloud.client("iam", HOME)
    role = installation.stacks["source", HOME].outputs["ExportRoleArn"]
    role_name = role.rsplit("/", 1)[1]
    trust = iam.get_role(RoleName=role_name)["Role"]["AssumeRolePolicyDocument"]
    url = sqs.get_queue_url(QueueName="data-restore-events")["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    key = kms.describe_key(KeyId="alias/data-restore")["KeyMetadata"]["Arn"]
    to_replica = f"s3://{home} ({HOME}) → s3://{replica} ({REPLICA})"

    def replicate(change):
        changed = json.loads(json.dumps(rules))
        for rule in changed["Rules"]:
            if rule["Destination"]["Bucket"].endswith(replica):
                change(rule)
        return lambda: s3[HOME].put_bucket_replication(Bucket=home, ReplicationConfiguration=changed)

    mend_rules = replicate(lambda rule: None)
    yield (
        lambda: s3[HOME].delete_bucket_replication(Bucket=home),
        mend_rules,
        {("replication_rule", f"s3://{home} ({HOME}) → s3://{bucket(installation, region)} ({region})") for region in REGIONS[1:]},
    )
    yield replicate(lambda rule: rule.update(Status="Disabled")), mend_rules, {("replication_rule", to_replica)}
    yield replicate(lambda rule: rule.update(Filter={"Prefix": "other/"})), mend_rules, {("replication_rule", to_replica)}
    yield replicate(lambda rule: rule.pop("SourceSelectionCriteria")), mend_rules, {("replication_of_kms_objects", to_replica)}
    yield (
        lambda: s3[REPLICA].put_public_access_block(Bucket=replica, PublicAccessBlockConfiguration=block | {"BlockPublicPolicy": False}),
        lambda: s3[REPLICA].put_public_access_block(Bucket=replica, PublicAccessBlockConfiguration=block),
        {("public_access", f"s3://{replica} ({REPLICA})")},
    )
    lifecycle = s3[REPLICA].get_bucket_lifecycle_configuration(Bucket=replica)["Rules"]
    yield (
        lambda: s3[REPLICA].delete_bucket_lifecycle(Bucket=replica),
        lambda: s3[REPLICA].put_bucket_lifecycle_configuration(Bucket=replica, LifecycleConfiguration={"Rules": lifecycle}),
        {("lifecycle_rule", f"s3://{replica} ({REPLICA})")},
    )
    yield (
        lambda: kms.disable_key(KeyId=key),
        lambda: kms.enable_key(KeyId=key),
        {("key", subject) for subject in key_subjects(installation, REPLICA, key)},
    )
    yield (
        lambda: iam.update_assume_role_policy(
            RoleName=role_name, PolicyDocument=json.dumps(trust).replace("export.rds.amazonaws.com", "rds.amazonaws.com")
        ),
        lambda: iam.update_assume_role_policy(RoleName=role_name, PolicyDocument=json.dumps(trust)),
        {("export_role", role)},
    )
    yield (
        lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""}),
        lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy}),
        {("queue_policy", f"queue data-restore-events ({HOME})")},
    )


def key_subjects(installation, region, arn):
    """The names by which a Region's key is used: the bucket's default, and the replicas' alias."""
    alias = installation.stacks["copies", region].outputs["KeyAlias"]
    return {f"{arn} ({region})", f"arn:aws:kms:{region}:{ACCOUNT}:{alias} ({region})"}


def test_what_is_broken_is_found_with_its_subject_and_a_fix(installation, doctor):
    for change, mend, expected in broken(installation):
        with without(change, mend):
            answer = doctor()
            assert answer.code == 1, answer
            assert errors(answer) == expected
            for finding in answer.document["findings"]:
                assert len(finding["cause"]) > 10 and len(finding["fix"]) > 10, finding
    assert doctor().code == 0, "everything is mended"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"kms_key_id": "alias/none"}, "key"),
        ({"export_role_arn": "arn:aws:iam::{account}:role/none"}, "export_role"),
    ],
)
def test_what_is_configured_wrongly_is_found(doctor, settings, expected):
    answer = doctor(settings=settings)
    assert answer.code == 1, answer
    assert expected in {check for check, _ in errors(answer)}


def test_credentials_of_another_account_are_found(installation, doctor):
    elsewhere = installation.configuration().replace(ACCOUNT, "444455556666")
    answer = doctor(DATA_RESTORE_CONFIG_TEXT=elsewhere)
    assert answer.code == 1, answer
    assert "credentials" in {check for check, _ in errors(answer)}


def test_a_bucket_that_is_not_there_or_elsewhere_is_found(installation, doctor):
    text = installation.configuration()
    gone = text.replace(bucket(installation, REPLICA), "no-such-bucket-anywhere")
    assert ("bucket", f"s3://no-such-bucket-anywhere ({REPLICA})") in errors(doctor(DATA_RESTORE_CONFIG_TEXT=gone))
    elsewhere = text.replace(bucket(installation, REPLICA), bucket(installation, REGIONS[2]))
    assert ("bucket", f"s3://{bucket(installation, REGIONS[2])} ({REPLICA})") in errors(doctor(DATA_RESTORE_CONFIG_TEXT=elsewhere))


def test_what_lies_elsewhere_by_name_is_found(installation, doctor):
    text = installation.configuration()
    for old, new, check in [
        ('name = "hourly"', 'name = "daily"', "vault"),
        ('url_or_name = "data-restore-events"', 'url_or_name = "no-events"', "queue"),
        ('control_table = "data-restore"', 'control_table = "not-there"', None),
    ]:
        assert old in text
        answer = doctor(DATA_RESTORE_CONFIG_TEXT=text.replace(old, new))
        if check:
            assert check in {found for found, _ in errors(answer)}, answer
        else:
            assert answer.code == 0, "a control table that the server would make is a warning"
            assert [finding["check"] for finding in answer.document["findings"] if finding["severity"] == "warning"] == ["control_table"]


def test_wrong_credentials_end_the_examination(doctor):
    answer = doctor(AWS_ACCESS_KEY_ID="AKIAUNKNOWNUNKNOWN00")
    assert answer.code == 1
    assert {check for check, _ in errors(answer)} == {"credentials"}
    assert answer.document["examined_as"] is None


class Skewed(http.server.BaseHTTPRequestHandler):
    """Passes everything on, and answers with another time."""

    endpoint = None
    ahead = datetime.timedelta()

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.endpoint).netloc, timeout=30)
        # The Host that was signed goes on with the rest.
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("date", "content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        when = datetime.datetime.now(datetime.UTC) - self.ahead
        self.send_header("Date", when.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("minutes", "severity"), [(2, "warning"), (9, "error"), (-9, "error")])
def test_a_clock_that_is_off_is_found(installation, doctor, minutes, severity):
    handler = type("Handler", (Skewed,), {"endpoint": installation.cloud.endpoint, "ahead": datetime.timedelta(minutes=minutes)})
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        answer = doctor(AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.server_address[1]}")
    finally:
        proxy.shutdown()
    (finding,) = [finding for finding in answer.document["findings"] if finding["check"] == "clock"]
    assert finding["severity"] == severity, finding
    assert ("ahead of" if minutes > 0 else "behind") in finding["cause"]
    assert answer.code == (1 if severity == "error" else 0)


def test_nothing_is_changed_by_it(installation, doctor):
    before = installation.calls.read_text().count("\n")
    doctor(role=COPY_READER)
    made = [json.loads(line) for line in installation.calls.read_text().splitlines()[before:]]
    ours = {call["operation"] for call in made if call["role"] == COPY_READER}
    assert ours and all(operation.startswith(("Get", "Head", "List", "Describe")) for operation in ours), ours


def test_without_a_configuration_it_says_so(installation, tmp_path):
    answer = CommandLine(tmp_path, **installation.credentials(DOCTOR)).run("doctor")
    assert answer.code == 1
    assert answer.document["error"]["code"] == "not_configured"
