"""Data flows one way, and so do imports: CONTRIBUTING's table, as data."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ANY_JOB = REPOSITORY / "jobs" / "sparkles_job.py"

VOCABULARY = {"choices", "columns", "errors", "metric_names", "ranges", "redaction"}
VOCABULARY |= {"run_files", "version"}
BELOW_ML = {"imaging", "models", "spark", "storage", "worker"}
STEPS = {"sources", "dataset", "features", "training", "evaluation", "exploration", "report"}
STEPS |= {"explanation"}

# What each part of sparkles may import of the others; `sparkles` itself is the part "".
ALLOWED = {
    **{word: set() for word in VOCABULARY},
    "errors": {"redaction"},
    "storage": VOCABULARY,
    "imaging": VOCABULARY | {"storage"},
    "models": VOCABULARY | {"storage"},
    "spark": VOCABULARY | {"storage"},
    "worker": VOCABULARY | {"imaging", "models", "storage"},
    "ml": VOCABULARY | BELOW_ML,
    "sources": VOCABULARY | {"storage", "spark", "settings"},
    "dataset": VOCABULARY | {"settings", "sources", "spark"},
    "features": VOCABULARY | {"ml", "spark"},
    "training": VOCABULARY | {"ml", "settings", "spark"},
    "evaluation": VOCABULARY | {"spark"},
    "pages": VOCABULARY,
    "exploration": VOCABULARY | {"imaging", "pages", "sources", "spark", "storage"},
    "explanation": VOCABULARY | {"ml", "models", "spark", "storage", "worker"},
    "report": VOCABULARY | {"pages"},
    "demo": VOCABULARY,
    "settings": VOCABULARY | {"storage"},
    "workflow": VOCABULARY | BELOW_ML | STEPS | {"ml", "pages", "settings"},
    "commands": VOCABULARY | BELOW_ML | STEPS | {"ml", "pages", "settings", "demo", "workflow"},
    "emr": VOCABULARY | {"settings"},
    "cli": VOCABULARY | {"commands", "emr", "settings", "spark", "workflow"},
    "interface": VOCABULARY | {"commands", "settings", "sources", "spark", "workflow"},
    "": {"errors", "interface", "ml", "models", "version", "workflow"},
}
# The rooms of a part, and which of them may import which.
WINGS = {
    "emr": {
        "cost": set(),
        "config": {"cost"},
        "cluster": {"config", "cost"},
        "subcommands": {"arguments", "cluster", "config", "cost"},
        "arguments": set(),
    },
    "demo": {"scenes": set(), "counts": set(), "dataset": {"scenes", "counts"}},
}

# Parts that run where there is no Spark, or where it would be needed for nothing.
WITHOUT_SPARK = [*VOCABULARY, "storage", "imaging", "models", "worker", "demo", "settings", "cli"]
WITHOUT_SPARK += ["", "emr"]
HEAVY = {"pyspark", "keras", "tensorflow", "matplotlib", "scipy", "jinja2", "shap"}
# Imported when a function runs; where pyspark is a part's subject, at its top.
LATE = {part: HEAVY if part in WITHOUT_SPARK else HEAVY - {"pyspark"} for part in ALLOWED}


def files_of(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def part_of(path: Path) -> str:
    first = path.relative_to(REPOSITORY / "sparkles").parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every module and name that the nodes import, wherever it stands."""
    for node in nodes:
        for child in ast.walk(node):
            if isinstance(child, ast.Import):
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "imports are absolute"
                yield from (f"{child.module}.{alias.name}" for alias in child.names)


def sparkles_part(imported: str) -> str | None:
    """The part that a dotted name belongs to; None where it is not of sparkles."""
    package, *rest = imported.split(".")
    if package != "sparkles":
        return None
    return rest[0] if rest and rest[0] in ALLOWED else ""


