"""Files of a node in Git: in MachineConfigs, Ignition and Butane configs, and kickstart files, and plain ones.

Follows openshift/machine-config-operator (7ff337a4f) `ctrlcommon.DecodeIgnitionFileContents` for the contents of files,
coreos/butane (cb34e12) for the form of its configs, which it writes compressed wherever that is shorter.
"""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping as Plain

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.homes.assisted import unloadable
from compiler.homes.source import Source, called, field_of, items_of, name_of, text_of
from compiler.manifests.embedded import Home, NodeText, Target, target
from compiler.node import conf_notes
from compiler.node.files import DROP_INS, REGISTRIES_CONF, Reads, read_from
from compiler.node.ignition_config import IgnitionFile
from compiler.node.machine_configs import pool_of
from compiler.node.placed import read_placed_lookups, read_placed_policy
from compiler.node.registries_conf import ConfFileError
from compiler.repository.paths import printable
from compiler.text.inner import Inner
from compiler.text.opaque import is_open, is_unknown, revealed, tokens
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, plain
from compiler.text.wording import shown

MACHINE_CONFIG = "machine-config"
_ROLE = "machineconfiguration.openshift.io/role"
_VARIANTS = ("openshift", "fcos", "flatcar", "fiot", "r4e", "rhcos")
_PATH = re.compile(r"/etc/containers/[\w./-]+")
_HEREDOC = re.compile(r"""<<-?[ \t]*(?P<quote>["'\\]?)(?P<mark>\w+)""")
_LONGEST_LINE = 1_000
_NUMBERED = re.compile(r"\d{2,3}-")
"""How the name of a drop-in begins, beside the registries.conf that it goes with."""
_PLAIN = re.compile(r"^[ \t]*(?:\[\[[ \t]*registry[ \t]*\]\]|unqualified-search-registries[ \t]*=)", re.MULTILINE)


def read(source: Source) -> Iterator[Home]:
    """The files about images in MachineConfigs, Ignition and Butane configs."""
    for each, root in source.of_kinds("MachineConfig"):
        del each
        yield from of_machine_config(source, root)
    for document in source.roots:
        if isinstance(document, Mapping) and "kind" not in document.fields:
            if text_of(document, "variant") in _VARIANTS:
                yield from _of_butane(source, document)
            elif field_of(document, "ignition", "version") is not None:
                yield from _of_ignition(source, document)


def read_text(source: Source) -> Iterator[Home]:
    """A plain registries.conf or drop-in, and those that a kickstart file writes."""
    path, text = source.file.path, source.file.text
    name = posixpath.basename(path)
    if name.endswith((".ks", ".kickstart", ".cfg")) and "/etc/containers/" in text:
        yield from _of_kickstart(source)
    elif (name.endswith((".conf", ".toml")) or name.startswith("registries.conf")) and _PLAIN.search(text):
        whole = Span(source.file, 0, len(text))
        folder = posixpath.dirname(path)
        is_inside = posixpath.basename(folder) == posixpath.basename(DROP_INS)
        is_drop_in = is_inside or _NUMBERED.match(name) is not None
        below = posixpath.dirname(folder) if is_inside else folder
        on_node = f"{DROP_INS}/{name}" if is_drop_in else REGISTRIES_CONF
        if not is_drop_in and name != posixpath.basename(REGISTRIES_CONF):
            below = path
        words = f"nodes with the files of {below or 'this folder'}"
        whose = target("registries-conf", below.replace("/", "-"), words, scope=below)
        yield _home("registries-conf", name, whole, (NodeText(on_node, text, whole),), whose, whole)


def of_machine_config(source: Source, root: Mapping, pool: str = "") -> Iterator[Home]:
    """The files about images of a MachineConfig, for a pool if whoever it is in sets one."""
    role, name = text_of(root, "metadata", "labels", _ROLE), name_of(root)
    listed = items_of(root, "spec", "config", "storage", "files")
    pool = pool or role or pool_of(name) or "worker"
    yield from _of_files(source, listed, "machine-config", called("MachineConfig", root), None, pool, name)


