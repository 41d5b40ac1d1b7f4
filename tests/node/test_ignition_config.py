"""MachineConfigs: what several come to together, and what their files contain."""

import base64
import gzip
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.machine.limits import set_limits
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.node import ignition_config
from compiler.node.ignition_config import files_of_machine_config, merged
from compiler.node.machine_configs import whole_nodes
from compiler.node.registries_conf import ConfFileError, read_registries_conf
from compiler.text.span import File
from tests.conformance import Json, as_object, as_text, objects, recordings


def machine_config(*files: object) -> dict[str, object]:
    return {"kind": "MachineConfig", "spec": {"config": {"storage": {"files": list(files)}}}}


def file_entry(source: object, **contents: object) -> dict[str, object]:
    return {"path": "/etc/x", "contents": {"source": source, **contents}}


def test_the_files_of_every_recorded_machine_config_are_read() -> None:
    count = 0
    for line in recordings("machineconfig"):
        for recorded in as_object(as_object(line["expected"]).get("machineconfigs") or {}).values():
            files = files_of_machine_config({**as_object(recorded), "kind": "MachineConfig"})
            for path, content in files.items():
                count += 1
                if path.endswith(".conf"):
                    read_registries_conf(content, path=path)
    assert count > 40


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ("data:,hello%20w%C3%B6rld", "hello wörld".encode()),
        ("data:,a+b", b"a+b"),
        ("data:,", b""),
        ("", b""),
        (None, b""),
        ("data:text/plain;charset=utf-8;base64,aGVsbG8=", b"hello"),
        ('data:text/plain;a="b,;c\\"";base64,aGVsbG8=', b"hello"),
        ("data:text/plain,a,b", b"a,b"),
    ],
)
def test_data_urls_are_decoded(source: object, content: bytes) -> None:
    assert files_of_machine_config(machine_config(file_entry(source))) == {"/etc/x": content}


@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_whatever_was_encoded_comes_back(content: bytes, packed: bool, percent: bool) -> None:
    raw = gzip.compress(content, mtime=0) if packed else content
    encoded = "," + quote(raw, safe="") if percent else ";base64," + base64.b64encode(raw).decode()
    entry = file_entry("data:" + encoded, compression="gzip" if packed else "")
    assert files_of_machine_config(machine_config(entry)) == {"/etc/x": content}


@pytest.mark.parametrize(
    ("source", "compression", "message"),
    [
        (1, None, r"files\[0\]\.contents\.source: expected a data URL"),
        ("https://h/x", None, "expected a data URL; 'https' is not fetched"),
        ("data:nothing", None, "not a data URL: expected data:"),
        ("data:nothing,x", None, "not a data URL"),
        ("DATA:,x", None, "expected a data URL"),
        ("data:;BASE64,aGVsbG8=", None, "not a data URL"),
        ("data:;base64;a=b,aGVsbG8=", None, "not a data URL"),
        ("data:;base64,aGVsbG8%3D", None, "'%' is not base64"),
        ("data:;base64,aGVs\nbG8=", None, r"a data URL cannot contain '\\n'"),
        ("data:,a b", None, "' ' has to be escaped with %"),
        ("data:,w\u00f6rld", None, "has to be escaped with %"),
        ("data:,%zz", None, "a % without two hexadecimal digits after it"),
        ("data:;base64,aGVsbG8", None, "not base64"),
        ("data:;base64,a GVsbG8=", None, "' ' is not base64"),
        ("data:,x", "xz", "expected an empty string or gzip, found 'xz'"),
        ("data:,x", {}, "expected an empty string or gzip"),
        ("data:,x", "gzip", "not gzip"),
        ("data:;base64," + base64.b64encode(gzip.compress(b"hello", mtime=0)[:-9]).decode(), "gzip", "not gzip"),
    ],
)
def test_contents_that_cannot_be_decoded_are_refused(source: object, compression: object, message: str) -> None:
    with pytest.raises(ConfFileError, match=message):
        files_of_machine_config(machine_config(file_entry(source, compression=compression)))


