"""The forms in which people keep mirror policy: what a file is, decided by its name and by the top of its document.

In: a path, a text and the document in which a place is. Out: one of `FORMS`, whose name is part of the JSON output. A
form does not say whether a place was read: a reader says that of every place by itself, see `policy_places`.
"""

import re
from typing import NamedTuple


class Form(NamedTuple):
    """A form of policy: its name in JSON, and what one and several places of it are called."""

    name: str
    noun: str
    plural: str = ""

    def counted(self, count: int) -> str:
        """`1 shell script`, `7 Jinja templates`."""
        return f"{count} {self.noun if count == 1 else self.plural or f'{self.noun}s'}"


MANIFEST = "manifest"

FORMS = {
    form.name: form
    for form in (
        Form(MANIFEST, "manifest"),
        Form("template", "template"),
        Form("jinja-template", "Jinja template"),
        Form("helm-template", "Helm template"),
        Form("go-template", "Go template"),
        Form("terraform", "Terraform file"),
        Form("install-config", "install-config"),
        Form("install-config-template", "install-config template"),
        Form("install-config-overrides", "install-config override"),
        Form("hosted-cluster", "HostedCluster"),
        Form("source-list", "list of sources", "lists of sources"),
        Form("config-map", "ConfigMap"),
        Form("machine-config", "MachineConfig"),
        Form("ignition", "Ignition file"),
        Form("butane", "Butane file"),
        Form("kickstart", "kickstart file"),
        Form("registries-conf", "registries.conf", "registries.conf files"),
        Form("acm-policy", "ACM policy", "ACM policies"),
        Form("policy-generator", "PolicyGenerator"),
        Form("sync-set", "SyncSet"),
        Form("manifest-work", "ManifestWork"),
        Form("openshift-template", "OpenShift Template"),
        Form("argo-application", "Argo CD Application"),
        Form("kustomize-patch", "kustomize patch", "kustomize patches"),
        Form("ansible", "Ansible file"),
        Form("shell-script", "shell script"),
        Form("script", "script"),
        Form("makefile", "Makefile"),
        Form("containerfile", "Containerfile"),
        Form("pipeline", "pipeline"),
        Form("values", "values file"),
        Form("embedded", "object with embedded policy", "objects with embedded policy"),
        Form("text", "text file"),
    )
}

_SUFFIXES = {
    "sh": "shell-script",
    "bash": "shell-script",
    "zsh": "shell-script",
    "ksh": "shell-script",
    "bats": "shell-script",
    "ps1": "script",
    "psm1": "script",
    "bat": "script",
    "cmd": "script",
    "expect": "script",
    "j2": "jinja-template",
    "jinja": "jinja-template",
    "jinja2": "jinja-template",
    "tpl": "go-template",
    "gotmpl": "go-template",
    "gotemplate": "go-template",
    "tf": "terraform",
    "tfvars": "terraform",
    "tftpl": "terraform",
    "hcl": "terraform",
    "ign": "ignition",
    "bu": "butane",
    "butane": "butane",
    "fcc": "butane",
    "ks": "kickstart",
    "kickstart": "kickstart",
    "mk": "makefile",
    "dockerfile": "containerfile",
    "containerfile": "containerfile",
    "conf": "registries-conf",
    "toml": "registries-conf",
    "jsonnet": "script",
    "libsonnet": "script",
    "cue": "script",
    "dhall": "script",
    "pkl": "script",
    "template": "template",
    "tmpl": "template",
    "tmplt": "template",
    "tt": "template",
    "erb": "template",
    "mustache": "template",
    "envsubst": "template",
    "in": "template",
}
_NAMES = {
    "makefile": "makefile",
    "gnumakefile": "makefile",
    "justfile": "makefile",
    "taskfile": "makefile",
    "dockerfile": "containerfile",
    "containerfile": "containerfile",
    "jenkinsfile": "pipeline",
    "vagrantfile": "script",
}
_MANIFESTS = ("yaml", "yml", "json")

