"""Post what a change costs as a comment on the pull request, or update the comment of an earlier push.

Run by the last step of action.yml, with the Python that has nothing but mirrorc; everything comes in variables:
COMMENT (a file of Markdown), KEY (what distinguishes the comments of several jobs), NUMBER (of the pull request),
TOKEN, GITHUB_API_URL and GITHUB_REPOSITORY. Without the right to comment, as on a pull request from a fork, it says so
and succeeds: the job's summary has the same text.
"""

import json
import os
import sys
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_PAGES = 30
"""Pages of 100 comments that are searched for the earlier one."""
_LONGEST = 65_536
"""Characters that a comment may have."""
_NO_RIGHT = {401, 403, 404}


def call(method: str, url: str, body: dict[str, str] | None = None) -> object:
    """One call of GitHub's REST API."""
    request = Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['TOKEN']}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def earlier(issue: str, marker: str) -> str | None:
    """The address of the newest comment that starts with the marker."""
    found = None
    for page in range(1, _PAGES + 1):
        comments = call("GET", f"{issue}/comments?per_page=100&page={page}")
        assert isinstance(comments, list)
        for comment in comments:
            if str(comment["body"]).startswith(marker):
                found = str(comment["url"])
        if len(comments) < 100:
            break
    return found


def main() -> None:
    """Find, then update or create."""
    marker = f"<!-- mirrorc {sha256(os.environ['KEY'].encode()).hexdigest()[:12]} -->"
    text = Path(os.environ["COMMENT"]).read_text(encoding="utf-8")
    body = {"body": f"{marker}\n{text}"[:_LONGEST]}
    issue = "{GITHUB_API_URL}/repos/{GITHUB_REPOSITORY}/issues/{NUMBER}".format_map(os.environ)
    try:
        place = earlier(issue, marker)
        if place is not None:
            call("PATCH", place, body)
            print("mirrorc: updated its comment")
            return
        call("POST", f"{issue}/comments", body)
        print("mirrorc: added a comment")
    except HTTPError as error:
        if error.code not in _NO_RIGHT:
            sys.exit(f"mirrorc: GitHub refused the comment: {error.code} {error.reason}")
        print("mirrorc: this job may not comment on the pull request: see the summary.")
    except URLError as error:
        sys.exit(f"mirrorc: GitHub cannot be reached: {error.reason}")


if __name__ == "__main__":
    main()
