"""What the files of `worker` become in each of many pools has a limit."""

import json

import pytest

from compiler.machine.limits import set_limits
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.node.machine_configs import whole_nodes
from compiler.node.registries_conf import ConfFileError
from compiler.text.span import File


def config(name: str, pool: str, files: int) -> str:
    listed = [{"path": f"/etc/{name}/{n}", "contents": {"source": "data:,a"}} for n in range(files)]
    meta = {"name": name, "labels": {"machineconfiguration.openshift.io/role": pool}}
    spec = {"config": {"ignition": {"version": "3.2.0"}, "storage": {"files": listed}}}
    return json.dumps({"apiVersion": "v1", "kind": "MachineConfig", "metadata": meta, "spec": spec})


def test_files_of_workers_in_many_pools_have_a_limit() -> None:
    def pools(count: int, files: int) -> int:
        configs = [config("50-worker", "worker", files), *(config(f"60-p{n}", f"p{n}", 1) for n in range(count))]
        return len(whole_nodes(File("m.yaml", "\n---\n".join(configs)), RELEASES[DEFAULT_RELEASE]))

    assert pools(20, 100) == 21
    with pytest.raises(ConfFileError, match="--no-limits"):
        pools(60, 500)
    set_limits(off=True)
    try:
        assert pools(60, 500) == 61
    finally:
        set_limits(off=False)
