"""Where an output may appear: under a name that Spark can read, and apart from all inputs."""

from __future__ import annotations

import os
import posixpath
import re
import uuid
from collections.abc import Mapping
from pathlib import Path

from sparkles.errors import OutputExistsError
from sparkles.spark.filesystem import FileSystem
from sparkles.storage import is_local, is_s3, local_path, split_s3

__all__ = ["check_can_write", "check_name", "check_output_apart_from_inputs"]

# What Spark takes for a pattern where it reads the output again. A model it finds by a list of
# paths, which has commas, and not under a name with a colon.
_PATTERN = re.compile(r"[*?\[{\\\x00\ud800-\udfff]")
_PATTERN_OF_MODEL = re.compile(r"[*?\[{\\\x00\ud800-\udfff,:]")
_MOST_BYTES = 220  # of a name, of 255 that disks allow: drafts have longer names
_PROBE = bytes(1 << 20)


def check_name(path: str, *, holds_model: bool = False) -> None:
    """Refuse an output whose name cannot be read back, or that is no folder of its own.

    Parameters
    ----------
    path
        Where the output is to appear.
    holds_model
        Whether a saved model is part of it.

    Raises
    ------
    OutputExistsError
        With what is wrong with the name.

    Examples
    --------
    >>> check_name("runs/cars")
    >>> check_name("runs/cars[1]")
    Traceback (most recent call last):
    sparkles.errors.OutputExistsError: the output runs/cars[1] cannot be written: its path has '[',
    and Spark could not read it again; choose another output
    """
    whole = str(local_path(path).absolute()) if is_local(path) else _key(path)
    pattern = _PATTERN_OF_MODEL if holds_model else _PATTERN
    if (found := pattern.search(whole)) is not None:
        shown = path.encode(errors="replace").decode()
        raise _cannot_write(shown, f"its path has {found[0]!r}, and Spark could not read it again")
    name = whole.rstrip("/").rpartition("/")[2]
    if is_s3(path) and not (split_s3(path)[0] and name):
        raise _cannot_write(path, "it is a whole bucket, or none; name a folder in one")
    if name in ("", ".."):
        raise _cannot_write(path, "it is no folder with a name of its own")
    if len(name.encode()) > _MOST_BYTES:
        raise _cannot_write(path, f"its name has more than {_MOST_BYTES} bytes")
    if not is_local(path):
        return
    if path.lower().startswith("file:") and "%" in path and local_path(path) != _literal(path):
        raise _cannot_write(
            path, f"a URI with % names two folders, for example {local_path(path)}; give the path"
        )


def _key(uri: str) -> str:
    """Return the path in a URI, without host or bucket."""
    rest = uri.partition(":")[2]
    return rest[2:].partition("/")[2] if rest.startswith("//") else rest


def _literal(uri: str) -> Path:
    return Path("/" + uri.partition(":")[2].lstrip("/"))


def check_can_write(path: str) -> None:
    """Refuse a local output that cannot be written: a file is tried out, and deleted.

    Raises
    ------
    OutputExistsError
        With the path that is in the way and the reason: below a file, no permission, a disk that
        is full or read-only.
    """
    if not is_local(path):
        return
    target = local_path(path).resolve()
    above = next(parent for parent in target.parents if parent.exists())
    if not above.is_dir():
        raise _cannot_write(path, f"{above} is a file")
    probe = above / f".{target.name}.probe-{uuid.uuid4().hex[:8]}"
    try:
        with probe.open("xb") as file:
            file.write(_PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _cannot_write(
            path, f"{above} refuses a file of 1 MB ({error.strerror or error})"
        ) from error
    finally:
        probe.unlink(missing_ok=True)


def _cannot_write(path: str, why: str) -> OutputExistsError:
    return OutputExistsError(
        f"the output {path} cannot be written: {why}; choose another output", settings=("output",)
    )


def check_output_apart_from_inputs(
    files: FileSystem | None, output: str, inputs: Mapping[str, str]
) -> None:
    """Refuse an output that is an input, contains one, or lies inside one.

    Links are followed, and on a local disk two spellings of one folder are the same folder.

    Parameters
    ----------
    files
        The file system; it resolves bare paths. ``None`` before Spark starts: they are local.
    output
        Where the output will appear.
    inputs
        Paths and URIs that are read, each under the name that an error message gives it.

    Raises
    ------
    OutputExistsError
        With both paths and the remedy.
    """
    target = _Place(files, output)
    for name, place in inputs.items():
        if place and (relation := _overlap(target, _Place(files, place))):
            raise OutputExistsError(
                f"the output {output} {relation} the input {place} ({name}): writing it could "
                "delete the input, or mix with it. Choose an output outside all inputs",
                settings=("output",),
            )


# A bare path, or a scheme that every Hadoop has a file system for.
_HADOOP_PATH = re.compile(r"(file|hdfs|viewfs):|(?![A-Za-z][A-Za-z0-9+.-]+:)", re.IGNORECASE)


class _Place:
    """The place that a path leads to: its parts from the root, and on a local disk the folder."""

    def __init__(self, files: FileSystem | None, path: str) -> None:
        self.local: Path | None = None
        if is_s3(path):  # s3, s3a and s3n are the same bucket
            bucket, key = split_s3(path)
            self.parts = ("s3", bucket, *_parts(key))
            return
        # Other schemes may have no file system here.
        if files is not None and _HADOOP_PATH.match(path):
            path = files.absolute(path)
        if is_local(path):
            self.local = local_path(path).resolve()
            self.parts = self.local.parts
        else:
            scheme, _, rest = path.partition(":")
            host, _, rest = rest.removeprefix("//").partition("/")
            self.parts = (scheme.lower(), _with_port(scheme, host.lower()), *_parts(rest))

    def holds(self, other: _Place) -> bool:
        """Whether the other place is this one or lies inside it."""
        if self.local is None or other.local is None:
            return other.parts[: len(self.parts)] == self.parts
        if not self.local.exists():
            return self.local in (other.local, *other.local.parents)
        # Compare the folders themselves: a disk may ignore letter case, or be mounted twice.
        return any(
            place.exists() and place.samefile(self.local)
            for place in (other.local, *other.local.parents)
        )


def _parts(path: str) -> list[str]:
    """Return the parts of a path as Hadoop reads it: // and /./ are /, and .. goes up."""
    return [part for part in posixpath.normpath(f"/{path}").split("/") if part]


def _with_port(scheme: str, host: str) -> str:
    return f"{host}:8020" if scheme.lower() == "hdfs" and host and ":" not in host else host


def _overlap(output: _Place, place: _Place) -> str | None:
    inside, contains = place.holds(output), output.holds(place)
    if inside and contains:
        return "is"
    return "lies inside" if inside else "contains" if contains else None
