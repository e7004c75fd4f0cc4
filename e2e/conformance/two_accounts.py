"""Two accounts in one embedded AWS: databases in the first, copies of their exports in both, and a first account that can be lost."""

import hashlib
import html
import json
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request

from installation import Creation
from ports import free_port, listens
from product import BINARY, Cloud, Server, environment
from templates import Stack
from waiting import wait_for

FIRST, SECOND = "111122223333", "444455556666"
HOME, WEST, IRELAND = "us-east-1", "us-west-2", "eu-west-1"
VAULT, PREFIX, EXTERNAL_ID = "hourly", "exports", "unicorn"
# The first account's buckets in two Regions, the second's in a third.
BUCKETS = {
    region: (f"data-restore-{account}-{region}", account) for region, account in ((HOME, FIRST), (WEST, FIRST), (IRELAND, SECOND))
}
REACHED_BY = f"arn:aws:iam::{SECOND}:role/data-restore"


class TwoAccounts:
    """The embedded AWS."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.process = None
        self.keys = {
            account: {"id": account, "access_key_id": f"AKIA{secrets.token_hex(8).upper()}", "secret_access_key": secrets.token_hex(20)}
            for account in (FIRST, SECOND)
        }

    def start(self, accounts, *arguments):
        """Starts it with the keys of these accounts. What the others own stays, and nobody has a key to it."""
        data = self.folder / "aws"
        data.mkdir(parents=True, exist_ok=True)
        endpoint = f"http://127.0.0.1:{self.port}"
        description = {"endpoint": endpoint, "regions": [HOME, WEST, IRELAND], "accounts": [self.keys[account] for account in accounts]}
        (data / "local-aws.json").write_text(json.dumps(description))
        with open(self.folder / "aws.log", "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "local-aws", "--data-dir", data, "--listen", f"127.0.0.1:{self.port}", *arguments],
                cwd=self.folder,
                env=environment(self.folder / "home"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        def look():
            assert self.process.poll() is None, (self.folder / "aws.log").read_text(errors="replace")
            return listens(self.port)

        wait_for("the embedded AWS listens", look, 60)
        return self

    def stop(self):
        """Ends it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def cloud(self, account):
        """The embedded AWS as an account sees it, whether its key still opens anything or not."""
        return Cloud({"endpoint": f"http://127.0.0.1:{self.port}", "regions": [HOME, WEST, IRELAND], "accounts": [self.keys[account]]})

    def client(self, service, region, account):
        """A boto3 client of an account."""
        return self.cloud(account).client(service, region)

    def credentials(self, account):
        """The environment variables of an account."""
        key = self.keys[account]
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": key["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        }

    def prepare(self):
        """The stacks of `infra/` in both accounts, the one that receives first; a vault in each; and the role by which the first
        account's server reaches the second."""
        receives = Creation(self.cloud(SECOND), IRELAND)
        receives.create(Stack("copies", IRELAND, SECOND, SourceAccount=FIRST))
        Creation(self.cloud(FIRST), WEST).create(Stack("copies", WEST, FIRST))
        elsewhere = {"ReplicaAccount": SECOND, "ReplicaAccountRegion": IRELAND, "ReplicaAccountKeyId": receives.key_arn.rpartition("/")[2]}
        Creation(self.cloud(FIRST), HOME).create(Stack("copies", HOME, FIRST, ReplicaRegion1=WEST, **elsewhere))
        for region, account in ((HOME, FIRST), (IRELAND, SECOND)):
            self.client("backup", region, account).create_backup_vault(BackupVaultName=VAULT)
        trust = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{FIRST}:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.client("iam", IRELAND, SECOND).create_role(RoleName="data-restore", AssumeRolePolicyDocument=document)

    def back_up(self, database):
        """Makes a recovery point, now."""
        self.client("backup", HOME, FIRST).start_backup_job(
            BackupVaultName=VAULT, ResourceArn=f"arn:aws:rds:{HOME}:{FIRST}:db:{database}", IamRoleArn=f"arn:aws:iam::{FIRST}:role/backup"
        )

    def copy_recovery_point(self, arn):
        """Lets AWS Backup copy a recovery point into the second account's vault, and waits for it."""
        backup = self.client("backup", HOME, FIRST)
        job = backup.start_copy_job(
            RecoveryPointArn=arn,
            SourceBackupVaultName=VAULT,
            DestinationBackupVaultArn=f"arn:aws:backup:{IRELAND}:{SECOND}:backup-vault:{VAULT}",
            IamRoleArn=f"arn:aws:iam::{FIRST}:role/backup",
        )["CopyJobId"]

        def ended():
            described = backup.describe_copy_job(CopyJobId=job)["CopyJob"]
            return described if described["State"] in {"COMPLETED", "FAILED"} else None

        described = wait_for("the copy job has ended", ended, 120)
        assert described["State"] == "COMPLETED", described
        return described["DestinationRecoveryPointArn"]