def at_import(tree: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported: no functions, nothing for type checkers."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.ClassDef):
            yield from at_import(node)
        else:
            yield node


MODULES = files_of("sparkles")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def test_lazy_imports_are_seen() -> None:
    inner = "def f():\n    from sparkles import workflow, __version__\n    import keras.layers\n"
    tree = ast.parse(f"import json\nif TYPE_CHECKING:\n    import tensorflow\n{inner}")
    assert {sparkles_part(imported) for imported in imports_in([tree])} == {None, "", "workflow"}
    assert "keras.layers" in set(imports_in([tree]))
    assert set(imports_in(at_import(tree))) == {"json"}
    assert set(imports_in(at_import(ast.parse("class A:\n    import keras\n")))) == {"keras"}


def test_every_part_is_in_the_table() -> None:
    assert {part_of(path) for path in MODULES} == set(ALLOWED)


def test_table_has_no_circle() -> None:
    # Except `sparkles` itself, which exports names of its parts when they are asked for.
    left = {part: allowed - {"", part} for part, allowed in ALLOWED.items() if part}
    while left:
        free = {part for part, allowed in left.items() if not allowed & left.keys()}
        assert free, f"these import each other: {sorted(left)}"
        left = {part: allowed for part, allowed in left.items() if part not in free}


def test_steps_do_not_import_each_other() -> None:
    among = {(step, other) for step in STEPS for other in ALLOWED[step] & STEPS}
    assert among == {("dataset", "sources"), ("exploration", "sources")}


def test_only_commands_and_what_they_share_compose() -> None:
    composers = {part for part, allowed in ALLOWED.items() if len(allowed & STEPS) > 1}
    assert composers == {"commands", "workflow"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    found = {sparkles_part(imported) for imported in imports_in([tree_of(path)])} - {None, part}
    assert found <= ALLOWED[part], f"{name_of(path)} may not import {sorted(found - ALLOWED[part])}"


@pytest.mark.parametrize("path", files_of("sparkles/commands"), ids=name_of)
def test_commands_do_not_import_commands(path: Path) -> None:
    others = [name for name in imports_in([tree_of(path)]) if name.startswith("sparkles.commands.")]
    assert path.name == "__init__.py" or not others


@pytest.mark.parametrize("part", WINGS)
def test_wings_import_one_way(part: str) -> None:
    for path in files_of(f"sparkles/{part}"):
        wing = path.relative_to(REPOSITORY / "sparkles" / part).parts[0].removesuffix(".py")
        if wing == "__init__":
            continue
        names = [name.split(".") for name in imports_in([tree_of(path)])]
        found = {name[2] for name in names if name[:2] == ["sparkles", part]} - {wing}
        assert found <= WINGS[part][wing], name_of(path)


@pytest.mark.parametrize("name", ["session", "s3a"])
def test_pyspark_is_imported_late_by_what_looks_for_it(name: str) -> None:
    tree = tree_of(REPOSITORY / "sparkles" / "spark" / f"{name}.py")
    assert "pyspark" not in {imported.split(".")[0] for imported in imports_in(at_import(tree))}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_spark_is_imported_only_where_it_is_the_subject(path: Path) -> None:
    if part_of(path) in WITHOUT_SPARK:
        packages = {imported.split(".")[0] for imported in imports_in([tree_of(path)])}
        assert "pyspark" not in packages


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_packages_are_imported_late(path: Path) -> None:
    packages = {imported.split(".")[0] for imported in imports_in(at_import(tree_of(path)))}
    assert not packages & LATE[part_of(path)]


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", files_of("jobs"), ids=name_of)
def test_jobs_hold_no_logic(path: Path) -> None:
    tree = tree_of(path)
    assert set(imports_in([tree])) == {"sys", "sparkles.cli.main"}
    *head, last = tree.body
    assert all(is_docstring(node) or isinstance(node, ast.Import | ast.ImportFrom) for node in head)
    given = "sys.argv[1:]" if path == ANY_JOB else f"['{path.stem}', *sys.argv[1:]]"
    assert ast.unparse(last) == f"if __name__ == '__main__':\n    sys.exit(main({given}))"


def test_older_names_of_jobs_are_commands() -> None:
    from sparkles.cli.commands import JOBS

    assert {path.stem for path in files_of("jobs") if path != ANY_JOB} <= set(JOBS)


@pytest.mark.parametrize("path", files_of("sparkdl"), ids=name_of)
def test_sparkdl_hands_on_names(path: Path) -> None:
    tree = tree_of(path)
    assert all(imported.startswith("sparkles.") for imported in imports_in([tree]))
    for node in tree.body:
        is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        assert is_docstring(node) or isinstance(node, ast.ImportFrom) or is_all


LIGHT = ["sparkles", "sparkles.columns", "sparkles.errors", "sparkles.storage", "sparkles.imaging"]
LIGHT += ["sparkles.models", "sparkles.spark.session", "sparkles.worker", "sparkles.demo.dataset"]


def loaded_by(statements: str) -> list[str]:
    seen = HEAVY - {"scipy"}  # pyspark.ml imports it by itself where it is installed
    script = f"{statements}\nimport sys\nprint(*sorted({seen!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return done.stdout.split()


def test_importing_sparkles_loads_no_heavy_package() -> None:
    assert loaded_by("import sparkles") == []
    assert loaded_by(f"import {', '.join(LIGHT)}") == []


def test_stages_load_spark_but_no_keras() -> None:
    assert loaded_by("from sparkles import DeepImageFeaturizer") == ["pyspark"]
    assert loaded_by("import sparkdl, sparkles.commands") == ["pyspark"]