def test_a_compressed_file_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignition_config, "MOST_UNPACKED", 1000)
    bomb = "data:;base64," + base64.b64encode(gzip.compress(bytes(1001))).decode()
    with pytest.raises(ConfFileError, match="unpacks to more than 1000 bytes"):
        files_of_machine_config(machine_config(file_entry(bomb, compression="gzip")))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "List", "items": []}, "a list of objects; expected one MachineConfig"),
        ({"kind": "ConfigMap"}, "expected a MachineConfig, found kind 'ConfigMap'"),
        ({}, "expected a MachineConfig"),
        ({"kind": "MachineConfig", "spec": []}, "spec: expected an object"),
        ({"kind": "MachineConfig", "spec": {"config": {"storage": {"files": "x"}}}}, "files: expected a list"),
        ({"kind": "MachineConfig", "spec": {"config": {"storage": {"files": {}}}}}, "files: expected a list"),
        (machine_config("x"), r"files\[0\]: expected an object"),
        (machine_config({}), r"files\[0\]\.path: expected the path"),
        (machine_config(file_entry("data:,"), file_entry("data:,")), r"files\[1\]\.path: /etc/x is listed twice"),
        (machine_config({"path": "/x", "append": [{}]}), "append"),
        (machine_config({"path": "/x", "contents": []}), "contents: expected an object"),
    ],
)
def test_what_is_no_machine_config_is_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(ConfFileError, match=message):
        files_of_machine_config(data)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "MachineConfig"},
        {"kind": "MachineConfig", "spec": {"config": None}},
        {"kind": "MachineConfig", "spec": {"config": {"ignition": {"version": "3.5.0"}}}},
        {"kind": "MachineConfig", "spec": {"config": {"storage": {"files": None}}}},
    ],
)
def test_a_machine_config_without_files_has_none(data: dict[str, object]) -> None:
    assert files_of_machine_config(data) == {}


@pytest.mark.parametrize("release", ["5.0", "4.18"])
def test_every_recorded_merge_holds(release: str) -> None:
    count = 0
    for line in recordings("machineconfig-merge"):
        expected = as_object(line["merged" if release == "5.0" else f"merged_{release}"])
        listed = json.dumps({"kind": "List", "items": line["machine_configs"]})
        if release == "4.18":  # as the controller of that release writes its own
            listed = listed.replace('"3.5.0"', '"3.4.0"')
        role = "infra" if '"infra"' in listed else "worker"
        if "error" in expected:
            with pytest.raises(ConfFileError):
                whole_nodes(File("x.json", listed), RELEASES[release])
            continue
        nodes = {node.pool: node.config for node in whole_nodes(File("x.json", listed), RELEASES[release])}
        for file in objects(expected, "files"):
            mine = nodes[role].files[as_text(file["path"])]
            count += 1
            assert mine.compressed is not file["drain_check_reads_text"], line["id"]
            assert mine.written.get("mode") == file["mode"], line["id"]
            if file["append"]:
                assert mine.appends, line["id"]
            elif file["text"] is None or "error" in file:
                with pytest.raises(ConfFileError):
                    mine.content()
            else:
                assert mine.content().decode() == file["text"], line["id"]
        assert set(nodes[role].files) == {file["path"] for file in objects(expected, "files")}, line["id"]
    assert count > 10


def of(name: str, *files: Json, role: str = "worker", version: str = "3.2.0") -> Json:
    """A MachineConfig with these files."""
    return {
        "kind": "MachineConfig",
        "metadata": {"name": name, "labels": {"machineconfiguration.openshift.io/role": role}},
        "spec": {"config": {"ignition": {"version": version}, "storage": {"files": list(files)}}},
    }


def file_of(content: str, compression: str | None = None, **fields: Json) -> Json:
    """A file /etc/containers/x with this content."""
    packed = gzip.compress(content.encode(), mtime=0) if compression == "gzip" else content.encode()
    contents: Json = {"source": "data:;base64," + base64.b64encode(packed).decode()}
    if compression is not None:
        as_object(contents)["compression"] = compression
    return {"path": PATH, "contents": contents, **fields}


PATH = "/etc/containers/x"


def on_nodes(release: str, pool: str, *configs: Json) -> bytes:
    """The content of that file on the nodes of a pool."""
    text = json.dumps({"kind": "List", "items": list(configs)})
    nodes = {node.pool: node.config for node in whole_nodes(File("x.json", text), RELEASES[release])}
    return nodes[pool].files[PATH].content()


@pytest.mark.parametrize(
    ("release", "wins"), [("4.13", b"worker"), ("4.14", b"worker"), ("4.15", b"infra"), ("5.0", b"infra")]
)
def test_from_4_15_on_a_custom_pools_own_configs_come_last(release: str, wins: bytes) -> None:
    configs = (of("99-zz", file_of("worker")), of("01-x", file_of("infra"), role="infra"))
    assert on_nodes(release, "infra", *configs) == wins
    assert on_nodes(release, "worker", *configs) == b"worker"


def test_a_built_in_pool_has_nothing_of_the_workers() -> None:
    configs = (of("99-zz", file_of("worker")), of("01-x", file_of("master"), role="master"))
    assert on_nodes("5.0", "master", *configs) == b"master"


