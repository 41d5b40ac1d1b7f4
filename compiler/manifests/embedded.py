"""Mirror policy inside another document, as the readers of `homes` find it: where it is, and whose it is.

In: what a reader found in one file. Out: a `Home`. Which clusters the homes of a repo make together is decided later,
in `clusters.homes`, since a ConfigMap in one file may be named in another.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.kinds import Manifest
from compiler.text.inner import Inner
from compiler.text.opaque import is_open
from compiler.text.span import Span


class Target(NamedTuple):
    """The cluster, or the group of clusters, that a home's objects are applied to.

    Attributes:
        name: What it is called in reports and as a folder: a valid name of a cluster, such as `hosted-cluster-north`.
        words: What it is, as the end of a sentence: `the hosted cluster clusters/north`.
        pools: The pools that it has, empty for those of the settings.
        release_image: The image it is released from, empty where the home does not say.
        has_payload_policy: False where the release brings no signature policy to its nodes.
        scope: Where the name means this target: a namespace or a file; None where it means another one in each file.
        part: The group of nodes in it that has other files than the rest, empty for all nodes.
    """

    name: str
    words: str
    pools: tuple[str, ...] = ()
    release_image: str = ""
    has_payload_policy: bool = True
    scope: str | None = None
    part: str = ""


_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def target(form: str, name: str, words: str, *, scope: str | None = None) -> Target:
    """A target that is called after its form and the name of what says which clusters it means.

    A name that is not known before it is rendered means another target in each file.
    """
    made = _NOT_IN_A_NAME.sub("-", f"{form}-{name}" if name else form).strip("-._")
    return Target(made[:_LONGEST_NAME].strip("-._"), words, scope=None if is_open(name) else scope)


_LONGEST_NAME = 200


class Merge(StrEnum):
    """How the objects of a home get into what the cluster has already."""

    APPLY = "apply"
    """They replace it, as `oc apply` does."""
    ADD = "add"
    """What the cluster has is kept, and what is missing is added (`musthave`)."""
    EXACT = "exact"
    """They replace it where they differ in more than order (`mustonlyhave`)."""


FILE = "File"
"""The kind of a pointer to a file or a folder."""

POLICY_GENERATOR = "policy-generator"
"""The form of manifests that a PolicyGenerator wraps."""

OVERRIDES = "install-config-overrides"
"""The form of lists that replace those of the install-config that a service makes."""

ANY = "any"
"""The name of a patch that names no object."""

INSTALLATION = "installation"
"""The role of what a cluster is given at its installation, beside what the same document does elsewhere."""


class NodeText(NamedTuple):
    """The text of a file of a node, where it is written.

    Attributes:
        path: Of the file on the node, such as `/etc/containers/registries.conf`.
        text: What is in it there.
        span: Where it is written.
        inner: The way from places in the text to those in the file around it, None where the text is the file.
        compressed: Whether it is written compressed, which the update of a node does not expect of registries.conf.
        pool: The pool whose nodes have it, by the label of a MachineConfig; empty for a file of whichever node.
        config: The name of the MachineConfig.
        local: The path of the file that has the text, from the folder of the document; empty where it is written here.
    """

    path: str
    text: str
    span: Span
    inner: Inner | None = None
    compressed: bool = False
    pool: str = ""
    config: str = ""
    local: str = ""


class Home(NamedTuple):
    """A place of mirror policy inside another document, with what was read there.

    Attributes:
        form: The name of its form, one of `forms.FORMS`.
        holder: The document around it in words: "ConfigurationPolicy `team`".
        span: Where it begins.
        target: Whose the objects are. None is the cluster that the file itself is for.
        manifests: The objects, each value with its place in the original file.
        refused: Kind and name of the objects that the API server would not take.
        diagnostics: What there is to say about them.
        node_texts: Files of a node that are written there.
        merge: How the objects get into what the cluster has.
        compiled: Whether they are part of what the cluster has. Those of a policy that only informs are not.
        is_wanted: Whether clusters should have them. What a policy deletes, or checks the absence of, they should not.
        awaits: The namespace and name under which another document may refer to it, for what nothing applies by itself.
        role: As what it is awaited, such as `node-pool-config`.
        alone: Whose it is where nothing refers to it; None where it is only checked then.
        said: What the home does with its content, in sentences.
        read: What was read, and so is not unread policy.
        joins: Whether it is part of the clusters whose paths contain its file, where there are some, as a template is.
        reading: The reading of its file in which it was found, 0 for the first: see `Parsed.variants`.
        changed: The commands of a script that change it after it is written, so that what is read is not all.
    """

    form: str
    holder: str
    span: Span
    target: Target | None = None
    manifests: tuple[Manifest, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    node_texts: tuple[NodeText, ...] = ()
    merge: Merge = Merge.APPLY
    compiled: bool = True
    is_wanted: bool = True
    awaits: tuple[str, str] | None = None
    role: str = ""
    alone: Target | None = None
    said: tuple[str, ...] = ()
    read: tuple[Span, ...] = ()
    joins: bool = False
    reading: int = 0
    changed: tuple[Span, ...] = ()


class Pointer(NamedTuple):
    """A document that names another one: it says for which cluster that counts, and as what.

    Attributes:
        kind: Of what is named: `ConfigMap`, or `File` for a path.
        namespace: Of what is named, empty where it does not matter.
        name: Its name, or its path from the folder of the document that names it.
        role: As what it is read there.
        target: The cluster for which it counts.
        span: Where it is named.
        merge: How the objects of a file get into what the cluster has.
        compiled: Whether they are applied at all.
        is_wanted: Whether clusters should have them.
        patches: What replaces the rules or registries of the objects of a file, by kind; one without a name is for any.
    """

    kind: str
    namespace: str
    name: str
    role: str
    target: Target
    span: Span
    merge: Merge = Merge.APPLY
    compiled: bool = True
    is_wanted: bool = True
    patches: tuple[Manifest, ...] = ()
