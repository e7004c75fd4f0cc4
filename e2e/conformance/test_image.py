"""The image's root file system, laid out as the container build does it, and the server started in it as its user."""

import os
import pathlib
import re
import shutil
import subprocess
import urllib.request

import pytest

from installation import Service
from product import BINARY
from templates import FOLDER

CONTAINER = FOLDER.parent / "container"
SITE = pathlib.Path(os.environ.get("LEPTOS_SITE_ROOT", "target/site"))
USER = "65532:65532"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Laid out with the binary that is tested; the image's own lacks the embedded AWS."""
    if os.geteuid() != 0 or not shutil.which("chroot"):
        pytest.skip("only root can start a program in another root folder")
    out = tmp_path_factory.mktemp("image") / "root"
    subprocess.run([CONTAINER / "assemble", BINARY, SITE, out], check=True, timeout=120)
    shutil.chown(out / "var/lib/data-restore", 65532, 65532)
    # Folders on the way to it that pytest keeps to root do not matter: a root folder is reached through itself.
    return out


def image_environment():
    """What the image's ENV sets."""
    text = re.search(r"^ENV ((?:.*\\\n)*.*)$", (CONTAINER / "Containerfile").read_text(), re.MULTILINE).group(1)
    return dict(pair.split("=", 1) for pair in text.replace("\\\n", " ").split())


class Contained(Service):
    """The server in the image's root file system."""

    def __init__(self, installation, folder, root):
        super().__init__(installation, folder)
        self.root = root

    def command(self, port):
        return ["chroot", f"--userspec={USER}", self.root, "/usr/bin/data-restore", "serve", "--listen", f"127.0.0.1:{port}"]

    def variables(self):
        return super().variables() | image_environment()


def test_nothing_is_in_it_but_what_the_server_needs(root):
    files = [path for path in root.rglob("*") if path.is_file() and "site" not in path.parts]
    names = {str(path.relative_to(root)) for path in files}
    libraries = {name for name in names if ".so" in name}
    assert names - libraries == {
        "etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "usr/bin/data-restore",
    }  # fmt: skip
    assert {re.sub(r"\.so.*", "", pathlib.Path(name).name) for name in libraries} >= {"libc", "ld-linux-x86-64"}
    assert not [path for path in root.rglob("*") if path.stat().st_mode & 0o6000], "nothing runs as another user"
    writable = [path for path in root.rglob("*") if path.stat().st_uid == 65532]
    assert writable == [root / "var/lib/data-restore"]


def test_the_server_runs_in_it_as_its_user_and_stops(installation, root, tmp_path):
    server = Contained(installation, tmp_path, root)
    try:
        server.start()
        assert server.get("/sources")["items"] is not None
        with urllib.request.urlopen(f"{server.url}/pkg/data-restore.css", timeout=5) as answer:
            assert answer.status == 200
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        assert re.search(r"^Uid:\s+65532\s+65532", status, re.MULTILINE)
        written = [path for path in root.rglob("*") if path.is_file() and path.stat().st_uid == 65532]
        assert [path for path in written if "var/lib/data-restore" not in str(path)] == []
    finally:
        server.stop()
    assert server.process.returncode == 0
