"""A throw-away PostgreSQL: a cluster in a temporary folder, on a loopback port, gone when the tests are."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "s3cret/of the@shop"
ADDRESS = "postgresql://tester:s3cret%2Fof%20the%40shop@127.0.0.1:{port}/postgres"


def programs() -> Path | None:
    """The folder of initdb: where Debian puts it, it is not on the path."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


@contextmanager
def cluster() -> Iterator[str]:
    """Its address. Skips where PostgreSQL is absent or can't be started here."""
    place = programs()
    if place is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    who = _somebody()
    if who:
        os.chown(folder, who.pw_uid, who.pw_gid)
    try:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        _start(place, folder, port, who)
        yield ADDRESS.format(port=port)
    finally:
        _run(who, folder, place / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _start(place: Path, folder: Path, port: int, who: pwd.struct_passwd | None) -> None:
    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    if who:
        os.chown(secret, who.pw_uid, who.pw_gid)
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -F"
    made = ("-D", folder / "data", "-U", "tester", "--auth=scram-sha-256", f"--pwfile={secret}", "-N", "-E", "UTF8")
    try:
        _run(who, folder, place / "initdb", *made)
        _run(who, folder, place / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    except (subprocess.CalledProcessError, OSError) as error:
        pytest.skip(f"PostgreSQL can't be started here: {getattr(error, 'stderr', '') or error}")


def _somebody() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: somebody else then."""
    if os.getuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")


def _run(who: pwd.struct_passwd | None, folder: Path, *command: object, check: bool = True) -> None:
    given = list(map(str, command))
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    if who is None:
        subprocess.run(given, cwd=folder, check=check, timeout=60, text=True, **quiet)
    else:
        as_ = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": ()}
        subprocess.run(given, cwd=folder, check=check, timeout=60, text=True, **quiet, **as_)