class AccountServer(Server):
    """`data-restore serve` with the credentials of one account and nothing else."""

    def __init__(self, aws, folder, account, configuration):
        super().__init__(folder)
        self.aws, self.account, self.configuration = aws, account, configuration
        self.token = f"drt_{secrets.token_urlsafe(32)}"
        self.password = secrets.token_urlsafe(16)

    def command(self, port):
        return [BINARY, "serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{port}"]

    def variables(self):
        token = f'[[tokens]]\nname = "tests"\nrole = "operator"\nsha256 = "{hashlib.sha256(self.token.encode()).hexdigest()}"\n'
        user = f'[[users]]\nname = "ann"\nrole = "operator"\npassword_hash = "{hashed(self.password)}"\n'
        return self.aws.credentials(self.account) | {"DATA_RESTORE_CONFIG_TEXT": f"{token}\n{user}\n{self.configuration}"}

    def page(self, path):
        """A page as a signed-in browser without scripts gets it."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        form = urllib.parse.urlencode({"name": "ann", "password": self.password, "next": path})
        with browser.open(f"{self.url}/sign-in", form.encode(), timeout=60) as answer:
            assert answer.url == f"{self.url}{path}", answer.url
            return html.unescape(re.sub("<[^>]*>", "", answer.read().decode()))

    @property
    def demo(self):
        return {"operator_token": self.token}

    def lose(self):
        """It is gone, with all that it kept."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)


def hashed(password):
    """What stands for a password in the configuration."""
    made = subprocess.run([BINARY, "hash-password", "--json"], input=password, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(made.stdout)["password_hash"]


def configuration(regions, accounts, vault, *more):
    """data-restore.toml of a server that has the buckets of these Regions and a vault; the first Region is its home."""
    settings = {
        "control_region": regions[0],
        "home_region": regions[0],
        "regions": regions,
        "accounts": accounts,
        "prefix": PREFIX,
        "export_role_arn": "arn:aws:iam::{account}:role/export",
        "kms_key_id": "alias/data-restore",
        "reconcile_every": "1s",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    buckets = [f'{region} = {{ name = "{BUCKETS[region][0]}", account = "{BUCKETS[region][1]}" }}' for region in regions]
    region, account = vault
    place = f'region = "{region}"\naccount = "{account}"\nname = "{VAULT}"'
    return "\n".join(["[workflow]", *lines, "[workflow.buckets]", *buckets, "[[workflow.vaults]]", place, *more])


# By which role the first account's server reaches the second account.
ROLE = f'[[workflow.roles]]\naccount = "{SECOND}"\narn = "{REACHED_BY}"\nexternal_id = "{EXTERNAL_ID}"'

# What AWS Backup has copied into the second account is exported there, since its original is out of reach.
EXPORT_COPIES = "[workflow.policy.export]\ncopied = true"
