"""Servers on loopback for the tests of sources: PostgreSQL as installed, and the API of Prometheus."""

import contextlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

PASSWORD = "hunter2 ' % s3cret"


def postgres_programs():
    """Return the folder of PostgreSQL's programs, or skip."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    for folder in reversed(folders):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return pytest.skip("PostgreSQL (initdb, pg_ctl) is not installed")


@contextlib.contextmanager
def postgres():
    """Start a server of its own on a free port of loopback; give {host, port, user, password, dbname}."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="okrcore-pg-") as name:
        folder, more = Path(name), dict[str, Any]()
        if os.getuid() == 0:  # the server refuses to be run by root
            user = pwd.getpwnam("nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            folder.chmod(0o700)
            more = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        secret = folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        data, port = folder / "data", _free_port()

        def run(program, *arguments):
            command = [programs / program, "-D", data, *arguments]
            subprocess.run(
                command, check=True, cwd=folder, timeout=120, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, **more,
            )  # fmt: skip

        run("initdb", "-U", "okr", "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield {
                "host": "127.0.0.1",
                "port": port,
                "user": "okr",
                "password": PASSWORD,
                "dbname": "postgres",
            }
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Metrics:
    """A server that answers range queries as Prometheus documents it; `series` are what it has.

    `answer`, where set, is called in place of that, with the parameters of the query; it returns a status,
    headers and a body. `asked` has the form and headers of each request.
    """

    def __init__(self):
        self.series = []  # ({label: value}, {time: text})
        self.answer = None
        self.asked = []

    def matrix(self, asked):
        """Return the documented answer to a range query."""
        start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
        if (end - start) / step + 1 > 11_000:
            return 400, {}, json.dumps({
                "status": "error", "errorType": "bad_data",
                "error": "exceeded maximum resolution of 11,000 points per timeseries."})  # fmt: skip
        result = [
            {
                "metric": labels,
                "values": [
                    [t, text] for t, text in points.items() if start <= t <= end and (t - start) % step == 0
                ],
            }
            for labels, points in self.series
        ]
        result = [one for one in result if one["values"]]
        return 200, {}, json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


@contextlib.contextmanager
def prometheus():
    """Start the server on a free port of loopback; give its address and its Metrics."""
    metrics = Metrics()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # what a redirect is followed with
            self.reply({})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply({name: values[0] for name, values in parse_qs(body).items()})

        def reply(self, form):
            metrics.asked.append((self.path, form, dict(self.headers)))
            status, headers, body = (metrics.answer or metrics.matrix)(form)
            data = body if isinstance(body, bytes) else body.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(data)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", metrics
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