_KINDS = {
    "HostedCluster": "hosted-cluster",
    "HostedClusterTemplate": "hosted-cluster",
    "ConfigMap": "config-map",
    "MachineConfig": "machine-config",
    "Policy": "acm-policy",
    "ConfigurationPolicy": "acm-policy",
    "PolicyGenerator": "policy-generator",
    "PolicyGenTemplate": "policy-generator",
    "SyncSet": "sync-set",
    "SelectorSyncSet": "sync-set",
    "ManifestWork": "manifest-work",
    "ManifestWorkReplicaSet": "manifest-work",
    "Template": "openshift-template",
    "Application": "argo-application",
    "ApplicationSet": "argo-application",
    "Kustomization": "kustomize-patch",
    "Component": "kustomize-patch",
    "AgentClusterInstall": "install-config-overrides",
    "ClusterInstance": "install-config-overrides",
    "SiteConfig": "install-config-overrides",
    "ImageClusterInstall": "install-config-overrides",
    "InstallConfig": "install-config",
    "AgentConfig": "install-config",
    "Task": "pipeline",
    "Pipeline": "pipeline",
    "PipelineRun": "pipeline",
    "TaskRun": "pipeline",
    "ImageDigestMirrorSet": MANIFEST,
    "ImageTagMirrorSet": MANIFEST,
    "ImageContentSourcePolicy": MANIFEST,
    "Image": MANIFEST,
}

_KIND = re.compile(r"""^["']?kind["']?[ \t]*:[ \t]*["']?(\w+)""", re.MULTILINE)
_JSON_KIND = re.compile(r"""^\s*\{(?:[^{}\[\]]*,)?\s*"kind"\s*:\s*"(\w+)\"""")
_VARIANT = re.compile(r"""^variant[ \t]*:[ \t]*["']?(?:openshift|fcos|flatcar|fiot|r4e|rhcos)""", re.MULTILINE)
_IGNITION = re.compile(r"""\A\s*\{.{0,400}?"ignition"\s*:\s*\{""", re.DOTALL)
_INSTALL = re.compile(
    r"^(?:baseDomain|imageDigestSources|imageContentSources|platform|pullSecret)[ \t]*:", re.MULTILINE
)
_ANSIBLE = re.compile(
    r"""^[ ]*-[ ]+(?:name|hosts|block|include_tasks|import_tasks|set_fact|debug|shell|command|copy|template|k8s
    |ansible\.builtin\.\w+|kubernetes\.core\.\w+|become|when|vars)[ \t]*:""",
    re.MULTILINE | re.VERBOSE,
)
_PIPELINE = re.compile(r"^(?:on|jobs|stages|steps|script|before_script)[ \t]*:", re.MULTILINE)
_SHEBANG = re.compile(r"\A#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(\w+)")
_JINJA = re.compile(r"\{%|\{#")
_HELM = re.compile(r"\{\{[^}\n]*(?:\.(?:Values|Release|Chart|Capabilities|Files)\b|\binclude\b)")
_GO = re.compile(r"\{\{-|-\}\}|\{\{[ ]*(?:\.|\$|if |range |with |end\b|template |define |toYaml )")
_BRACES = re.compile(r"\{\{")
_OTHER_MARK = re.compile(r"\$\{?\w|<%|\b__\w+__\b|@@\w+@@")
_SOURCES = ("imageDigestSources", "imageContentSources")
_TEMPLATES = frozenset(("template", "jinja-template", "go-template", "helm-template"))


SCRIPTS = frozenset(("shell-script", "script", "makefile", "containerfile", "kickstart"))
"""Forms of files that are programs, in which documents are only parts."""


def is_script(path: str) -> bool:
    """Whether a file is a program by its name."""
    return _by_name(path) in SCRIPTS


