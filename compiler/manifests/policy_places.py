r"""Where a text contains mirror policy, whatever kind of file it is: found by its words alone, without parsing.

In: the bytes or the text of a file. Out: the places, each with the word that was found and the form that the policy has
there, such as `jinja-template`. A place is found however it is quoted, indented or templated. What only mentions a
kind (RBAC, a CRD, a command that lists objects, a comment) is not a place.

Readers do not change this list: what one of them reads is subtracted from it by `Parsed.read`.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from compiler.manifests.forms import MANIFEST, form_of
from compiler.text.span import File, Span

WORDS = (
    b"MirrorSet",
    b"ontentSource",
    b"DigestSources",
    b"TagMirrors",
    b"DigestMirrors",
    b"registrySources",
    b"[[registry",
    b"[registries.",
    b"registries.conf",
    b"etc/containers/",
    b"mage-search-registries",
)
"""A file without any of these contains no mirror policy."""


LIST_WORD = b"mirrors:"
"""In a list of sources with their mirrors, whatever the key before it, if there is one."""
_IS_LIST = re.compile(
    r"(?:[ \t]*+(?:#[^\n]*+)?\r?\n|---[ \t]*+\r?\n|[ \t]*+\{[%#][^\n]*+\n)*+"
    r"(?P<item>-[ \t]++(?:mirrors|source):(?=[ \t\r\n]))"
)
"""A file that is nothing but such a list, as `hypershift create cluster` takes it."""
_PAIR = re.compile(
    r"""
    ^(?P<indent>[ ]*+)-[ ]++(?P<item>
        source:[ ]++(?P<first>[^\n]++)\n (?P=indent)[ ]++mirrors:
        | mirrors:[^\n]*+\n (?:(?P=indent)[ ]*+-[ ][^\n]*+\n){0,50} (?P=indent)[ ]++source:[ ]++(?P<last>[^\n]++)
    )""",
    re.VERBOSE | re.MULTILINE,
)
"""An item of one."""
_NOT_A_SOURCE = re.compile(r"""["']?(?:\w+:/|[/.~|>&*\[{](?!\{))""")
_IS_LIST_OF_BYTES = re.compile(_IS_LIST.pattern.encode())
_PAIR_OF_BYTES = re.compile(_PAIR.pattern.encode(), re.VERBOSE | re.MULTILINE)
SOURCE_LIST = "source-list"


class PolicyPlace(NamedTuple):
    """A place of mirror policy in a text.

    Attributes:
        start: Offset of the word, in code points.
        word: The kind or key that was found, such as `ImageDigestMirrorSet` or `registries.conf`.
        form: The name of the form, one of `forms.FORMS`.
    """

    start: int
    word: str
    form: str


class UnreadPolicy(NamedTuple):
    """A place of mirror policy that was not read: the shown path, the 1-based line, the name of the form."""

    path: str
    line: int
    form: str


def may_contain_policy(data: bytes) -> bool:
    """Whether a search for a few words finds any; this is asked of every file."""
    if any(map(data.__contains__, WORDS)):
        return True
    return LIST_WORD in data and (_IS_LIST_OF_BYTES.match(data) or _PAIR_OF_BYTES.search(data)) is not None


def policy_places(file: File, read: Collection[Span] = ()) -> tuple[PolicyPlace, ...]:
    """The places of a file that none of the spans covers, in order."""
    text = file.text
    if read and _is_all_read(text, read):
        return ()
    ends = _Covered(read)
    forms: dict[tuple[int, str], str] = {}
    found = []
    for start, word, document in _found(text):
        if ends.covers(start):
            continue
        key = (document[0], word)
        if key not in forms:
            forms[key] = form_of(file.path, text, *document, word=word)
        if word == _POLICY_JSON and forms[key] == "containerfile":
            continue  # for the programs in the image
        found.append(PolicyPlace(start, word, forms[key]))
    if not read and not found and _MIRRORS in text:
        found += _lists_of_sources(file)
    return tuple(found)


