"""Which images a plain list names, and where.

In: the text of a list, a pull spec on each line, or what tools such as oc and oc-mirror print. Out: image references
with their places, and the lines that name an image of no registry, or one that cannot be known.
"""

import re

from compiler.images.references import ImageReference, Images, UnresolvedImage, unresolvable
from compiler.names.lookup import repository_of
from compiler.text.span import File, Span

_LINE = re.compile(
    r"^[ \t]*(?:(?P<spec>[A-Za-z0-9._-]++(?::[0-9]++)?/[A-Za-z0-9][A-Za-z0-9._/:@-]*+)"
    r"|(?P<other>\S(?:[^ \t\r\n]++|[ \t\r]++(?=[^ \t\r\n]))*+))[ \t\r]*+$",
    re.MULTILINE,
)
"""Nearly every line is a plain pull spec; what else one may be is found out with more care."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_REGISTRY_TRANSPORT = "docker://"
_QUOTES = "\"',"
_TRANSPORT = re.compile(
    r"(docker-archive|docker-daemon|oci|oci-archive|dir|containers-storage|atomic|ostree|sif):(?![A-Za-z0-9_][\w.-]*$)"
)
_DIGEST = re.compile(r"sha(?:256|384|512):[0-9a-fA-F]+")
_HOST = re.compile(r"(?:[^/\s.:]*+[.:][^/\s]*+|localhost)/\S+")


def find_in_list(file: File) -> Images:
    """The images of a list: a pull spec on each line.

    Comments and empty lines are passed over, and `docker://` in front is taken off. `SOURCE=DESTINATION` is a line of
    an oc-mirror mapping: the image is the source, which is copied to the repository of the destination. In a table, as
    `oc adm release info --pullspecs` prints, the last column counts where it is a pull spec; other lines of several
    words are its decoration.
    """
    references: list[ImageReference] = []
    unresolved: list[UnresolvedImage] = []
    for line in _LINE.finditer(file.text):
        if line.lastgroup == "spec":
            references.append(ImageReference(line["spec"], Span(file, *line.span("spec"))))
            continue
        found = _in_line(file, line.start("other"), line["other"])
        if isinstance(found, ImageReference):
            references.append(found)
        elif found is not None:
            unresolved.append(found)
    return Images(file=file, references=tuple(references), unresolved=tuple(unresolved))


def _in_line(file: File, start: int, line: str) -> ImageReference | UnresolvedImage | None:
    line = _COMMENT.sub("", line)
    words = line.split()
    if not words:
        return None
    label, word = words[0] if len(words) > 1 else "", words[-1]
    if label and not word.startswith(_REGISTRY_TRANSPORT) and not _is_column(word, label):
        return None
    spec = word.lstrip(_QUOTES).removeprefix(_REGISTRY_TRANSPORT)
    at = start + line.rindex(word) + len(word) - len(spec)
    spec, _, copied_to = spec.partition("=")
    spec = spec.rstrip(_QUOTES)
    span = Span(file, at, at + len(spec))
    reason = _unresolvable(spec)
    if reason:
        return UnresolvedImage(text=spec, reason=reason, span=span, owner=label)
    destination = _destination(copied_to.rstrip(_QUOTES))
    return ImageReference(text=spec, span=span, owner=label.rstrip(":"), destination=destination) if spec else None


def _destination(text: str) -> str:
    """The repository that a mapping names as a destination; empty where that is not a registry."""
    spec = text.removeprefix(_REGISTRY_TRANSPORT)
    is_registry = "://" not in spec and _HOST.fullmatch(spec) is not None and _TRANSPORT.match(spec) is None
    return repository_of(spec) if is_registry else ""


_MAPPING_LINE = re.compile(rb"^[^\s=#]++=[^\s=]++[ \t\r]*$", re.MULTILINE)


def is_mapping(path: str, data: bytes) -> bool:
    """Whether a file is a mapping of oc-mirror, by its name and a line."""
    return path.rpartition("/")[2] == "mapping.txt" and _MAPPING_LINE.search(data) is not None


def _is_column(word: str, label: str) -> bool:
    """Whether the last word of a line of several is what the line is about."""
    if _DIGEST.fullmatch(word):
        return not label.endswith(":")
    return "://" not in word and _HOST.fullmatch(word) is not None


def _unresolvable(word: str) -> str:
    if _DIGEST.fullmatch(word):
        return "a digest without a repository (`oc adm release info --pullspecs` prints both)"
    if reason := unresolvable(word):
        return reason
    match = _TRANSPORT.match(word)
    return f"`{match[0]}` is not a registry" if match else ""
