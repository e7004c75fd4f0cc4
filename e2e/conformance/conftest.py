"""Fixtures: what a test file asks for by name."""

import pytest

import peers
from installation import DATABASES, Installation, Service
from product import BINARY, CommandLine, Server
from waiting import wait_for


# What they assert is told as a test's own.
pytest.register_assert_rewrite("operations")


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there; run `cargo xtask test conformance`", returncode=4)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server on the embedded AWS, for every test that kills nothing."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def cloud(server):
    """The embedded AWS of that server."""
    return server.cloud


@pytest.fixture
def cli(cloud, tmp_path):
    """Our command line against the embedded AWS."""
    return cloud.command_line(tmp_path)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """The stacks of `infra/` in an embedded AWS of this test file's own: its calls are recorded."""
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        yield installation.start()
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def service(installation, tmp_path_factory):
    """The server as it is deployed there, with a recovery point of each database on its way."""
    service = Service(installation, tmp_path_factory.mktemp("service"))
    try:
        service.start()
        installation.back_up(*DATABASES)
        wait_for("the databases are known", lambda: {source["id"] for source in service.get("/sources")["items"]} >= {*DATABASES}, 60)
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def ministack(tmp_path_factory):
    """MiniStack's S3 and DynamoDB."""
    with peers.ministack(tmp_path_factory.mktemp("ministack")) as peer:
        yield peer


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    """moto's RDS, STS, KMS, IAM and Backup."""
    with peers.moto(tmp_path_factory.mktemp("moto")) as peer:
        yield peer


@pytest.fixture(scope="session")
def localstack(tmp_path_factory):
    """LocalStack's core, where it can be installed."""
    with peers.localstack(tmp_path_factory.mktemp("localstack")) as peer:
        yield peer


@pytest.fixture(scope="session")
def dynamodb_local(tmp_path_factory):
    """DynamoDB Local, where there is a Java to run it."""
    with peers.dynamodb_local(tmp_path_factory.mktemp("dynamodb-local")) as peer:
        yield peer


@pytest.fixture
def peer_cli(ministack, tmp_path):
    """Our command line against MiniStack alone."""
    return CommandLine(tmp_path, **(ministack.variables("S3") | ministack.variables("DYNAMODB")))