def _of_ignition(source: Source, root: Mapping) -> Iterator[Home]:
    path = source.file.path
    stem = posixpath.basename(path).partition(".")[0]
    is_bootstrap = "bootstrap" in stem
    what = "the bootstrap node" if is_bootstrap else "the nodes"
    whose = target("ignition", stem, f"{what} that {printable(path)} configures")
    listed = items_of(root, "storage", "files")
    yield from _of_files(source, listed, "ignition", "Ignition config", whose)


def _of_files(
    source: Source,
    listed: list[Node],
    form: str,
    holder: str,
    whose: Target | None,
    pool: str = "",
    config: str = "",
) -> Iterator[Home]:
    for item in listed:
        path = text_of(item, "path")
        if not isinstance(item, Mapping) or not _is_ours(path):
            continue
        at = field_of(item, "contents", "source") or item
        if isinstance(given := item.fields.get("contents"), Scalar) and given.value is not None:
            if not is_unknown(given.text.strip()):
                yield _refused(
                    form, holder, item, given, whose, "`contents` is a text; expected an object with `source`"
                )
            continue
        data = plain(item)
        contents = text_of(item, "contents", "source")
        if any(not token.startswith("%") for token in tokens(contents)):
            continue  # there is no content before it is rendered
        held = data.get("contents") if isinstance(data, Plain) else None
        if (
            isinstance(data, Plain) and isinstance(held, Plain) and is_open(contents)
        ):  # what looks like a placeholder may be an escape of the URL
            data["contents"] = {**held, "source": revealed(contents)}
        written = data if isinstance(data, Plain) else {}
        try:
            content = IgnitionFile(path=path, at="storage.files", written=written).content(source.unpacked)
            text = content.decode("utf-8")
        except ConfFileError as error:
            if not is_open(contents):  # else there is no content before it is rendered
                yield _refused(form, holder, item, at, whose, error.message)
            continue
        except UnicodeDecodeError:
            yield _refused(form, holder, item, at, whose, "the content is not UTF-8")
            continue
        is_packed = text_of(item, "contents", "compression") == "gzip"
        node_text = NodeText(path, text, at.span, None, is_packed, pool, config)
        yield _home(form, holder, at.span, (node_text,), whose, item.span)


def _refused(form: str, holder: str, item: Node, at: Node, whose: Target | None, reason: str) -> Home:
    return Home(
        form=form,
        holder=holder,
        span=at.span,
        target=whose,
        compiled=False,
        diagnostics=(
            rules.UNLOADABLE_NODE_FILE.at(
                at.span, f"the file cannot be decoded: {reason}", help="Write the content as a data URL."
            ),
        ),
        read=(item.span,),
    )


def _of_butane(source: Source, root: Mapping) -> Iterator[Home]:
    name = name_of(root)
    role = text_of(root, "metadata", "labels", _ROLE)
    is_machine_config = text_of(root, "variant") == "openshift"
    for item in items_of(root, "storage", "files"):
        path = text_of(item, "path")
        inline = field_of(item, "contents", "inline")
        local = field_of(item, "contents", "local")
        if not _is_ours(path) or not isinstance(inline or local, Scalar):
            continue
        pool = (role or "worker") if is_machine_config else ""
        config = name if is_machine_config else ""
        if isinstance(inline, Scalar):
            at = inline.span
            text = NodeText(path, inline.text, at, Inner(inline), is_machine_config, pool, config)
        elif isinstance(local, Scalar):
            at = local.span
            text = NodeText(path, "", at, None, is_machine_config, pool, config, local.text)
        whose = None
        if not is_machine_config:
            stem = posixpath.basename(source.file.path).partition(".")[0]
            whose = target("butane", stem, f"the nodes that {printable(source.file.path)} configures")
        holder = f"Butane config `{name}`" if name else "Butane config"
        if text.local:
            # The text is that of another file, which `clusters.locals` finds.
            findings = tuple(_outside(local)) if isinstance(local, Scalar) else ()
            covered = (item.span,) if findings else ()
            yield Home(
                form="butane",
                holder=holder,
                span=item.span,
                target=whose,
                node_texts=() if findings else (text,),
                compiled=False,
                diagnostics=findings,
                read=covered,
            )
            continue
        yield _home("butane", holder, at, (text,), whose, item.span)