def _lists_of_sources(file: File) -> Iterator[PolicyPlace]:
    """The first list of sources in a file without any of our keys and kinds."""
    text = file.text
    if (listed := _IS_LIST.match(text)) is not None:
        yield PolicyPlace(listed.start("item"), "source", SOURCE_LIST)
        return
    for match in _PAIR.finditer(text):
        if not _NOT_A_SOURCE.match(match["first"] or match["last"]):
            form = form_of(file.path, text, 0, len(text), word="source")
            is_values = form == MANIFEST or (form == "template" and file.path.endswith(_MANIFESTS))
            yield PolicyPlace(match.start("item"), "source", "values" if is_values else form)
            return


_MIRRORS = LIST_WORD.decode()
_MANIFESTS = (".yaml", ".yml", ".json")


_STARTS = ("mage", "regist", "repository", "policy.json")
"""Every word that `_PLACE` finds has one of these at most one character after its start."""
_LONGEST = len("registries.conf") + 1


def _is_all_read(text: str, read: Collection[Span]) -> bool:
    """Whether nothing outside of the spans can be a place. Of most files with manifests all is read but blank lines."""
    end = 0
    for start, stop in sorted((span.start, span.end) for span in read):
        if start > end and _may_have_place(text, end, start):
            return False
        end = max(end, stop)
    return not _may_have_place(text, end, len(text))


def _may_have_place(text: str, start: int, end: int) -> bool:
    """Whether a place may begin in a part of the text, even if it ends after it."""
    piece = text[start : min(end + _LONGEST, len(text))]
    return "[[" in piece or "unqualified" in piece or any(word in piece for word in _STARTS)


def without(places: tuple[PolicyPlace, ...], read: Collection[Span]) -> tuple[PolicyPlace, ...]:
    """The places, in order, that no span covers."""
    covered = _Covered(read)
    return tuple(place for place in places if not covered.covers(place.start))


def uncovered(offsets: Iterable[int], read: Collection[Span]) -> frozenset[int]:
    """The offsets that no span covers."""
    covered = _Covered(read)
    return frozenset(offset for offset in sorted(offsets) if not covered.covers(offset))


class _Covered:
    """What spans cover, for offsets that are asked in ascending order."""

    def __init__(self, spans: Collection[Span]) -> None:
        self._spans = sorted(((span.start, span.end) for span in spans), reverse=True)
        self._end = 0

    def covers(self, offset: int) -> bool:
        while self._spans and self._spans[-1][0] <= offset:
            self._end = max(self._end, self._spans.pop()[1])
        return offset < self._end


_KINDS = {
    "ImageDigestMirrorSet": ("imageDigestMirrors",),
    "ImageTagMirrorSet": ("imageTagMirrors",),
    "ImageContentSourcePolicy": ("repositoryDigestMirrors",),
    "ImageContentPolicy": ("repositoryDigestMirrors",),
    "Image": ("registrySources",),
}
_REGISTRIES = "registries.conf"
_POLICY_JSON = "policy.json"
_SIGNATURES = "registries.d"

