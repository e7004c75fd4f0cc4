"""A private MariaDB on the loopback interface, in a temporary folder."""

import contextlib
import getpass
import pathlib
import shutil
import subprocess

import pytest

from ports import free_port
from product import environment
from waiting import wait_for

USER, PASSWORD = "backup", "conformance"


def program(name):
    """Debian keeps the server in a folder that is not on an ordinary user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if not found:
        pytest.skip(f"there is no MariaDB: no `{name}`; `cargo xtask setup` gets it or says how")
    return found


class MariaDb:
    """A running server."""

    def __init__(self, socket, port):
        self.client = [program("mariadb"), "--no-defaults", f"--socket={socket}", "--user=root"]
        self.port = port

    def url(self, database):
        """What the product takes."""
        return f"mysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def load(self, file):
        """Runs a file of statements as people run one."""
        with open(file, "rb") as statements:
            subprocess.run(self.client, stdin=statements, check=True, capture_output=True)

    def rows(self, statement):
        """The rows of a statement, every value as text or None. Values travel as hexadecimal, which no client alters."""
        printed = subprocess.run(
            [*self.client, "--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4"],
            input=f"SET time_zone = '+00:00'; {statement}",
            text=True,
            check=True,
            capture_output=True,
        ).stdout
        return [line.split("\t") for line in printed.splitlines()]


@contextlib.contextmanager
def mariadb(folder):
    """Starts one with a user who may read everything."""
    folder = pathlib.Path(folder)
    data, socket, port = folder / "data", folder / "socket", free_port()
    user = f"--user={getpass.getuser()}"
    subprocess.run(
        [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", user, "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
    )
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [
                program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={socket}", f"--port={port}",
                "--bind-address=127.0.0.1", user,
            ],
            env=environment(folder / "home"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )  # fmt: skip
    try:
        server = MariaDb(socket, port)

        def look():
            assert process.poll() is None, (folder / "log").read_text(errors="replace")[-2000:]
            ping = subprocess.run([*server.client, "--execute=SELECT 1"], capture_output=True, check=False)
            return ping.returncode == 0

        wait_for("MariaDB answers", look, 60)
        server.rows(
            f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';"
            f"CREATE USER '{USER}'@'localhost' IDENTIFIED BY '{PASSWORD}';"
            f"GRANT SELECT, SHOW VIEW, RELOAD, PROCESS ON *.* TO '{USER}'@'127.0.0.1';"
            f"GRANT SELECT, SHOW VIEW, RELOAD, PROCESS ON *.* TO '{USER}'@'localhost';"
        )
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)
