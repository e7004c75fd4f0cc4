"""The product as a script sees it: a server process, its HTTP API, and the command line."""

import json
import os
import pathlib
import signal
import subprocess
import urllib.error
import urllib.request

import boto3
import botocore.config

from ports import free_port
from waiting import wait_for

BINARY = pathlib.Path(os.environ.get("DATA_RESTORE", "target/debug/data-restore"))

# A day of history is made at the first start; this is for two cores that compile beside it.
READY_SECONDS = 600
RESTORE_SECONDS = 300


def environment(folder, **variables):
    """What a process may see: nothing of the developer's own AWS, home or configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LEPTOS_")}
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return kept | {"HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"} | variables


class Answer:
    """What a command answered."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.stdout = completed.stdout
        self.stderr = completed.stderr

    @property
    def document(self):
        """The one JSON document on standard output."""
        return json.loads(self.stdout)

    @property
    def error(self):
        """The message and hint of a failure, as one text."""
        error = self.document["error"]
        return " ".join(str(error[part]) for part in ("message", "hint", "detail") if error.get(part))

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.stdout[-4000:]}\n--- stderr\n{self.stderr[-4000:]}"


class CommandLine:
    """`data-restore … --json` with one set of credentials and endpoints."""

    def __init__(self, folder, **variables):
        self.folder = pathlib.Path(folder)
        self.variables = variables

    def run(self, *arguments, seconds=RESTORE_SECONDS, **variables):
        """Runs a command to its end."""
        completed = subprocess.run(
            [BINARY, *map(str, arguments), "--json"],
            cwd=self.folder,
            env=environment(self.folder / "home", **(self.variables | variables)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Answer(completed)

    def done(self, *arguments, **options):
        """Runs a command that has to succeed, and gives its document."""
        answer = self.run(*arguments, **options)
        assert answer.code == 0, answer
        return answer.document


class HttpError(AssertionError):
    """An answer that is not a success, with its problem document."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.problem = problem


class Server:
    """`data-restore serve --local` on a data folder of its own."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.arguments = arguments
        self.url = None
        self.process = None

    def start(self):
        """Starts the server and waits until it is ready. Starting again goes on with the same data."""
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(port),
                cwd=self.folder,
                env=environment(self.folder / "home", **self.variables()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("the server is ready", self._is_ready, READY_SECONDS)
        return self

    def command(self, port):
        """How it is started."""
        return [BINARY, "serve", "--local", "--data-dir", self.data, "--listen", f"127.0.0.1:{port}", *self.arguments]

    def variables(self):
        """What its environment holds besides."""
        return {}

    def _is_ready(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log_end()}"
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def log_end(self):
        """The last lines of the log."""
        return "\n".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-30:])

    def kill(self):
        """`kill -9`: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to end, as a service manager would."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def demo(self):
        """`demo.json`: address, users, tokens."""
        return json.loads((self.data / "demo.json").read_text())

    @property
    def cloud(self):
        """The embedded AWS."""
        return Cloud(json.loads((self.data / "local-aws.json").read_text()))

    def call(self, method, path, body=None, token="operator_token"):
        """Calls `/api/v1`; gives the answer's JSON."""
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if token:
            request.add_header("Authorization", f"Bearer {self.demo[token]}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                problem = json.loads(text)
            except ValueError:
                problem = {"detail": text}
            raise HttpError(error.code, problem) from None

    def get(self, path, **options):
        """`GET`."""
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        """`POST`."""
        return self.call("POST", path, body if body is not None else {}, **options)

    def recovery_points(self, source=None):
        """Every recovery point, newest first, over all pages."""
        query = f"?source={source}" if source else "?"
        cursor = ""
        while True:
            page = self.get(f"/recovery-points{query}{cursor}")
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = f"&cursor={page['next_cursor']}"

    def restorable(self, region, source=None):
        """The newest recovery point whose copy in a Region is verified, with that copy."""
        for point in self.recovery_points(source):
            for copy in point["copies"]:
                if copy["region"] == region and copy["verdict"] == "Verified":
                    return self.get(f"/recovery-points/{point['id']}"), copy
        return None

    def ended(self, run_id, seconds=RESTORE_SECONDS):
        """Waits until a restore has ended."""

        def look():
            run = self.get(f"/restores/{run_id}")
            return run if run["outcome"] else None

        return wait_for(f"restore {run_id} has ended", look, seconds)


class Cloud:
    """An AWS that `local-aws.json` describes."""

    def __init__(self, description):
        self.endpoint = description["endpoint"]
        self.regions = description["regions"]
        self.accounts = description["accounts"]

    def client(self, service, region=None, account=0, config=None):
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region or self.regions[0],
            aws_access_key_id=self.accounts[account]["access_key_id"],
            aws_secret_access_key=self.accounts[account]["secret_access_key"],
            config=config or botocore.config.Config(retries={"max_attempts": 2, "mode": "standard"}),
        )

    def credentials(self, account=0):
        """The environment variables that any AWS tool takes."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.accounts[account]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.accounts[account]["secret_access_key"],
        }

    def command_line(self, folder, account=0):
        """Our command line against this AWS."""
        return CommandLine(folder, **self.credentials(account))


def uri(copy):
    """A copy as the command line takes it."""
    return f"s3://{copy['bucket']}/{copy['prefix']}"


def items_of(dynamodb, table):
    """Every item of a table."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def table_names(dynamodb):
    """Every table's name."""
    return sorted(name for page in dynamodb.get_paginator("list_tables").paginate() for name in page["TableNames"])
