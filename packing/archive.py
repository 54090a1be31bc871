"""Archives that are the same bytes whenever what goes in is the same.

Uploads are addressed by their content, so a time, a user's name or the order of a folder's listing
must not show. An archive is put together from layers, each a gzip stream of its own (gzip allows
several in a row): what rarely changes is compressed once and kept.
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
        A file whose content it takes, or the content itself.
    link
        Where it leads, if it is a symbolic link.
    """

    name: str
    source: Path | bytes = b""
    link: str | None = None


@dataclass(frozen=True)
class Packed:
    """A file that was built.

    Attributes
    ----------
    path
        Where it is.
    unpacked
        Bytes of all that is in it.
    """

    path: Path
    unpacked: int

    @property
    def size(self) -> int:
        """Bytes of the file itself."""
        return self.path.stat().st_size

    @property
    def sha256(self) -> str:
        """The digest of its content."""
        with self.path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()


def members_of(folder: Path, prefix: str) -> list[Member]:
    """Members for all files of a folder, under a prefix in the archive."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [Member(f"{prefix}/{path.relative_to(folder).as_posix()}", path) for path in files]


def pack_layer(members: Sequence[Member], target: Path, built_in: Path) -> int:
    """Write a layer: members in the order of their names, owned by nobody, from no time.

    Parameters
    ----------
    members
        What is in it.
    target
        The file to write.
    built_in
        The folder that the files were installed in. It will not exist where they are unpacked, so
        no file may speak of it.

    Returns
    -------
    int
        Bytes of all members.

    Raises
    ------
    PackingError
        If a file names ``built_in``.
    """
    unpacked, secret = 0, str(built_in).encode()
    with target.open("wb") as raw, _zipped(raw) as stream:
        for member in sorted(members, key=lambda member: member.name):
            content = b"" if member.link else _content(member)
            if secret in content:
                raise PackingError(
                    f"{member.name} names the folder {built_in} that it was built in and would "
                    "look for it on every node; leave it out in packing/pruning.py, or mend it"
                )
            info = _info(member, len(content))
            stream.write(info.tobuf(tarfile.PAX_FORMAT))
            stream.write(content)
            stream.write(bytes(-len(content) % tarfile.BLOCKSIZE))
            unpacked += len(content)
    return unpacked


def join_layers(layers: Sequence[Path], target: Path) -> None:
    """Put layers together to an archive that any tar reads."""
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
    info = tarfile.TarInfo(member.name)  # its owner is 0, its time 0
    if member.link:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, member.link, 0o777
        return info
    info.size = size
    runs = isinstance(member.source, Path) and member.source.stat().st_mode & 0o100
    info.mode = 0o755 if runs else 0o644
    return info
