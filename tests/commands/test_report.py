"""`mirrorc report`: one page that shows what the other commands say, needs nothing else, and obeys no name."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from compiler.diff.pulls import OrderChange
from compiler.machine.memo import Memo
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.node.scope_pulls import Pulls
from compiler.policy.analysis import analyse
from compiler.policy.settings import Settings
from compiler.reporters.diff.words import side_by_side
from compiler.reporters.report import html
from compiler.reporters.report.facts import Gatherer
from compiler.text.span import File
from tests.command import FIXTURES, ROOT, Done, call_mirrorc
from tests.fleets import fleet_of, mirrors
from tests.repositories import commit, git, write

FORGE = "https://forge.example/team/repo/-/blob/main"
HOSTILE = "<img src=x onerror=alert(1)>\"' onclick=alert(1) <!-- ]]> </script><script>alert(1)</script>"
OURS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "h1",
        "p",
        "ul",
        "li",
        "nav",
        "main",
        "div",
        "h2",
    ),
    *("input", "button", "span", "section", "table", "thead", "tr", "th", "tbody", "td", "details", "summary", "h3"),
    *("ol", "code", "svg", "path", "circle", "text", "tspan", "footer", "script"),
}


class Page(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.texts: dict[str, str] = {}
        self._inside = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._inside = tag
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.texts[self._inside] = self.texts.get(self._inside, "") + data

    @property
    def text(self) -> str:
        return " ".join(text for tag, text in self.texts.items() if tag not in {"style", "script"})


@pytest.fixture
def example(repo: Path) -> Path:
    """The example repo with a conflict, and a change that is not committed."""
    copytree(FIXTURES / "gitops-repo", repo, dirs_exist_ok=True)
    ours = repo / "clusters/north/digest-mirrors.yaml"
    first = "        - mirror.dc1.example.com/ocp/release-images\n"
    ours.write_text(ours.read_text().replace(first, first.replace("dc1", "dc2") + first, 1))
    commit("The repo")
    image = repo / "clusters/north/image.yaml"
    image.write_text(image.read_text().replace("registry.gitlab.com", "docker.io"))
    return repo


def reported(*arguments: str, cwd: Path | None = None) -> Page:
    done = call_mirrorc("report", *arguments, cwd=cwd)
    assert done.code in {0, 1}, done.stderr
    assert done.stderr == ""
    return Page(done.stdout)


def hostile(repo: Path) -> Path:
    """Names that would be markup, in every place that a page shows."""
    name = HOSTILE.replace("/", "") + "{{ 7 * 7 }}"
    listed = f"- source: 'quay.io/{name[:20]}'\n    mirrors: ['m.io/{name[:9]}']".replace("'", "''")
    write(repo, f"{name}.yaml", text=mirrors("one", "quay.io/a: m.io n.io"))
    write(repo, 'z<b>&".yaml', text=mirrors("two", "quay.io/a: n.io m.io") + f"# {listed}\n")
    write(
        repo,
        "refused.yaml",
        text=mirrors("three", "x: m.io").replace("source: x", f'source: "{HOSTILE.replace(chr(34), "")}"'),
    )
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
    write(repo, "pod.yaml", text=f"{pod}  - image: '{HOSTILE.replace(chr(39), '')}'\n")
    return repo


# --- What it is ------------------------------------------------------------------------


def test_the_style_and_the_script_are_allowed_by_their_hashes_and_nothing_else_is(example: Path) -> None:
    markup = call_mirrorc("report", "--base", "HEAD", cwd=example).stdout
    page = Page(markup)
    policy = next(value for value in page.attributes["content"] if "default-src" in value)
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", markup, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert page.attributes.keys().isdisjoint({"src", "style", "srcdoc", "action", "xlink:href"})
    assert all(each.startswith("#") for each in page.attributes["href"])


def test_the_page_in_a_ci_job_is_the_same(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = call_mirrorc("report", cwd=example).stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert call_mirrorc("report", cwd=example).stdout == first
    call_mirrorc("report", "-o", "page.html", cwd=example)
    assert (example / "page.html").read_text(encoding="utf-8") == first


def test_it_is_the_same_bytes_in_a_clone(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit("All of it")
    git("clone", "-q", str(example), str(tmp_path / "clone"))
    first = call_mirrorc("report", "--base", "HEAD~1", cwd=example)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = call_mirrorc("report", "--base", "HEAD~1", cwd=tmp_path / "clone")
    assert first == again
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", first.stdout)


def test_no_name_is_markup(repo: Path) -> None:
    done = call_mirrorc("report", cwd=hostile(repo))
    page = Page(done.stdout)
    assert page.elements <= OURS, page.elements - OURS
    assert not any(name.startswith("on") for name in page.attributes)
    assert done.stdout.count("<script>") == 1
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_no_id_is_there_twice(example: Path) -> None:
    page = reported("--base", "HEAD", cwd=example)
    assert sorted(page.ids) == sorted(set(page.ids))
    targets = {each[1:] for each in page.attributes["href"]}
    assert targets <= set(page.ids)


# --- What it shows ---------------------------------------------------------------------


def test_it_shows_the_fleet_the_order_and_the_change(example: Path) -> None:
    page = reported("--base", "HEAD", cwd=example)
    for id_ in ("north", "south", "north/digest/quay.io/argoproj", "south/tag/registry.redhat.io/ubi9"):
        assert id_ in page.ids
    for words in ("1 order conflict", "lists contradict each other about the order of 2 and 3", "not followed"):
        assert words in page.text
    for words in ("Nodes are drained", "source never contacted", "signature required", "refused by policy.json"):
        assert words in page.text
    assert "tried first at" in page.text
    assert "compared with HEAD (" in page.text


def test_stale_rendered_files_are_counted(repo: Path) -> None:
    fleet_of(repo, "north", "south")
    assert call_mirrorc("build", "-o", "rendered/{cluster}", cwd=repo).code == 0
    write(
        repo,
        ".mirrorc.yaml",
        text=(repo / ".mirrorc.yaml").read_text().replace("defaults: {", "defaults: {output: 'rendered/{cluster}', "),
    )
    assert "up to date" in reported(cwd=repo).text
    write(repo, "clusters/north/own.yaml", text=mirrors("own", "quay.io/north: other.example.com/x"))
    page = reported(cwd=repo)
    assert "stale" in page.text
    assert "up to date" in page.text


def test_equal_clusters_share_rows(repo: Path) -> None:
    fleet_of(repo, *(f"c{number:02}" for number in range(30)))
    page = reported(cwd=repo)
    assert "all 30 clusters" in page.text
    assert "and 25 more, equal in this table" in page.text
    assert len([each for each in page.ids if re.fullmatch(r"c\d\d", each)]) == 30


def test_places_are_links_to_the_forge(example: Path) -> None:
    page = reported("--link-base", f"{FORGE}/", cwd=example)
    links = [each for each in page.attributes["href"] if not each.startswith("#")]
    assert f"{FORGE}/base/mirrors/release.yaml#L16" in links
    assert all(each.startswith(f"{FORGE}/") for each in links)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "forge.example/x", "file:///etc"])
def test_a_link_base_is_an_address_of_the_web(url: str, folder: Path) -> None:
    done: Done = call_mirrorc("report", "--link-base", url, cwd=folder)
    assert (done.code, done.stdout) == (2, "")
    assert "http or https" in done.stderr


def test_what_cannot_be_shown_in_full_is_said(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_ROWS", 2)
    monkeypatch.setattr(html, "MOST_HOSTS", 1)
    monkeypatch.setattr(html, "MOST_FINDINGS", 1)
    write(repo, "a.yaml", text=mirrors("a", *(f"quay.io/{each}: {each}.io z.io" for each in "abcde")))
    write(repo, "b.yaml", text=mirrors("b", *(f"quay.io/{each}: z.io {each}.io" for each in "bc")))
    text = reported(cwd=repo).text
    assert "3 more rows are left out" in text
    assert "5 other hosts" in text
    assert "1 more findings are left out" in text


def test_an_empty_folder_has_a_page(folder: Path) -> None:
    page = reported(cwd=folder)
    assert "No mirror manifests were found." in page.text
    assert "Not in a Git repository" in page.text


def test_an_unknown_base_ends_with_2_and_writes_nothing(repo: Path) -> None:
    write(repo, "a.yaml", text=mirrors("a", "quay.io/a: m.io"))
    commit()
    done = call_mirrorc("report", "--base", "nowhere", "-o", "report.html", cwd=repo)
    assert (done.code, done.stdout) == (2, "")
    assert not (repo / "report.html").exists()


def test_before_and_after_are_side_by_side() -> None:
    order = OrderChange(pulls=Pulls.ALL, before=("a", "b", "c"), after=("a", "c"))
    assert side_by_side(order) == [(1, "a", "a", False), (2, "b", "c", True), (3, "c", "", True)]


def test_the_page_about_it_is_linked() -> None:
    assert "](docs/report.md)" in (ROOT / "README.md").read_text()


def test_clusters_in_several_processes_make_the_same_page(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet_of(repo, *(f"c{number}" for number in range(6)))
    alone = call_mirrorc("report", cwd=repo)
    monkeypatch.setattr("compiler.commands.report._FEWEST_FOR_HELP", 2)
    monkeypatch.setattr("compiler.machine.processes._processors", lambda: 3)
    assert call_mirrorc("report", cwd=repo) == alone
    assert alone.code == 0


# --- Rows that clusters share ----------------------------------------------------------

_SCOPES = (
    "q.io",
    "q.io/a",
    "q.io/a/b",
    "q.io/ab",
    "q.io:5000/a",
    "*.q.io",
    "x.q.io/a",
    "m.io",
    "m.io:5000/a",
    "m.io/a/b",
)


def test_clusters_share_the_rows_that_are_the_same_for_each() -> None:
    """Each cluster has lists of its own; what is made for one is right for another."""
    random = Random(11)
    rules = "".join(f"  - {{source: '{scope}', mirrors: [m.io/a/b, 'm.io:5000/a', n.q.io/c]}}\n" for scope in _SCOPES)
    head = (
        "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: a}\nspec:\n  imageTagMirrors:\n"
    )
    release = RELEASES["4.20"]
    shared = parse(File("m.yaml", head + rules), release)
    gatherer, memo = Gatherer(), Memo()
    different = set()
    for number in range(60):
        name = random.choice(["blockedRegistries", "allowedRegistries", "insecureRegistries"])
        listed = json.dumps(random.sample(_SCOPES, random.randint(1, 3)))
        image = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec:\n  registrySources: "
        own = parse(File(f"c{number}.yaml", f"{image}{{{name}: {listed}}}\n"), release)
        analysis = analyse([shared, own], Settings(release=release), memo=memo)
        rows = gatherer.gather("", release.name, analysis).rows
        assert repr(rows) == repr(Gatherer().gather("", release.name, analysis).rows)
        different.add(rows)
    assert len(different) > 20
