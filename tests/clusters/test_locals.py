"""The files that Butane configs take from beside them."""

from pathlib import Path

import pytest

from compiler.clusters import locals as locals_
from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import Settled, settled
from compiler.clusters.loading import Repo, load_repo

BUTANE = """\
variant: openshift
version: 4.18.0
metadata: {name: 99-worker-x, labels: {machineconfiguration.openshift.io/role: worker}}
storage:
  files:
    - path: /etc/containers/registries.conf.d/x.conf
      contents: {local: %s}
"""
CONF = '[[registry]]\nlocation = "quay.io/a"\n[[registry.mirror]]\nlocation = "m.example.com/a"\n'


def loaded(folder: Path, local: str, **files: str) -> tuple[Settled, Repo]:
    (folder / "bu" / "files").mkdir(parents=True)
    (folder / "bu" / "x.bu").write_text(BUTANE % local)
    for name, text in files.items():
        (folder / name.replace("__", "/")).write_text(text)
    clusters = [Cluster()]
    repo = load_repo(clusters)
    return settled(clusters, repo), repo


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("local", "name"), [("files/team", "bu__files__team"), ("files/x", "files__x")])
def test_a_file_is_found_from_the_folder_of_the_config_or_one_around_it(tmp_path: Path, local: str, name: str) -> None:
    (tmp_path / "files").mkdir()
    found, repo = loaded(tmp_path, local, **{name: CONF})
    (one,) = found.loaded
    (text,) = (text for parsed in one.parsed for text in parsed.node_texts)
    assert (text.path, text.text, text.compressed) == ("/etc/containers/registries.conf.d/x.conf", CONF, True)
    assert text.span.path == name.replace("__", "/")
    assert repo.account.unread == ()


def test_a_file_that_is_not_in_the_repo_stays_unread(tmp_path: Path) -> None:
    found, repo = loaded(tmp_path, "files/gone")
    assert [record.home for record in found.records] == []
    assert [(each.path, each.line) for each in repo.account.unread] == [("bu/x.bu", 6)]


@pytest.mark.parametrize("local", ["../../secret", "/etc/passwd"])
def test_a_path_out_of_the_folder_of_files_is_refused(tmp_path: Path, local: str) -> None:
    (tmp_path / "secret").write_text(CONF)
    found, _ = loaded(tmp_path, local)
    told = [each for one in found.loaded for parsed in one.parsed for each in parsed.diagnostics]
    assert [each.rule for each in told] == ["unloadable-node-file"]
    assert not any(parsed.node_texts for one in found.loaded for parsed in one.parsed if parsed.file.path == "bu/x.bu")


def test_a_file_that_is_named_very_often_is_not_read_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locals_, "_MOST_AGAIN", 2 * len(CONF))
    rows = "".join(
        f"    - path: /etc/containers/registries.conf.d/{n}.conf\n      contents: {{local: files/team}}\n"
        for n in range(5)
    )
    (tmp_path / "y.bu").write_text(BUTANE.partition("    - path")[0] + rows)
    (tmp_path / "files").mkdir()
    found, _ = loaded(tmp_path, "files/team", bu__files__team=CONF, files__team=CONF)
    told = [each for one in found.loaded for parsed in one.parsed for each in parsed.diagnostics]
    assert [each.message for each in told if each.rule == "unloadable-node-file"] == [
        "`files/team` is not read again: Butane configs of this repo name files too often"
    ] * 2
