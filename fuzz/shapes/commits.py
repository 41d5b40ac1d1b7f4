"""A repository with two commits, as files: what `git` reads, made without it.

In: the files of both commits. Out: the files of the last one with those of `.git`: the branches `old` and `main`, and an
index of all files. Shapes are of commits that no working tree makes: what is small in objects and large in files.
"""

import struct
import zlib
from collections.abc import Iterable
from hashlib import sha1

from fuzz.shapes.files import HEAD, RULE
from fuzz.shapes.making import Files, shape

Folder = dict[str, "bytes | Folder"]


def committed(old: Files, new: Files) -> Files:
    """The work tree of `new`, on the branch `main` after `old`."""
    objects: Files = {}
    return _repository(objects, _tree_of(objects, old), new)


def _repository(objects: Files, old: str, new: Files) -> Files:
    """The work tree of `new`, on the branch `main` after a commit with the tree `old` on the branch `old`."""
    before = _commit(objects, old, "")
    after = _commit(objects, _tree_of(objects, new), before)
    return {
        **new,
        **{f".git/{name}": content for name, content in objects.items()},
        ".git/HEAD": b"ref: refs/heads/main\n",
        ".git/config": b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
        ".git/refs/heads/old": f"{before}\n".encode(),
        ".git/refs/heads/main": f"{after}\n".encode(),
        ".git/index": _index(new),
    }


def _add(objects: Files, kind: str, content: bytes) -> str:
    name, whole = _named(kind, content)
    objects[f"objects/{name[:2]}/{name[2:]}"] = zlib.compress(whole, 1)
    return name


def _named(kind: str, content: bytes) -> tuple[str, bytes]:
    whole = f"{kind} {len(content)}\0".encode() + content
    return sha1(whole, usedforsecurity=False).hexdigest(), whole


def _tree_of(objects: Files, files: Files) -> str:
    top: Folder = {}
    for path, content in files.items():
        *folders, name = path.split("/")
        inside = top
        for folder in folders:
            found = inside.setdefault(folder, {})
            assert isinstance(found, dict)
            inside = found
        inside[name] = content
    return _tree(objects, top)


def _commit(objects: Files, tree: str, parent: str) -> str:
    who = "a <a@example.com> 1700000000 +0000"
    head = f"tree {tree}\n" + (f"parent {parent}\n" if parent else "")
    return _add(objects, "commit", f"{head}author {who}\ncommitter {who}\n\nx\n".encode())


def _tree(objects: Files, folder: Folder) -> str:
    rows = []
    for name, content in folder.items():
        if isinstance(content, bytes):
            rows.append((name, "100644", _add(objects, "blob", content)))
        else:
            rows.append((name, _FOLDER, _tree(objects, content)))
    return _tree_with(objects, rows)


_FILE, _FOLDER, _LINK = "100644", "40000", "120000"


def _tree_with(objects: Files, rows: Iterable[tuple[str, str, str]]) -> str:
    """A tree with names, modes and the ids of objects."""
    made = sorted((f"{name}/" if mode == _FOLDER else name, mode, number) for name, mode, number in rows)
    text = b"".join(
        f"{mode} {name.removesuffix('/')}\0".encode() + bytes.fromhex(number) for name, mode, number in made
    )
    return _add(objects, "tree", text)


def _index(files: Files) -> bytes:
    rows = []
    for path, content in sorted((path.encode(), content) for path, content in files.items()):
        name = bytes.fromhex(_named("blob", content)[0])
        row = struct.pack(">6I", 0, 0, 0, 0, 0, 0) + struct.pack(">4I", 0o100644, 0, 0, 0) + name
        row += struct.pack(">H", min(len(path), 0xFFF)) + path
        rows.append(row + b"\0" * (8 - len(row) % 8))
    made = b"DIRC" + struct.pack(">II", 2, len(rows)) + b"".join(rows)
    return made + sha1(made, usedforsecurity=False).digest()


# --- Commits that no working tree makes

NOW: Files = {"m.yaml": (HEAD + RULE).encode()}
BEFORE = (("diff", "old"), ("plan", "old"))


