"""Changes to inputs that keep most of their structure: blocks, values, keys, encodings, and now and then bytes.

In: a source of randomness and a content. Out: a content that a parser gets further into than into noise. Nothing here
knows what is read: a block is a line with the lines below it that are indented deeper, which YAML, TOML and indented
JSON have in common; what is encoded inside a data URL is changed inside.
"""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Callable
from random import Random

VALUES = (
    *(
        "",
        "null",
        "~",
        "true",
        "'true'",
        "0",
        "-1",
        "1e400",
        "0x1F",
        "0o17",
        "2026-01-01",
        ".inf",
        "{}",
        "[]",
        "[[]]",
        "{a: b}",
    ),
    *(
        "!!binary AAAA",
        "!!str 1",
        "!x y",
        "&a b",
        "*a",
        "*m",
        "<<",
        "'",
        '"',
        "|",
        ">-",
        "? a",
        "- b",
        "%YAML 1.2",
        "---",
        "...",
    ),
    *(
        "*.io",
        "*",
        "*.*.io",
        "a",
        "a/b",
        "docker.io",
        "docker.io/library",
        "index.docker.io/x",
        "localhost",
        "[::1]:5000",
    ),
    *(
        "quay.io/",
        "quay.io//a",
        "/a",
        "a:b:c",
        "A.io",
        "quay.io/a:1",
        "quay.io/a@sha256:" + "0" * 64,
        "q.io/" + "a" * 300,
    ),
    *(
        "m.example.com/team",
        "quay.io/team",
        "quay.io",
        "kind",
        "Image",
        "ImageDigestMirrorSet",
        "v1",
        "List",
        "cluster",
    ),
    *(
        "../x",
        "/etc/passwd",
        ".git",
        ".",
        "a\\nb",
        "\\ud800",
        "\\ud83d\\ude00",
        "\\u0000",
        "\u2028",
        "\ufeff",
        "\U0001f600",
    ),
    *(
        "{{ .Values.x }}",
        "${X}",
        "$(X)",
        "x" * 2000,
        "9" * 400,
        "::error::x",
        "##[group]x",
        "\x1b[2J",
        "<b>",
        "`a`",
        "|a|",
    ),
)
"""What takes the place of a value."""
BYTES = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\r",
    b"\t",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\x7f",
    b"\xee\x80\x80",
    b"\xed\xa0\x80",
)
_VALUE = re.compile(r"(?<=[:=\-,\[{] )[^\s,\]}][^\n,\]}]*|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[\w./:@*-]{2,}")
_DATA = re.compile(r"(data:[\w/;=+-]*;base64,)([A-Za-z0-9+/=]+)")


def mutated(random: Random, content: bytes, *, most: int = 4) -> bytes:
    """The content with some changes, mostly one."""
    for _ in range(min(1 + int(random.expovariate(1.2)), most)):
        content = random.choice(_CHANGES)(random, content)
    return content[: 1 << 16]


def _in_text(change: Callable[[Random, str], str]) -> Callable[[Random, bytes], bytes]:
    return lambda random, content: change(random, content.decode("utf-8", "surrogateescape")).encode(
        "utf-8", "surrogateescape"
    )


def _value(random: Random, text: str) -> str:
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    at = random.choice(found)
    new = random.choice(VALUES) if random.random() < 0.7 else random.choice(found)[0]
    if at[0][:1] in "\"'" and random.random() < 0.6:
        new = f"{at[0][0]}{new}{at[0][0]}"
    return text[: at.start()] + new + text[at.end() :]


def _spelling(random: Random, text: str) -> str:
    """One word, in another case, cut or doubled."""
    found = list(re.finditer(r"[A-Za-z]{3,}", text))
    if not found:
        return text
    at = random.choice(found)
    word = at[0]
    new = random.choice(
        (word.lower(), word.upper(), word[:-1], word + word[-1], word.capitalize(), f"{word} ", f"'{word}'")
    )
    return text[: at.start()] + new + text[at.end() :]


def _blocks(text: str) -> tuple[list[str], Callable[[int], int]]:
    lines = text.splitlines(keepends=True)

    def end(start: int) -> int:
        depth = _depth(lines[start])
        at = start + 1
        while at < len(lines) and (not lines[at].strip() or _depth(lines[at]) > depth):
            at += 1
        return at

    return lines, end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _block(random: Random, text: str) -> str:
    """A block is taken out, doubled, moved, put on one line or deeper."""
    lines, end_of = _blocks(text)
    if not lines:
        return text
    start = random.randrange(len(lines))
    end = end_of(start)
    block = lines[start:end]
    kind = random.randrange(6)
    if kind == 0:
        return "".join(lines[:start] + lines[end:])
    if kind == 1:
        return "".join(lines[:end] + block * random.choice((1, 1, 3)) + lines[end:])
    to = random.randrange(len(lines) + 1)
    if kind == 2:
        return "".join(lines[:to] + block + lines[to:])
    if kind == 3:
        shift = " " * random.choice((1, 2, 4))
        return "".join([*lines[:start], *(shift + line for line in block), *lines[end:]])
    if kind == 4:
        return "".join([*lines[:start], *(line[min(2, _depth(line)) :] for line in block), *lines[end:]])
    return "".join([*lines[:start], " ".join(line.strip() for line in block), "\n", *lines[end:]])


def _inserted(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return (
        text[:at]
        + random.choice(
            ("#", ":", "- ", "? ", "[", "{", "]", "}", "\n", "\n---\n", '"', "'", "&a ", "*a", "!!x ", " ", ",")
        )
        + text[at:]
    )


def _encoded(random: Random, text: str) -> str:
    """What a data URL contains is changed, or how it is encoded."""
    found = list(_DATA.finditer(text))
    if not found:
        return _value(random, text)
    at = random.choice(found)
    try:
        inner = base64.b64decode(at[2], validate=True)
        zipped = inner[:2] == b"\x1f\x8b"
        inner = gzip.decompress(inner) if zipped else inner
    except (binascii.Error, OSError, EOFError, zlib.error):
        return _value(random, text)
    inner = mutated(random, inner, most=2)
    if zipped != (random.random() < 0.1):
        inner = gzip.compress(inner, mtime=0)
    return text[: at.start()] + at[1] + base64.b64encode(inner).decode() + text[at.end() :]


def _bytes(random: Random, content: bytes) -> bytes:
    at = random.randrange(len(content) + 1)
    kind = random.randrange(4)
    if kind == 0:
        return content[:at] + random.choice(BYTES) + content[at:]
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]
    return random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\xef\xbb\xbf", b"")) + content.replace(
        b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\n"))
    )


_CHANGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(_in_text(_value),) * 5,
    *(_in_text(_block),) * 4,
    *(_in_text(_spelling),) * 2,
    _in_text(_inserted),
    _in_text(_encoded),
    _bytes,
)
