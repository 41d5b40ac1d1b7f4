"""The action's comment: one for each job, updated on every push, and no failure without the right to comment."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any  # what a JSON body holds

import pytest

from tests.command import ROOT


class Issue(HTTPServer):
    """As much of GitHub's API as comments on one pull request need."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.comments: list[dict[str, Any]] = []
        self.refuses = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Issue

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(200, self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        if self.server.refuses:
            self._body()
            self._answer(self.server.refuses, {"message": "Resource not accessible by integration"})
            return
        url = f"{self.server.address}/comments/{len(self.server.comments)}"
        self.server.comments.append({"url": url, **self._body()})
        self._answer(201, self.server.comments[-1])

    def do_PATCH(self) -> None:
        self.server.comments[int(self.path.rpartition("/")[2])].update(self._body())
        self._answer(200, {})

    def _body(self) -> dict[str, Any]:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(body, dict)
        return body

    def _answer(self, code: int, body: object) -> None:
        assert self.headers["Authorization"] == "Bearer secret"
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def issue() -> Iterator[Issue]:
    server = Issue()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def comment(issue: Issue, folder: Path, text: str, key: str = "1/1|||.") -> subprocess.CompletedProcess[str]:
    (folder / "comment.md").write_text(text)
    variables = {
        "COMMENT": str(folder / "comment.md"),
        "KEY": key,
        "NUMBER": "7",
        "TOKEN": "secret",
        "GITHUB_API_URL": issue.address,
        "GITHUB_REPOSITORY": "example/repo",
    }
    return subprocess.run(
        [sys.executable, "-I", ROOT / "ci" / "github_comment.py"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_push_updates_the_comment(issue: Issue, tmp_path: Path) -> None:
    issue.comments = [{"url": "http://nowhere", "body": f"number {number}"} for number in range(150)]
    assert comment(issue, tmp_path, "first").stdout == "mirrorc: added a comment\n"
    assert comment(issue, tmp_path, "second").stdout == "mirrorc: updated its comment\n"
    assert len(issue.comments) == 151
    assert issue.comments[-1]["body"].endswith("-->\nsecond")


def test_each_shard_has_its_own(issue: Issue, tmp_path: Path) -> None:
    for key in ("1/2|||.", "2/2|||.", "1/2|||."):
        assert comment(issue, tmp_path, key, key).returncode == 0
    assert [each["body"].rpartition("\n")[2] for each in issue.comments] == ["1/2|||.", "2/2|||."]


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_fork_without_the_right_to_comment_passes_and_says_so(issue: Issue, code: int, tmp_path: Path) -> None:
    issue.refuses = code
    done = comment(issue, tmp_path, "text")
    assert (done.returncode, issue.comments) == (0, [])
    assert "may not comment" in done.stdout


def test_an_error_of_github_is_told(issue: Issue, tmp_path: Path) -> None:
    issue.refuses = 500
    done = comment(issue, tmp_path, "text")
    assert done.returncode == 1
    assert done.stderr == "mirrorc: GitHub refused the comment: 500 Internal Server Error\n"
