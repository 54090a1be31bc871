"""Reproducible archives: the same content always gives the same bytes.

Uploads are addressed by their content, so archives must not depend on times, user names or the
order of a folder's listing. An archive consists of layers, each a separate gzip stream (gzip files
may contain several): layers that rarely change are compressed once and cached.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from packing.errors import PackingError

__all__ = ["Member", "Packed", "join_layers", "members_of", "pack_layer"]

_END = bytes(2 * tarfile.BLOCKSIZE)  # two empty blocks end a tar
_LEVEL = 6


@dataclass(frozen=True)
class Member:
    """One entry of an archive.

    Attributes
    ----------
    name
        Its path in the archive.
    source
        A file, or the content itself.
    link
        The target, if it is a symbolic link.
    """

    name: str
    source: Path | bytes = b""
    link: str | None = None


@dataclass(frozen=True)
class Packed:
    """A wheel or an archive that was built.

    Attributes
    ----------
    path
        Its path.
    unpacked
        The unpacked size of its content in bytes.
    """

    path: Path
    unpacked: int

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return self.path.stat().st_size

    @property
    def sha256(self) -> str:
        """SHA-256 of the file in hexadecimal."""
        with self.path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()


def members_of(folder: Path, prefix: str) -> list[Member]:
    """Return members for all files of a folder, under a prefix in the archive."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [Member(f"{prefix}/{path.relative_to(folder).as_posix()}", path) for path in files]


def pack_layer(members: Sequence[Member], target: Path, built_in: Path) -> int:
    """Write a layer with its members sorted by name, without owner and time.

    Parameters
    ----------
    members
        The content of the layer.
    target
        The file to write.
    built_in
        The folder in which the files were installed. It does not exist on the nodes, so no file
        may contain its path.

    Returns
    -------
    int
        The size of all members in bytes.

    Raises
    ------
    PackingError
        If a file contains the path of ``built_in``.
    """
    unpacked, secret = 0, str(built_in).encode()
    with target.open("wb") as raw, _zipped(raw) as stream:
        for member in sorted(members, key=lambda member: member.name):
            content = b"" if member.link else _content(member)
            if secret in content:
                raise PackingError(
                    f"{member.name} contains the path of its build folder, {built_in}, which does "
                    "not exist on the nodes; exclude the file in packing/pruning.py, or fix it"
                )
            info = _info(member, len(content))
            stream.write(info.tobuf(tarfile.PAX_FORMAT))
            stream.write(content)
            stream.write(bytes(-len(content) % tarfile.BLOCKSIZE))
            unpacked += len(content)
    return unpacked


def join_layers(layers: Sequence[Path], target: Path) -> None:
    """Join layers to an archive that any tar can read."""
    with target.open("wb") as file:
        for layer in layers:
            with layer.open("rb") as part:
                while block := part.read(1 << 20):
                    file.write(block)
        with _zipped(file) as stream:
            stream.write(_END)


def _zipped(raw: io.BufferedWriter) -> gzip.GzipFile:
    return gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0)


def _content(member: Member) -> bytes:
    return member.source if isinstance(member.source, bytes) else member.source.read_bytes()


def _info(member: Member, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(member.name)  # the default owner and time are 0
    if member.link:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, member.link, 0o777
        return info
    info.size = size
    runs = isinstance(member.source, Path) and member.source.stat().st_mode & 0o100
    info.mode = 0o755 if runs else 0o644
    return info
