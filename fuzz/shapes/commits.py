"""A repository with two commits, as files: what `git` reads, made without it.

In: the files of both commits. Out: the files of the last one with those of `.git`: the branches `old` and `main`, and an
index of all files.
"""

import struct
import zlib
from hashlib import sha1

from fuzz.shapes.making import Files

Folder = dict[str, "bytes | Folder"]


def committed(old: Files, new: Files) -> Files:
    """The work tree of `new`, on the branch `main` after `old`."""
    objects: Files = {}
    before = _commit(objects, old, "")
    after = _commit(objects, new, before)
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


def _commit(objects: Files, files: Files, parent: str) -> str:
    top: Folder = {}
    for path, content in files.items():
        *folders, name = path.split("/")
        inside = top
        for folder in folders:
            found = inside.setdefault(folder, {})
            assert isinstance(found, dict)
            inside = found
        inside[name] = content
    who = "a <a@example.com> 1700000000 +0000"
    head = f"tree {_tree(objects, top)}\n" + (f"parent {parent}\n" if parent else "")
    return _add(objects, "commit", f"{head}author {who}\ncommitter {who}\n\nx\n".encode())


def _tree(objects: Files, folder: Folder) -> str:
    rows = []
    for name, content in folder.items():
        if isinstance(content, bytes):
            rows.append((name, "100644", _add(objects, "blob", content)))
        else:
            rows.append((f"{name}/", "40000", _tree(objects, content)))
    text = b"".join(
        f"{mode} {name.removesuffix('/')}\0".encode() + bytes.fromhex(number) for name, mode, number in sorted(rows)
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
