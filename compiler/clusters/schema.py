"""The JSON Schema of `.mirrorc.yaml`, for editors: completion, the words beside it, and most mistakes as one types.

In: the releases and the rules that there are. Out: the schema (draft 7, which editors know best) as `schema.json`
contains it. It can say less than `compiler.clusters.config` checks, and nothing that `compiler.clusters.config` takes
does it refuse.
"""

import re
from typing import TYPE_CHECKING, TypeAlias

from compiler.clusters.config import CLUSTER, DEFAULT_OUTPUT, MOST_POOLS
from compiler.findings.diagnostics import Severity
from compiler.findings.rules import RULES
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.policy.settings import DEFAULT_POOLS, MACHINE_CONFIGS, PAYLOAD_DEFAULT, PAYLOAD_POLICIES, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"

_PATH = r"^(?!/|[A-Za-z]:|\.\.(/|$))[^\\]+$"
_OBJECT_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
_CLUSTER_NAME = r"^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$"


def schema() -> Json:
    """The schema as a JSON value."""
    choices = _choices()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:mirrorc:schema:configuration:1",
        "title": ".mirrorc.yaml",
        "description": "The clusters of a repo and the settings of each. Paths are relative to this file.",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"description": "The version of this file format.", "const": 1},
            "allowEmpty": choices["allowEmpty"],
            "baseline": {
                "description": "The file of accepted findings, which `mirrorc check --write-baseline FILE` writes: "
                "only findings that are not in it are reported.",
                "type": ["string", "null"],
                "pattern": _PATH,
            },
            "defaults": {
                "description": "Defaults for all clusters. A cluster adds to the lists of paths and to the "
                "severities; it overrides any other value.",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": choices,
            },
            "homes": {
                "description": "Documents with mirror policy inside them, such as an install-config or an ACM policy, "
                "and the cluster for which they count. Without this, each makes a cluster by itself.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["path"],
                    "properties": {
                        "path": {"description": "A file, a folder or a pattern.", "type": "string"},
                        "cluster": {"description": "The name of a cluster.", "type": "string"},
                    },
                },
            },
            "clusters": {
                "description": "The clusters. Without this key, the repo is one cluster.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {
                            "description": f"The cluster's name, for --cluster and as the value of {CLUSTER}.",
                            "type": "string",
                            "pattern": _CLUSTER_NAME,
                            "maxLength": 253,
                        },
                        **choices,
                    },
                },
            },
        },
    }


def _choices() -> dict[str, Json]:
    standard = Settings()
    chart: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["chart"],
        "properties": {
            "chart": {"description": "The folder of the chart.", "type": "string", "pattern": _PATH},
            "values": _one_or_more("Values files; a later one overrides an earlier one."),
            "valuesObject": {"description": "Values over those of the files.", "type": ["object", "null"]},
        },
    }
    return {
        "paths": _list(
            f"Files, folders or patterns of manifests. `*` does not match `/`, `**` does; {CLUSTER} is the cluster's "
            "name.",
            {"type": "string", "pattern": _PATH},
        ),
        "exclude": _list("Files, folders or patterns to exclude from the paths.", {"type": "string", "pattern": _PATH}),
        "kustomization": _one_or_more(
            "A folder with a kustomization.yaml, or several, built with `kustomize`, `kubectl` or `oc`, offline."
        ),
        "helm": {
            "description": "A chart, or several, rendered with `helm template`, offline.",
            "anyOf": [chart, {"type": "array", "items": chart}, {"type": "null"}],
        },
        "output": {
            "description": "The folder that `mirrorc build` writes to.",
            "type": ["string", "null"],
            "pattern": _PATH,
            "default": DEFAULT_OUTPUT,
        },
        "release": {
            "description": "The OpenShift release, or a version of it such as 4.18.12, in quotes.",
            "anyOf": [
                {"enum": [*RELEASES, None]},
                {"type": "string", "pattern": f"^({'|'.join(map(re.escape, RELEASES))})\\.[0-9]+(-[-.0-9A-Za-z]+)?$"},
            ],
            "default": DEFAULT_RELEASE,
        },
        "pools": _list(
            "Machine config pools to generate MachineConfigs for.",
            {"type": "string", "pattern": _OBJECT_NAME, "maxLength": 253},
            default=list(DEFAULT_POOLS),
            maxItems=MOST_POOLS,
        ),
        "releaseImage": {
            "description": "The release image the cluster was installed from; the controller keeps it from being "
            "blocked.",
            "type": ["string", "null"],
            "default": standard.release_image,
        },
        "payloadPolicy": {
            "description": "`default` for the signature policy that the release payload brings to self-managed "
            "clusters, `none` for clusters without it: hosted control planes, OKD, an override in ClusterVersion.",
            "enum": [*PAYLOAD_POLICIES, None],
            "default": PAYLOAD_DEFAULT,
        },
        "namespace": {
            "description": "The namespace of an ImagePolicy that names none and gets none from a kustomization.",
            "type": ["string", "null"],
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            "maxLength": 63,
        },
        "machineConfig": {
            "description": "`controller` predicts the controller's own MachineConfigs, `drop-in` makes some to apply.",
            "enum": [*MACHINE_CONFIGS, None],
            "default": standard.machine_config,
        },
        "machineConfigName": {
            "description": "Name of drop-in MachineConfigs; {pool} is the pool's name.",
            "type": ["string", "null"],
            "default": standard.name,
        },
        "allowEmpty": {
            "description": "Whether a cluster without mirror policy, or a repo without images, is meant to be so.",
            "type": ["boolean", "null"],
            "default": standard.allow_empty,
        },
        "values": {
            "description": "Values of placeholders in templates, by name; a name with dots is a path.",
            "type": ["object", "null"],
        },
        "severities": {
            "description": "Severity of findings, by rule.",
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                rule.name: {
                    "description": f"{rule.summary}.",
                    # `false` is what a reader of YAML 1.1 makes of `off`.
                    "enum": [*map(str, Severity), False, None] if rule.adjustable else [str(Severity.ERROR), None],
                    "default": str(rule.severity),
                }
                for rule in RULES.values()
            },
        },
    }


def _one_or_more(description: str) -> Json:
    path: Json = {"type": "string", "pattern": _PATH}
    return {"description": description, "anyOf": [path, {"type": "array", "items": path}, {"type": "null"}]}


def _list(description: str, item: Json, **more: Json) -> Json:
    return {"description": description, "type": ["array", "null"], "items": item, **more}
