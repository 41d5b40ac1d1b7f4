"""The check of the node disruption policy."""

import pytest

from compiler.checks import check
from compiler.manifests.parsing import parse
from compiler.policy.analysis import analyse
from compiler.policy.settings import settings_of
from compiler.text.span import File

CONF = "/etc/containers/registries.conf"
OTHER = "{type: Reload, reload: {serviceName: x.service}}"
RELOAD = "{type: Reload, reload: {serviceName: crio.service}}"
RESTART = "{type: Restart, restart: {serviceName: crio.service}}"


def found(path: str, actions: str, release: str = "5.0") -> list[tuple[str, str]]:
    """The places and messages of the rule for a policy with one entry."""
    settings = settings_of(release=release)
    text = f"""\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {{name: cluster}}
spec: {{nodeDisruptionPolicy: {{files: [{{path: {path}, actions: [{actions}]}}]}}}}
"""
    analysis = analyse([parse(File("p.yaml", text), settings.release)], settings)
    return [
        (str(finding.span), finding.message)
        for finding in check(analysis, settings)
        if finding.rule == "crio-not-reloaded"
    ]


@pytest.mark.parametrize("actions", ["{type: None}", "{type: Drain}", "{type: DaemonReload}", OTHER, ""])
def test_an_entry_that_does_not_reload_crio(actions: str) -> None:
    ((place, message),) = found(CONF, actions)
    assert place.startswith("p.yaml:4:")
    assert f"does not reload CRI-O for `{CONF}`" in message


@pytest.mark.parametrize("actions", [RELOAD, RESTART, "{type: Reboot}", f"{{type: Drain}}, {RELOAD}"])
def test_an_entry_that_reloads_crio(actions: str) -> None:
    assert found(CONF, actions) == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/etc/containers", "01-image-searchRegistries.conf` and nothing else"),
        ("/etc/containers/registries.conf.d", "01-image-searchRegistries.conf"),
        ("/etc/containers/registries.d", "sigstore-registries.yaml"),
        ("/etc/containers/policy.json", "policy.json"),
        ("/etc/crio/policies", "/etc/crio/policies"),
        ("/etc/motd", ""),
        ("/etc/containers/registries.conf.", ""),
    ],
)
def test_only_files_that_mirror_policy_makes_are_looked_at(path: str, named: str) -> None:
    told = found(path, "{type: None}")
    assert bool(told) is bool(named)
    assert named.partition("`")[0] in "".join(message for _, message in told)


@pytest.mark.parametrize(("release", "is_told"), [("4.15", False), ("4.16", False), ("4.17", True), ("5.0", True)])
def test_policies_take_effect_from_4_17_on(release: str, is_told: bool) -> None:
    assert bool(found(CONF, "{type: None}", release)) is is_told