def _outside(local: Scalar) -> Iterator[Diagnostic]:
    """Why Butane refuses a path: it must be in the folder of files."""
    if local.text.startswith("/") or posixpath.normpath(local.text).startswith("../"):
        yield rules.UNLOADABLE_NODE_FILE.at(
            local.span,
            f"Butane refuses `{shown(local.text)}`: a local file must be inside its folder of files",
            help="Write a path from the folder that `--files-dir` names.",
            field="contents.local",
        )


def _of_kickstart(source: Source) -> Iterator[Home]:
    file = source.file
    stem = posixpath.basename(file.path).partition(".")[0]
    whose = target("kickstart", stem, f"hosts that {printable(file.path)} installs")
    ends: dict[str, list[int]] = {}
    for number, start in enumerate(file.line_starts, 1):
        if file.line_length(number) < _LONGEST_LINE:
            ends.setdefault(file.line(number).strip(), []).append(start)
    done = 0
    for number, start in enumerate(file.line_starts, 1):
        if start < done:  # what looks like a command is part of a text
            continue
        line = file.line(number) if file.line_length(number) < _LONGEST_LINE else ""
        path, heredoc = _PATH.search(line), _HEREDOC.search(line)
        if path is None or heredoc is None or line.lstrip().startswith("#") or not _is_ours(path[0]):
            continue
        begin = start + len(line) + 1
        closing = ends.get(heredoc["mark"], [])
        place = bisect_left(closing, begin)
        text = source.written[begin : closing[place]] if place < len(closing) else ""
        done = begin + len(text)
        if not text or (not heredoc["quote"] and re.search(r"[$`\\]", text)):
            continue
        span = Span(file, begin, closing[place])
        texts = (NodeText(path[0], text, span),)
        yield _home("kickstart", "kickstart file", span, texts, whose, Span(file, start, closing[place]))


def with_local(home: Home, found: File) -> Home:
    """A home of Butane whose file is another one, with the text of that."""
    (text,) = home.node_texts
    made = text._replace(text=found.text, span=Span(found, 0, len(found.text)), local="")
    return _home(home.form, home.holder, home.span, (made,), home.target, home.span)


def _home(
    form: str,
    holder: str,
    at: Span,
    texts: tuple[NodeText, ...],
    whose: Target | None,
    covered: Span,
) -> Home:
    findings = []
    kept = texts
    for text in texts:
        try:
            if read_from(text.path) is Reads.REGISTRIES:
                findings.extend([*conf_notes.of_text(text)])
            elif read_from(text.path) is Reads.SIGNATURES:
                read_placed_lookups([text])
            else:
                read_placed_policy(text)
        except ConfFileError as error:
            kept = ()
            if is_open(text.text):
                covered = at._replace(end=at.start)  # it may be loadable once it is rendered
            elif error.is_version_1 and text.path == REGISTRIES_CONF:
                findings.append(_old_format(error, at))
            else:
                findings.append(unloadable(error, at))
    return Home(
        form=form,
        holder=holder,
        span=at,
        target=whose,
        node_texts=kept,
        compiled=bool(kept),
        diagnostics=tuple(findings),
        read=(covered,),
    )


def _old_format(error: ConfFileError, at: Span) -> Diagnostic:
    """The main file in version 1 of the format, which nodes load as long as there is nothing of version 2 in it."""
    return rules.UNREAD_POLICY.at(
        error.span or at,
        "registries.conf in version 1 of the format is not read",
        help="Write it as version 2: `unqualified-search-registries` and [[registry]].",
    )


def _is_ours(path: str) -> bool:
    return read_from(path) is not None