@shape(*BEFORE, product=True)
def commit_of_one_tree_in_many_places(s: int) -> Files:
    """Ten times the same folder in each, so that a few objects are more files than a disk has."""
    objects: Files = {}
    made = _add(objects, "blob", NOW["m.yaml"])
    made = _tree_with(objects, [(f"m{n}.yaml", _FILE, made) for n in range(max(s // 4_000, 2))])
    for _ in range(9):
        made = _tree_with(objects, [(f"d{n}", _FOLDER, made) for n in range(10)])
    return _repository(objects, made, NOW)


@shape(*BEFORE, product=True)
def commit_of_one_file_under_many_names(s: int) -> Files:
    objects: Files = {}
    made = _add(objects, "blob", b"# nothing\n" * 1_000)
    return _repository(objects, _tree_with(objects, [(f"m{n}.yaml", _FILE, made) for n in range(s // 10)]), NOW)


@shape(*BEFORE, product=True)
def commit_of_deep_folders(s: int) -> Files:
    objects: Files = {}
    made = _tree_with(objects, [("m.yaml", _FILE, _add(objects, "blob", NOW["m.yaml"]))])
    for _ in range(s // 100):
        made = _tree_with(objects, [("d", _FOLDER, made)])
    return _repository(objects, made, NOW)


@shape(*BEFORE, product=True)
def commit_of_zeros(s: int) -> Files:
    """Objects that are packed to a thousandth."""
    objects: Files = {}
    made = [(f"m{n}.yaml", _FILE, _add(objects, "blob", b"0" * (s * 100 + n))) for n in range(5)]
    return _repository(objects, _tree_with(objects, made), NOW)


@shape(*BEFORE, product=True)
def commit_of_links(s: int) -> Files:
    """Links whose targets are long ways through other links."""
    objects: Files = {}
    rows = [("d0", _FOLDER, _tree_with(objects, []))]
    way = "/".join(["d0/.."] * 100)
    for n in range(38):
        rows.append((f"d{n + 1}", _LINK, _add(objects, "blob", f"{way}/d{n}".encode())))
    end = _add(objects, "blob", b"d38/../" * 30 + b"m.yaml")
    rows += [(f"m{n}.yaml", _LINK, end) for n in range(s // 100)]
    return _repository(objects, _tree_with(objects, rows), NOW)


@shape(*BEFORE, product=True)
def commit_of_a_large_tree(s: int) -> Files:
    """A tree of names that are alike is packed to little."""
    objects: Files = {}
    made = _add(objects, "blob", b"")
    return _repository(objects, _tree_with(objects, [(f"{n:0200}", _FILE, made) for n in range(s)]), NOW)


@shape(("check",), ("build", "--check"), *BEFORE, product=True)
def ignored_patterns(s: int) -> Files:
    """Each name that Git does not track is compared with each pattern."""
    patterns = "".join(f"*a*a*a*b{n}\n" for n in range(s // 30))
    made = committed(NOW, NOW)
    return made | {".gitignore": patterns.encode()} | {f"{'a' * 100}{n}.yaml": b"" for n in range(s // 200)}


@shape(*BEFORE, product=True)
def commit_of_long_chains(s: int) -> Files:
    """Each object is made of its predecessor: what is read is copied once for each."""
    return _chained(s, s)


@shape(*BEFORE, product=True)
def commit_of_circles(s: int) -> Files:
    """Each object is made of its predecessor, and the first of the last."""
    return _chained(s, 10)


def _chained(s: int, period: int) -> Files:
    objects: Files = {}
    content = b"#" * (1 << 18)
    made = [("blob", content, "")]
    for n in range(s // 100):
        name = _named("blob", content)[0]
        content = content[:-_ENDING] + b"%0*d" % (_ENDING, n % period)
        made.append(("blob", content, name))
    packed, names = _pack(made)
    objects |= packed
    rows = [(f"m{n}.yaml", _FILE, names[-1 - n]) for n in range(min(50, len(names)))]
    return _repository(objects, _tree_with(objects, rows), NOW)


_ENDING = 8


def _pack(made: list[tuple[str, bytes, str]]) -> tuple[Files, list[str]]:
    """A pack with objects, each whole or as a delta of another one of the same size, and their ids."""
    body = b"PACK" + struct.pack(">II", 2, len(made))
    rows = []
    for kind, content, base in made:
        start = len(body)
        if base:
            copied = b"\xf0" + struct.pack("<I", len(content) - _ENDING)[:3]
            data = _size(len(content)) * 2 + copied + bytes([_ENDING]) + content[-_ENDING:]
            head, more = 7, bytes.fromhex(base)
        else:
            data, head, more = content, 3, b""
        body += _head(head, len(data)) + more + zlib.compress(data, 9)
        rows.append((bytes.fromhex(_named(kind, content)[0]), zlib.crc32(body[start:]), start))
    body += sha1(body, usedforsecurity=False).digest()
    names = [row[0].hex() for row in rows]
    rows.sort()
    counts = [sum(1 for row in rows if row[0][0] <= byte) for byte in range(256)]
    index = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">256I", *counts) + b"".join(row[0] for row in rows)
    index += b"".join(struct.pack(">I", row[1]) for row in rows) + b"".join(struct.pack(">I", row[2]) for row in rows)
    index += body[-20:]
    index += sha1(index, usedforsecurity=False).digest()
    name = f"objects/pack/pack-{sha1(body, usedforsecurity=False).hexdigest()}"
    return {f"{name}.pack": body, f"{name}.idx": index}, names


def _size(size: int) -> bytes:
    """A size as deltas have it."""
    made = b""
    while size >= 0x80:
        made += bytes([0x80 | size & 0x7F])
        size >>= 7
    return made + bytes([size])


def _head(kind: int, size: int) -> bytes:
    made = kind << 4 | size & 15
    size >>= 4
    return bytes([made | 0x80 if size else made]) + (_size(size) if size else b"")
