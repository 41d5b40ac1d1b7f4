"""The table of files on a node: each path has one row, and what is read, changed and made agrees with it."""

import re

import pytest

from compiler.diff.disruption import Cause
from compiler.node.files import (
    DROP_INS,
    FILES,
    GENERATED,
    NAMESPACE_POLICIES,
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    SIGNATURES,
    SIGSTORE_REGISTRIES,
    Reads,
    namespace_policy,
    node_path,
    read_from,
    row_of,
    short_path,
)


@pytest.mark.parametrize(
    ("path", "reads", "cause"),
    [
        (REGISTRIES_CONF, Reads.REGISTRIES, Cause.REGISTRIES_CONF_REWRITTEN),
        (POLICY_JSON, Reads.POLICY, Cause.POLICY_CHANGED),
        (SEARCH_CONF, Reads.REGISTRIES, Cause.SEARCH_DROP_IN_CHANGED),
        (f"{DROP_INS}/50-x.conf", Reads.REGISTRIES, Cause.DROP_IN_CHANGED),
        (f"{DROP_INS}/50-x.txt", None, Cause.DROP_IN_CHANGED),
        (f"{DROP_INS}/below/50-x.conf", None, None),
        (SIGSTORE_REGISTRIES, Reads.SIGNATURES, Cause.SIGNATURES_CHANGED),
        (f"{SIGNATURES}/below/x.yaml", None, Cause.SIGNATURES_CHANGED),
        (namespace_policy("a"), Reads.NAMESPACE_POLICY, Cause.SIGNATURES_CHANGED),
        (f"{NAMESPACE_POLICIES}/below/a.json", None, Cause.SIGNATURES_CHANGED),
        ("/etc/hosts", None, None),
    ],
)
def test_what_a_path_stands_for(path: str, reads: Reads | None, cause: Cause | None) -> None:
    assert read_from(path) is reads
    row = row_of(path)
    assert (None if row is None else Cause(row.cause)) is cause


def test_every_row_has_a_cause_and_a_name_for_its_artifact() -> None:
    for row in FILES:
        assert row.cause in set(Cause)
        example = f"{row.path}/a{row.suffix}" if row.suffix else row.path
        assert row_of(example) is row
        assert re.fullmatch(row.artifact, short_path(example))
        assert node_path(short_path(example)) == example


def test_the_controller_makes_files_that_are_read() -> None:
    for path in GENERATED:
        assert read_from(namespace_policy("a") if path == NAMESPACE_POLICIES else path) is not None