def is_script_file(path: str, data: bytes) -> bool:
    """The same, or by its first line where its name says nothing."""
    form = _by_name(path)
    return form in SCRIPTS or (not form and data.startswith(b"#!"))


def is_template(path: str) -> bool:
    """Whether a file is a template by its name."""
    return _by_name(path) in _TEMPLATES or path.endswith(".tftpl")


def _by_name(path: str) -> str:
    """The form of a file by its name alone, empty where that says nothing."""
    name = path.rpartition("/")[2].lower()
    parts = name.split(".")
    suffix = parts[-1] if len(parts) > 1 else ""
    return _SUFFIXES.get(suffix, "") or _NAMES.get(parts[0], "")


def form_of(path: str, text: str, start: int, end: int, *, word: str) -> str:
    """The form of a place.

    Args:
        path: Of the file; only its name counts.
        text: Of the file.
        start: Where the document begins in which the place is.
        end: Where it ends.
        word: What was found there.
    """
    name = path.rpartition("/")[2].lower()
    parts = name.split(".")
    suffix = parts[-1] if len(parts) > 1 else ""
    form = _by_name(path)
    if not form and suffix not in _MANIFESTS:
        form = _by_content(text, parts)
    if form in {"", "template", "go-template"}:
        form = _template(text, start, end) or form
    if form in _TEMPLATES and word in _SOURCES and _kind(text, start, end) not in _KINDS:
        return "install-config-template"
    if form:
        return form
    return _document(name, text, start, end, word) or (MANIFEST if suffix in _MANIFESTS else "text")


def _by_content(text: str, parts: list[str]) -> str:
    """The form of a file whose name says little."""
    shebang = _SHEBANG.match(text)
    if shebang is not None:
        return "shell-script" if shebang[1] in {"sh", "bash", "dash", "zsh", "ksh", "ash"} else "script"
    if any(part in _MANIFESTS for part in parts):  # install-config.yaml.sample
        return ""
    if text.lstrip().startswith("[[registry") or parts[0] == "registries":
        return "registries-conf"
    return "" if _kind(text, 0, len(text)) else "text"


def _template(text: str, start: int, end: int) -> str:
    """Which template language a document is written in, empty where it is plain or the language is one of values."""
    if _HELM.search(text, start, end):
        return "helm-template"
    if _JINJA.search(text, start, end) and _ANSIBLE.search(text, start, end) is None:
        return "jinja-template"
    if _GO.search(text, start, end) and _kind(text, start, end) not in {"Policy", "ConfigurationPolicy"}:
        return "" if _kind(text, start, end) in {"ApplicationSet", "PolicyGenerator"} else "go-template"
    return ""


def _document(name: str, text: str, start: int, end: int, word: str) -> str:
    """The form of a YAML or JSON document."""
    kind = _kind(text, start, end)
    form = _KINDS.get(kind, "")
    if form and form != MANIFEST:
        return form
    is_template = _BRACES.search(text, start, end) or _OTHER_MARK.search(text, start, end)
    if form:
        return "template" if is_template else MANIFEST
    if kind:
        return MANIFEST if kind.endswith("List") else "embedded"
    if _VARIANT.search(text, start, end):
        return "butane"
    if _IGNITION.match(text, start):
        return "ignition"
    if _ANSIBLE.search(text, start, end):
        return "ansible"
    if word in _SOURCES and _INSTALL.search(text, start, end):
        return "install-config-template" if is_template else "install-config"
    if _PIPELINE.search(text, start, end):
        return "pipeline"
    if name.startswith(("values", "vars", "main", "defaults", "group_vars", "all.")):
        return "values"
    return "template" if is_template else "values" if word not in {"registries.conf"} else ""


def _kind(text: str, start: int, end: int) -> str:
    """The kind at the top of a document, empty where it has none."""
    match = _KIND.search(text, start, end) or _JSON_KIND.match(text, start, end)
    return match[1] if match else ""