_PLACE = re.compile(
    r"""
    \bkind\\?["']?[ \t]*[:=][ \t]*\\?["']?
        (?P<kind>Image(?:DigestMirrorSet|TagMirrorSet|ContentSourcePolicy|ContentPolicy)?)(?:List)?(?![-\w./])
    |
    (?<![-\w])(?P<key>image(?:DigestMirrors|TagMirrors|DigestSources|ContentSources)|repositoryDigestMirrors
        |registrySources|(?<![^\n])Image(?:Digest|Content)Sources(?=:[ \t]*\r?\n)
        )\\?["']?\]?[ \t]*(?:[:=](?!=)|[+*|]{1,2}=)
    |
    \bname["']?[ \t]*:[ \t]*["']?(?P<param>image(?:Content|Digest)Sources)\b
    |
    (?<=/spec/)(?P<pointer>image(?:Digest|Tag)Mirrors|repositoryDigestMirrors|registrySources)\b
    |
    (?P<table>\[\[[ \t]*registry[ \t]*\]\]|^\[registries\.(?:search|insecure|block)\]
        |\bunqualified-search-registries[ \t]*=)
    |
    (?<![-\w./])(?P<entry>registries\.conf)["']?[ \t]*:(?=[ \t]*(?:[|>"'\n{$]))
    |
    /etc/containers/(?P<path>registries\.conf\b|policy\.json\b|registries\.d/)
    """,
    re.VERBOSE | re.MULTILINE,
)
_NAMED = re.compile(r"""(?<![a-zA-Z])(?:path|dest|destination|dst|target|filename)\\?["']?[ \t]*[:=][ \t]*\\?["']?$""")
_REDIRECTED = re.compile(r"""(?:>{1,2}|\btee\b(?:[ \t]+-\w+)*)[ \t]*["']?(?:\$\{?\w+\}?|\$\(\w+\))?$""")
_COPIES = frozenset(("cp", "mv", "install", "scp", "rsync", "ln", "COPY", "ADD"))
_COMMAND_ENDS = re.compile(r"[;|&]")
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]*(?:#(?!cloud-config)|//|;|\{#|\{\{-?\s*/\*|<!--|REM\b)")
_HEADER = re.compile(r"\bapiVersion\b|\bapi_version\b")
_BODY = re.compile(r"\bmetadata\b|\bspec\b")
_IS_OTHER = re.compile(
    r"""^(?:["']?|[ ]{2,4}"|\{[ ]*")kind["']?[ \t]*:[ \t]*["']?
    (?:CustomResourceDefinition|MachineConfiguration|ClusterRole|Role|ClusterServiceVersion)\b""",
    re.MULTILINE | re.VERBOSE,
)
"""Objects that speak of policy and carry none, at the top of a document."""
_OTHER_OR_BORDER = re.compile(
    rf"(?:{_IS_OTHER.pattern})|(?P<border>^[A-Z_]{{3,20}}[ \t]*$|^[^\n<]*<<-?[ \t]*\\?[\"']?[A-Za-z_]\w*)",
    re.MULTILINE | re.VERBOSE,
)
"""The same, and where heredocs of scripts begin and end."""
_VALUE_NEAR = re.compile(r"""\bvalue\\?["']?[ \t]*:""")
"""What an operation of a JSON patch sets."""
_PARAM_VALUE = re.compile(
    r"""["']?[ \t]*\r?\n[ \t]*["']?value["']?[ \t]*:[ \t]*[|>][^\n]*\n[ \t]*-[ \t]+(?:source|mirrors)\b"""
)
"""A list that a pipeline is given as a text."""
_LISTS = ("Registries", "{{", "{%", "$")
"""Signs of a list of registries, or of a template that makes one."""
_NO_VALUE = re.compile(
    r"""
    \\?["']?[ \t]*(?:
        \[[ \t]*\] | \{[ \t]*\} | null\b | ~[ \t]*$
        | \{\s*\\?["'](?:type|description|items|\$ref)\b
        | (?:\#[^\n]*)?\n(?:[ \t]*\n)*[ \t]+(?:type|description|items|properties|x-kubernetes-[\w-]+)[ \t]*:
    )""",
    re.VERBOSE,
)
_MENTIONS = tuple(
    f"{program} {verb} " for program in ("oc", "kubectl") for verb in ("get", "describe", "delete", "explain", "wait")
)
"""Commands that only look at objects, and so name them without carrying policy."""

_TARGET = "target:"
_PATCH = "patch:"
"""Between two operations on one list: they are of two patches."""

_NEAR = 300
_NEAR_HEADER = 400
_NEAR_BODY = 600
_NEAR_LISTS = 1200
_NEAR_RULES = 4000


def _found(text: str) -> Iterator[tuple[int, str, tuple[int, int]]]:
    """Each place with its word and its document; what makes up one object or one file is one place."""
    bounds = [0, *(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    number = 0
    others: dict[int, _Others | None] = {}
    owner: _Owner | None = None
    for match in _candidates(text):
        start = match.start()
        while bounds[number + 1] <= start and number + 2 < len(bounds):
            number += 1
        document = (bounds[number], bounds[number + 1])
        if document[0] not in others:
            others[document[0]] = _Others(text, document) if _IS_OTHER.search(text, *document) else None
        other = others[document[0]]
        if (other is not None and other.has(start)) or _is_mention(text, match):
            continue
        if owner is not None and owner.takes(text, match, document):
            continue
        word = _word(match)
        if not _counts(text, match, document):
            continue
        owner = _Owner(match, document)
        yield (_at(match), word, document)


class _Others:
    """The parts of a document that are objects which speak of policy: all of a manifest, a heredoc of a script."""

    def __init__(self, text: str, document: tuple[int, int]) -> None:
        self._starts: list[int] = []
        self._is_other: list[bool] = []
        for match in _OTHER_OR_BORDER.finditer(text, *document):
            self._starts.append(match.start())
            self._is_other.append(match["border"] is None)

    def has(self, offset: int) -> bool:
        """Whether an offset is in such a part; without borders all of the document is one."""
        if all(self._is_other):
            return True
        number = bisect_right(self._starts, offset) - 1
        return number >= 0 and self._is_other[number]


_SEEN = (*(word.decode() for word in WORDS), "ContentPolicy", "unqualified-search-registries", "[[ ")
"""Every place has one of these words, or is an object with a list of registries."""


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """What looks like a place. Only lines with certain words are looked at: words are found much faster."""
    words = (*_SEEN, "Image") if "registrySources" in text else _SEEN
    bounds: dict[int, int] = {}
    for word in words:
        at = text.find(word)
        while at >= 0:
            line = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            if word != "Image" or "kind" in text[line:at]:
                bounds[line] = end
            at = text.find(word, end)
    for line in sorted(bounds):
        # What follows the line decides whether a key has a value.
        for match in _PLACE.finditer(text, line, min(bounds[line] + _LONGEST, len(text))):
            if match.start() <= bounds[line]:
                yield match


class _Owner:
    """The object or file that the last place is about: what else is found of it is not a separate place."""

    def __init__(self, match: re.Match[str], document: tuple[int, int]) -> None:
        self.start = match.start()
        self.document = document
        self.keys = set(_KINDS.get(match["kind"] or "", ()))
        self.patched = {match["pointer"]} if match["pointer"] else set(self.keys)
        self.of_node = _is_node_file(match)

    def takes(self, text: str, match: re.Match[str], document: tuple[int, int]) -> bool:
        """Whether a later find belongs to it: the rules of an object once, every table of a file.

        All operations of one patch of an object are one place, with the kind that it is for.
        """
        is_near = match.start() - self.start < _NEAR_RULES and document == self.document
        if is_near and match["pointer"] in self.patched:
            return text.count(_PATCH, self.start, match.start()) <= bool(self.keys)
        if (
            is_near
            and match["kind"] is not None
            and not self.keys
            and not self.patched.isdisjoint(_KINDS[match["kind"]])
        ):
            return _TARGET in text[self.start : match.start()]
        if match["key"] is not None and match["key"] in self.keys and document == self.document:
            self.keys.discard(match["key"])
            return match.start() - self.start < _NEAR_RULES
        return self.of_node and match["table"] is not None and document == self.document


def _is_node_file(match: re.Match[str]) -> bool:
    return match["table"] is not None or match["entry"] is not None or (match["path"] or "").startswith(_REGISTRIES)


def _at(match: re.Match[str]) -> int:
    return match.start() if match.lastgroup is None else match.start(match.lastgroup)


def _word(match: re.Match[str]) -> str:
    if match["kind"] is not None:
        return str(match["kind"])
    if match["key"] is not None:
        return str(match["key"])
    path = match["path"] or match["pointer"] or match["param"] or _REGISTRIES
    return path.rstrip("/")


def _counts(text: str, match: re.Match[str], document: tuple[int, int]) -> bool:
    """Whether what was found carries policy, and does not only name its kind."""
    start, end = match.start(), match.end()
    if (kind := match["kind"]) is not None:
        after = text[end : min(end + _NEAR_RULES, document[1])]
        if any(key in after[:_NEAR_BODY] for key in _KINDS[kind]):
            return kind != "Image" or _lists(after[:_NEAR_LISTS])
        if kind == "Image":
            return False
        around = text[max(start - _NEAR_HEADER, document[0]) : min(end + _NEAR_HEADER, document[1])]
        return _HEADER.search(around) is not None and _BODY.search(after[:_NEAR_BODY]) is not None
    if (key := match["key"]) is not None:
        if _NO_VALUE.match(text, end) is not None or (text[start - 1 : start] == "." and text[end - 1] == ":"):
            return False  # a path of fields, as the key of a table about them, is not a field
        return key != "registrySources" or _lists(text[end : min(end + _NEAR_LISTS, document[1])])
    if match["param"] is not None:
        return _PARAM_VALUE.match(text, end) is not None
    if match["pointer"] is not None:
        return _VALUE_NEAR.search(text, max(start - _NEAR, document[0]), min(end + _NEAR, document[1])) is not None
    if match["path"] is not None:
        line = text.rfind("\n", max(start - _NEAR, 0), start)
        before = text[max(line + 1, start - _NEAR) : start]
        if (
            _FOLDER.match(text, end)
            or _BACKUP.match(text, end)
            or not _writes(before)
            or not _is_policy_of_node(before, match, text)
        ):
            return False
        return "hostPath" not in text[max(start - _NEAR, 0) : max(line, 0)].rpartition("\n")[2]
    return True


def _lists(after: str) -> bool:
    return any(sign in after for sign in _LISTS)


def _writes(before: str) -> bool:
    """Whether a path is where something is written to, by what is before it on its line."""
    if _NAMED.search(before, max(len(before) - 40, 0)) or _REDIRECTED.search(before, max(len(before) - 60, 0)):
        return True
    command = _COMMAND_ENDS.split(before)[-1]
    return command[-1:] != "=" and len(command.split()) > 1 and not _COPIES.isdisjoint(command.split())


_BACKUP = re.compile(r"[.-](?:bak|bkp|backup|orig|old|save|saved|new|tmp|default|rpm\w+)\b|~")
"""After the path of a file: it is kept under another name, and nothing on the node reads that one."""
_FOLDER = re.compile(r"""\.d/?["']?[ \t]*\n(?:[ \t]+\w+:[^\n]*\n){0,6}?[ \t]+state:[ \t]*["']?(?:directory|absent)\b""")
"""After the path of a folder: a task of Ansible only makes it."""
_FURTHER = re.compile(r"""["']?[ \t]+(?![-#;|&>])["']?[\w/$.~{]""")
_INSTRUCTIONS = frozenset(("COPY", "ADD"))


def _is_policy_of_node(before: str, match: re.Match[str], text: str) -> bool:
    """Whether a file that a line writes is policy of a node: not what is only copied away, put back or edited in place.

    The policy.json of a container image is for the programs in it.
    """
    words = _COMMAND_ENDS.split(before)[-1].split()
    if _COPIES.isdisjoint(words):
        return True
    if _FURTHER.match(text, match.end()) is not None:
        return False  # the last word of such a command is what it writes
    path = match[0]
    if any(path in word and _BACKUP.match(word, word.index(path) + len(path)) for word in words):
        return False
    return match["path"] != _POLICY_JSON or _INSTRUCTIONS.isdisjoint(words)  # a Containerfile in another file


def _is_mention(text: str, match: re.Match[str]) -> bool:
    """Whether the line is a comment, or a command that only looks at objects."""
    at = match.start()
    begin = max(at - _NEAR, 0)
    line = text.rfind("\n", begin, at) + 1 or begin
    if _COMMENT.match(text, line) is not None:
        return True
    if match["kind"] is not None:
        return False
    before = text[line:at]
    return "grep " in before or any(command in before for command in _MENTIONS)


def is_plain(place: PolicyPlace) -> bool:
    """Whether the place is in an object that `kubectl apply` takes unchanged."""
    return place.form == MANIFEST
