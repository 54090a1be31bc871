"""Archives, read by Python's tarfile and by the tar of the nodes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from packing.archive import Member, Packed, join_layers, members_of, pack_layer
from packing.errors import PackingError

FILES = {
    "b.txt": b"second\n" * 200,
    "a/x.sh": b"#!/bin/sh\n",
    "a/\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 30: b"",
}


def folder_of_files(folder: Path, *, backwards: bool) -> Path:
    for name in sorted(FILES, reverse=backwards):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILES[name])
        path.chmod(0o700 if name.endswith(".sh") else 0o600 if backwards else 0o664)
        os.utime(path, (5, 5) if backwards else (9, 9))
    return folder


def archive(tmp_path: Path, name: str, *, backwards: bool) -> Packed:
    folder = folder_of_files(tmp_path / name, backwards=backwards)
    members = [*members_of(folder, "lib"), Member("bin/python", link="/usr/bin/python3.11")]
    first, second = tmp_path / f"{name}.1", tmp_path / f"{name}.2"
    size = pack_layer(members[::-1] if backwards else members, first, folder)
    size += pack_layer([Member("pyvenv.cfg", b"home = /usr/bin\n")], second, folder)
    join_layers([first, second], tmp_path / f"{name}.tar.gz")
    return Packed(tmp_path / f"{name}.tar.gz", size)


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    one = archive(tmp_path, "one", backwards=False)
    other = archive(tmp_path, "other", backwards=True)
    assert one.path.read_bytes() == other.path.read_bytes()
    assert one.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()


def test_other_content_gives_other_bytes(tmp_path: Path) -> None:
    one = archive(tmp_path, "one", backwards=False)
    (tmp_path / "one" / "b.txt").write_bytes(b"third\n")
    pack_layer(members_of(tmp_path / "one", "lib"), tmp_path / "again", tmp_path / "x")
    assert (tmp_path / "again").read_bytes() != (tmp_path / "one.1").read_bytes()
    assert one.size == one.path.stat().st_size


def test_tarfile_reads_the_packed_files(tmp_path: Path) -> None:
    packed = archive(tmp_path, "one", backwards=False)
    with tarfile.open(packed.path) as read:
        members = {member.name: member for member in read.getmembers()}
        streams = {name: read.extractfile(f"lib/{name}") for name in FILES}
        contents = {name: stream.read() for name, stream in streams.items() if stream}
    assert contents == FILES
    assert members["bin/python"].linkname == "/usr/bin/python3.11"
    assert {(each.uid, each.gid, each.mtime, each.uname) for each in members.values()} == {
        (0, 0, 0, "")
    }
    assert {each.mode for each in members.values() if each.isfile()} == {0o755, 0o644}
    assert members["lib/a/x.sh"].mode == 0o755
    assert packed.unpacked == sum(member.size for member in members.values())


def test_tar_unpacks_the_archive(tmp_path: Path) -> None:
    packed = archive(tmp_path, "one", backwards=False)
    (tmp_path / "node").mkdir()
    subprocess.run(["tar", "xzf", packed.path, "-C", tmp_path / "node"], check=True)
    assert (tmp_path / "node" / "lib" / "b.txt").read_bytes() == FILES["b.txt"]
    assert (tmp_path / "node" / "bin" / "python").readlink() == Path("/usr/bin/python3.11")
    assert (tmp_path / "node" / "pyvenv.cfg").read_text() == "home = /usr/bin\n"


def test_a_file_with_the_path_of_the_build_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text(f"#!{tmp_path}/bin/python\n")
    with pytest.raises(PackingError, match=r"bin/tool contains the path .* exclude the file in"):
        pack_layer(members_of(tmp_path, "bin"), tmp_path.with_suffix(".gz"), tmp_path)
