"""The driver's file operations, on the file system that a path names.

Spark reads and writes DataFrames through Hadoop's file systems. These few operations use the same
ones, so that a bare path means the same place for both: the local disk under ``local[*]``, HDFS
on a cluster.
"""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, cast

from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from sparkles.errors import OutputExistsError, SourceError
from sparkles.redaction import redact

__all__ = ["FileSystem"]

_ATOMIC = ("hdfs:", "viewfs:")  # refuse to rename to a name that exists, if told to


class FileSystem:
    """File operations through Hadoop's ``FileSystem`` API.

    Parameters
    ----------
    spark
        The session; its configuration decides which file system a bare path is on.
    """

    def __init__(self, spark: SparkSession) -> None:
        self._jvm: Any = spark._jvm
        self._configuration: Any = cast(Any, spark)._jsc.hadoopConfiguration()

    def _locate(self, path: str) -> tuple[Any, Any]:
        hadoop_path = self._jvm.org.apache.hadoop.fs.Path(path)
        return hadoop_path.getFileSystem(self._configuration), hadoop_path

    def _local(self, local: Path) -> Any:
        # Not as_uri(): Hadoop's paths are unescaped, and %20 would become part of the name.
        return self._jvm.org.apache.hadoop.fs.Path(f"file:{local.resolve().as_posix()}")

    def exists(self, path: str) -> bool:
        """Whether a file or folder exists."""
        system, hadoop_path = self._locate(path)
        return bool(system.exists(hadoop_path))

    def is_folder(self, path: str) -> bool:
        """Whether a folder exists at this path."""
        system, hadoop_path = self._locate(path)
        return bool(system.exists(hadoop_path) and system.getFileStatus(hadoop_path).isDirectory())

    def absolute(self, path: str) -> str:
        """Return the path with its scheme and working folder, which every machine understands."""
        system, hadoop_path = self._locate(path)
        return str(system.makeQualified(hadoop_path).toString())

    def local(self, path: str) -> Path | None:
        """Return the path on this machine's disk; ``None`` if it is on another file system."""
        scheme, _, rest = self.absolute(path).partition(":")
        # As Hadoop reads it: unescaped, and without a host.
        return Path("/" + rest.lstrip("/")) if scheme == "file" else None

    def names(self, folder: str) -> list[str]:
        """Return the names of what is in a folder; it need not exist."""
        here = self.local(folder)
        if here is not None:
            return [path.name for path in here.iterdir()] if here.is_dir() else []
        system, hadoop_path = self._locate(folder)
        if not system.exists(hadoop_path):
            return []
        return [str(status.getPath().getName()) for status in system.listStatus(hadoop_path)]

    def write_text(self, path: str, text: str) -> None:
        """Write a small UTF-8 file without secrets of URIs; an existing file is replaced."""
        self.write_bytes(path, redact(text).encode("utf-8"))

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a small file; an existing file is replaced."""
        system, hadoop_path = self._locate(path)
        if system.getUri().getScheme() == "file":
            system = system.getRawFileSystem()  # which writes no .crc file
        stream = system.create(hadoop_path, True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()

    def write_json(self, path: str, content: object) -> None:
        """Write a small JSON file, indented for people to read."""
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        self.write_text(path, text + "\n")

    def read_text(self, path: str) -> str:
        """Read a small UTF-8 file; see :meth:`read_bytes`."""
        return self.read_bytes(path).decode("utf-8")

    def read_bytes(self, path: str) -> bytes:
        """Read a small file.

        Raises
        ------
        SourceError
            If there is no such file.
        """
        system, hadoop_path = self._locate(path)
        if not self.exists(path) or self.is_folder(path):
            raise SourceError(f"there is no file {path}")
        stream = system.open(hadoop_path)
        try:
            content = self._jvm.org.apache.commons.io.IOUtils.toByteArray(stream)
            return bytes(content)
        finally:
            stream.close()

    def read_json(self, path: str) -> Any:
        """Read a JSON file."""
        return json.loads(self.read_text(path))

    def upload(self, local: Path, path: str) -> None:
        """Copy a local file to a path."""
        system, target = self._locate(path)
        source = self._local(local)
        system.copyFromLocalFile(False, True, source, target)

    def download(self, path: str, local: Path) -> None:
        """Copy a file to a local path."""
        system, source = self._locate(path)
        target = self._local(local)
        # The last argument prevents the checksum file that Hadoop would write next to it.
        system.copyToLocalFile(False, source, target, True)

    def rename(self, source: str, target: str) -> None:
        """Move a file or folder within one file system.

        Raises
        ------
        SourceError
            If the file system refuses.
        """
        system, hadoop_source = self._locate(source)
        _, hadoop_target = self._locate(target)
        system.mkdirs(hadoop_target.getParent())
        if not system.rename(hadoop_source, hadoop_target):
            raise SourceError(f"{source} could not be renamed to {target}")

    def rename_to_new(self, source: str, target: str) -> None:
        """Move a folder to a name that nothing has, in one step where the file system can.

        :meth:`rename` would move it into a folder of that name. A local disk and HDFS refuse in one
        step; S3, which has no folders, can only look first.

        Raises
        ------
        OutputExistsError
            If something has that name.
        """
        here, there = self.local(source), self.local(target)
        if self.exists(target):
            raise OutputExistsError(f"there is something at {target}")
        if here is not None and there is not None:
            there.parent.mkdir(parents=True, exist_ok=True)
            try:
                here.rename(there)  # which replaces nothing but an empty folder
            except OSError as error:
                if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                    raise OutputExistsError(f"there is something at {target}") from error
                raise
        elif target.startswith(_ATOMIC):
            self._rename_in_one_step(source, target)
        else:
            self.rename(source, target)

    def _rename_in_one_step(self, source: str, target: str) -> None:
        hadoop = self._jvm.org.apache.hadoop.fs
        hadoop_source, hadoop_target = hadoop.Path(source), hadoop.Path(target)
        context = hadoop.FileContext.getFileContext(hadoop_source.toUri(), self._configuration)
        gateway: Any = SparkContext._gateway
        options = gateway.new_array(getattr(hadoop, "Options$Rename"), 0)
        try:
            context.rename(hadoop_source, hadoop_target, options)
        except Py4JJavaError as error:
            if "AlreadyExists" in str(error.java_exception.getClass().getName()):
                raise OutputExistsError(f"there is something at {target}") from error
            raise

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with its content; it need not exist."""
        system, hadoop_path = self._locate(path)
        system.delete(hadoop_path, True)