def test_up_to_4_19_a_file_keeps_the_compression_of_the_earlier_config() -> None:
    configs = (of("1", file_of("old", "gzip")), of("2", file_of("new")))
    assert on_nodes("4.20", "worker", *configs) == b"new"
    with pytest.raises(ConfFileError, match="not gzip"):
        on_nodes("4.19", "worker", *configs)
    # An empty text takes it away in every release.
    assert on_nodes("4.19", "worker", configs[0], of("2", file_of("new", ""))) == b"new"
    # Without contents of its own the file stays what it was, compressed, and from 4.20 on that is no longer known.
    bare = of("2", {"path": PATH, "mode": 384})
    assert on_nodes("4.19", "worker", configs[0], bare) == b"old"
    assert on_nodes("4.20", "worker", configs[0], bare) == gzip.compress(b"old", mtime=0)


def test_a_name_sorts_by_its_bytes_and_a_later_one_replaces_the_file() -> None:
    assert (
        on_nodes("5.0", "worker", of("99-z", file_of("z")), of("99-Z", file_of("Z")), of("100", file_of("1"))) == b"z"
    )


def test_ignition_2_takes_the_last_of_two_files_with_one_path() -> None:
    assert on_nodes("5.0", "worker", of("1", file_of("a"), file_of("b"), version="2.2.0")) == b"b"
    with pytest.raises(ConfFileError, match="/etc/containers/x is listed twice"):
        on_nodes("5.0", "worker", of("1", file_of("a"), file_of("b")))


@pytest.mark.parametrize("version", ["2.0.0", "2.2.0", "3.0.0", "3.5.0"])
def test_versions_of_ignition_that_are_read(version: str) -> None:
    assert on_nodes("5.0", "worker", of("1", file_of("a"), version=version)) == b"a"


@pytest.mark.parametrize("version", ["1", "2.3.0", "3.6.0", "4.0.0"])
def test_versions_of_ignition_that_are_not_read(version: str) -> None:
    with pytest.raises(ConfFileError, match=f"'{version}' is not read by the operator"):
        on_nodes("5.0", "worker", of("1", file_of("a"), version=version))


def test_what_is_beside_files_is_merged_too() -> None:
    first = as_object(of("1"))
    spec = as_object(first["spec"])
    as_object(spec["config"])["systemd"] = {"units": [{"name": "a.service", "enabled": True, "contents": "x"}]}
    as_object(spec["config"])["passwd"] = {"users": [{"name": "core", "sshAuthorizedKeys": ["k1"]}]}
    spec |= {"kernelArguments": ["a"], "kernelType": "default", "osImageURL": "q.io/x", "fips": False}
    second = as_object(of("2"))
    spec = as_object(second["spec"])
    as_object(spec["config"])["systemd"] = {"units": [{"name": "a.service", "enabled": False}, {"name": "b.service"}]}
    as_object(spec["config"])["passwd"] = {"users": [{"name": "core", "sshAuthorizedKeys": ["k1", "k2"]}]}
    as_object(spec["config"])["storage"] = {"directories": [{"path": "/d"}]}
    spec |= {"kernelArguments": ["b"], "extensions": ["usbguard"]}
    config = merged([first, second])
    assert config.units == {
        "a.service": {"name": "a.service", "enabled": False, "contents": "x"},
        "b.service": {"name": "b.service"},
    }
    assert config.users == {"core": {"name": "core", "sshAuthorizedKeys": ["k1", "k2"]}}
    assert config.system == {"osImageURL": "q.io/x", "kernelArguments": ["a", "b"], "extensions": ["usbguard"]}
    assert config.fixed == {"storage.directories": [{"path": "/d"}]}


def config_of_pool(name: str, pool: str, files: int) -> str:
    listed = [{"path": f"/etc/{name}/{n}", "contents": {"source": "data:,a"}} for n in range(files)]
    meta = {"name": name, "labels": {"machineconfiguration.openshift.io/role": pool}}
    spec = {"config": {"ignition": {"version": "3.2.0"}, "storage": {"files": listed}}}
    return json.dumps({"apiVersion": "v1", "kind": "MachineConfig", "metadata": meta, "spec": spec})


def test_files_of_workers_in_many_pools_have_a_limit() -> None:
    def pools(count: int, files: int) -> int:
        configs = [
            config_of_pool("50-worker", "worker", files),
            *(config_of_pool(f"60-p{n}", f"p{n}", 1) for n in range(count)),
        ]
        return len(whole_nodes(File("m.yaml", "\n---\n".join(configs)), RELEASES[DEFAULT_RELEASE]))

    assert pools(20, 100) == 21
    with pytest.raises(ConfFileError, match="--no-limits"):
        pools(60, 500)
    set_limits(off=True)
    try:
        assert pools(60, 500) == 61
    finally:
        set_limits(off=False)
