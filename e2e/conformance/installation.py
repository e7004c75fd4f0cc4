"""The product as it is deployed: what the templates of `infra/` say is made in the embedded AWS, and the server runs on it with
the role's own key and its configuration in the environment."""

import hashlib
import json
import pathlib
import secrets
import signal
import subprocess

from ports import free_port, listens
from product import BINARY, Cloud, CommandLine, Server, environment
from templates import Stack
from waiting import wait_for

ACCOUNT, OWN_ACCOUNT, EXTERNAL_ID = "111122223333", "444455556666", "unicorn"
REGIONS = ["us-east-1", "us-west-2", "eu-west-1"]
HOME = REGIONS[0]
DATABASES = ["tvshows", "securecart"]

# Who signs: the stacks' creator, and the roles of the templates.
TASK, COPY_READER, DOCTOR = "task", "data-restore-copy-reader", "data-restore-doctor"


class Installation:
    """An embedded AWS with the stacks of `infra/`, whose calls are recorded: all in one account, or the service, its control table and
    what it restores into in an account of their own."""

    def __init__(self, folder, own_account=ACCOUNT):
        self.folder = pathlib.Path(folder)
        self.calls = self.folder / "calls.jsonl"
        self.process = None
        self.own_account = own_account
        # The embedded AWS as the account of the databases sees it, and as the service's own does.
        self.cloud = self.own = None
        self.keys = {
            role: {"id": ACCOUNT, "access_key_id": f"AKIA{secrets.token_hex(8).upper()}", "secret_access_key": secrets.token_hex(20)}
            | ({"role": role} if role else {})
            for role in (None, TASK, COPY_READER, DOCTOR)
        }
        self.keys[TASK]["id"] = own_account
        self.keys["own"] = self.keys[None]
        if own_account != ACCOUNT:
            self.keys["own"] = {
                "id": own_account, "access_key_id": f"AKIA{secrets.token_hex(8).upper()}", "secret_access_key": secrets.token_hex(20)
            }  # fmt: skip
        self.stacks = {}

    def start(self):
        """Starts the embedded AWS and makes the stacks."""
        data, port = self.folder / "aws", free_port()
        data.mkdir(parents=True)
        accounts = [key for name, key in self.keys.items() if name != "own" or key is not self.keys[None]]
        description = {"endpoint": f"http://127.0.0.1:{port}", "regions": REGIONS, "accounts": accounts}
        (data / "local-aws.json").write_text(json.dumps(description))
        with open(self.folder / "aws.log", "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "local-aws", "--data-dir", data, "--listen", f"127.0.0.1:{port}", "--databases", "--record-calls", self.calls],
                cwd=self.folder,
                env=environment(self.folder / "home"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        def look():
            assert self.process.poll() is None, (self.folder / "aws.log").read_text(errors="replace")
            return listens(port)

        wait_for("the embedded AWS listens", look, 60)
        self.cloud = Cloud(description)
        self.own = Cloud(description | {"accounts": [self.keys["own"]]})
        for region in REGIONS:
            others = [other for other in REGIONS if region == HOME and other != HOME]
            replicas = {f"ReplicaRegion{number}": other for number, other in enumerate(others, 1)}
            self.stacks["copies", region] = Stack("copies", region, ACCOUNT, **replicas)
        self.stacks["source", HOME] = Stack("source", HOME, ACCOUNT)
        self.stacks["control-table", HOME] = Stack("control-table", HOME, self.own_account)
        if self.own_account != ACCOUNT:
            trusted = f"arn:aws:iam::{self.own_account}:role/{TASK}"
            self.stacks["account", HOME] = Stack("account", HOME, ACCOUNT, ServiceRoleArn=trusted, ExternalId=EXTERNAL_ID, ApplyPolicies="yes")
        # The replicas' Regions first, as infra/README.md has it.
        for (name, region), stack in sorted(self.stacks.items(), key=lambda item: item[0][1] == HOME):
            Creation(self.own if name == "control-table" else self.cloud, region).create(stack)
        if self.own_account != ACCOUNT:
            self.own.client("backup", HOME).create_backup_vault(BackupVaultName="own")
            # What imports work with lies beside the tables.
            for region in REGIONS:
                self.stacks["own copies", region] = Stack("copies", region, self.own_account)
                Creation(self.own, region).create(self.stacks["own copies", region])
        return self

    def stop(self):
        """Ends it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def credentials(self, role):
        """The environment variables of a role."""
        key = self.keys[role]
        return {
            "AWS_ENDPOINT_URL": self.cloud.endpoint,
            "AWS_ACCESS_KEY_ID": key["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        }

    def command_line(self, folder, role, **variables):
        """Our command line as a role."""
        return CommandLine(folder, **self.credentials(role), **variables)

    def configuration(self, **changes):
        """data-restore.toml, from the stacks' outputs."""
        source = self.stacks["source", HOME].outputs
        copies = {region: self.stacks["copies", region].outputs for region in REGIONS}
        buckets = "\n".join(f'{region} = {{ name = "{copies[region]["BucketName"]}", account = "{ACCOUNT}" }}' for region in REGIONS)
        settings = {
            "control_region": HOME,
            "control_table": self.stacks["control-table", HOME].outputs["ControlTable"],
            "home_region": HOME,
            "regions": REGIONS,
            # The service's own account first: the control table lies there.
            "accounts": list(dict.fromkeys([self.own_account, ACCOUNT])),
            "prefix": self.stacks["copies", HOME].values["ExportPrefix"],
            "export_role_arn": source["ExportRoleArn"],
            "kms_key_id": copies[HOME]["KeyAlias"],
            "reconcile_every": "2s",
        } | changes
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
        place = f'region = "{HOME}"\naccount = "{ACCOUNT}"'
        roles = ""
        if reached := self.stacks.get(("account", HOME)):
            arn = reached.outputs["ServiceRoleArn"]
            roles = f'[[workflow.roles]]\naccount = "{ACCOUNT}"\narn = "{arn}"\nexternal_id = "{EXTERNAL_ID}"\n\n'
            roles += f'[[workflow.vaults]]\nregion = "{HOME}"\naccount = "{self.own_account}"\nname = "own"\n\n'
            roles += f'[workflow.policies."{self.source("securecart")}"]\nplan = "reached"\n\n'
        return (
            f"[workflow]\n{lines}\n\n[workflow.buckets]\n{buckets}\n\n"
            f'[[workflow.vaults]]\n{place}\nname = "{source["VaultName"]}"\n\n'
            f'[[workflow.queues]]\n{place}\nurl_or_name = "{source["QueueName"]}"\n\n'
            f"{roles}"
            # A vault is needed that is not there.
            f"[workflow.policy.regions.{REGIONS[1]}]\n\n"
            f'[workflow.policy.regions.{REGIONS[2]}]\nvault = "applied"\nrecovery_points_in = ["{ACCOUNT}"]\n\n'
            # Copies may go to Glacier as soon as there is a newer one.
            '[workflow.policy.lifecycle]\nglacier_after_days = 0\n\n[workflow.copies]\nlifecycle_every = "2s"\n'
        )

    def source(self, database):
        """What the product calls a database: those of another account than its own with Region and account."""
        return database if self.own_account == ACCOUNT else f"{database}.{HOME}.{ACCOUNT}"

    def work_prefix(self, region):
        """Where imports of a Region work."""
        stack = self.stacks.get(("own copies", region)) or self.stacks["copies", region]
        return {"bucket": stack.outputs["WorkBucketName"], "prefix": "imports"}

    def back_up(self, *databases):
        """Makes a recovery point of each, now."""
        backup = self.cloud.client("backup", HOME)
        for database in databases:
            backup.start_backup_job(
                BackupVaultName=self.stacks["source", HOME].outputs["VaultName"],
                ResourceArn=f"arn:aws:rds:{HOME}:{ACCOUNT}:db:{database}",
                IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/backup",
            )


class Service(Server):
    """`data-restore serve` without a file, as the container runs it."""

    def __init__(self, installation, folder):
        super().__init__(folder)
        self.installation = installation
        self.token = f"drt_{secrets.token_urlsafe(32)}"

    def command(self, port):
        return [BINARY, "serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{port}"]

    def variables(self):
        token = f'[[tokens]]\nname = "tests"\nrole = "operator"\nsha256 = "{hashlib.sha256(self.token.encode()).hexdigest()}"\n'
        return self.installation.credentials(TASK) | {"DATA_RESTORE_CONFIG_TEXT": f"{token}\n{self.installation.configuration()}"}

    @property
    def demo(self):
        return {"operator_token": self.token}

    @property
    def cloud(self):
        return self.installation.cloud


class Creation:
    """Makes a stack's resources in the embedded AWS, as far as it has their kind."""

    def __init__(self, cloud, region):
        self.cloud, self.region = cloud, region
        # KMS chooses it when the key is made.
        self.key_arn = None

    def create(self, stack):
        for kind, make in (
            ("AWS::KMS::Key", self.key),
            ("AWS::S3::Bucket", self.bucket),
            ("AWS::S3::BucketPolicy", self.bucket_policy),
            ("AWS::SQS::Queue", self.queue),
            ("AWS::SQS::QueuePolicy", self.queue_policy),
            ("AWS::IAM::Role", self.role),
            ("AWS::Backup::BackupVault", self.vault),
            ("AWS::DynamoDB::GlobalTable", self.table),
        ):
            # Dead letters before the queue that names them.
            for name in sorted(key for key, value in stack.types.items() if value == kind):
                make(stack.resources[name], stack)

    def key(self, properties, stack):
        kms = self.cloud.client("kms", self.region)
        made = kms.create_key(Description=properties["Description"])["KeyMetadata"]
        kms.create_alias(AliasName=stack.resources["KeyAlias"]["AliasName"], TargetKeyId=made["KeyId"])
        self.key_arn = made["Arn"]

    def bucket(self, properties, stack):
        s3, name = self.cloud.client("s3", self.region), properties["BucketName"]
        constraint = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        s3.create_bucket(Bucket=name, **constraint)
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"] | {"KMSMasterKeyID": self.key_arn},
                "BucketKeyEnabled": rule["BucketKeyEnabled"],
            }
            for rule in properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        ]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"])
        if lifecycle := properties.get("LifecycleConfiguration"):
            rules = [self.lifecycle_rule(rule) for rule in lifecycle["Rules"]]
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        self.replicate(s3, properties)

    @staticmethod
    def lifecycle_rule(rule):
        """A lifecycle rule, which the API names a little otherwise."""
        tags = rule.get("TagFilters", [])
        prefix = rule.get("Prefix", "")
        made = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"And": {"Prefix": prefix, "Tags": tags}} if tags else {"Prefix": prefix}}
        if "Transitions" in rule:
            made["Transitions"] = [{"StorageClass": one["StorageClass"], "Days": one["TransitionInDays"]} for one in rule["Transitions"]]
        if "ExpirationInDays" in rule:
            made["Expiration"] = {"Days": rule["ExpirationInDays"]}
        same = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
        return made | {key: rule[key] for key in same if key in rule}

    @staticmethod
    def replicate(s3, properties):
        """Sets a bucket's replication rules, which the API names a little otherwise."""
        if replication := properties.get("ReplicationConfiguration"):
            rules = [{"ID": rule["Id"], **{key: value for key, value in rule.items() if key != "Id"}} for rule in replication["Rules"]]
            configuration = {"Role": replication["Role"], "Rules": rules}
            s3.put_bucket_replication(Bucket=properties["BucketName"], ReplicationConfiguration=configuration)

    def bucket_policy(self, properties, stack):
        s3 = self.cloud.client("s3", self.region)
        s3.put_bucket_policy(Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"]))

    def queue(self, properties, stack):
        sqs = self.cloud.client("sqs", self.region)
        attributes = {key: _text(value) for key, value in properties.items() if key != "QueueName"}
        # The embedded AWS has the queue of events from its start.
        try:
            url = sqs.get_queue_url(QueueName=properties["QueueName"])["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist:
            url = sqs.create_queue(QueueName=properties["QueueName"])["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)

    def queue_policy(self, properties, stack):
        sqs = self.cloud.client("sqs", self.region)
        for name in properties["Queues"]:
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(properties["PolicyDocument"])})

    def role(self, properties, stack):
        # The others get a name from CloudFormation, and nobody looks them up by it.
        if name := properties.get("RoleName"):
            trust = json.dumps(properties["AssumeRolePolicyDocument"])
            self.cloud.client("iam", self.region).create_role(RoleName=name, AssumeRolePolicyDocument=trust)

    def vault(self, properties, stack):
        self.cloud.client("backup", self.region).create_backup_vault(BackupVaultName=properties["BackupVaultName"])

    def table(self, properties, stack):
        self.cloud.client("dynamodb", self.region).create_table(
            **{key: properties[key] for key in ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema")}
        )


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict) else str(value)
