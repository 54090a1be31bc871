"""What Livy starts for a session: a Python that runs statements in local Spark."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
import traceback
from typing import Any


def run(code: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a statement as Livy does: all it prints, and the value of its last line, as text."""
    printed = io.StringIO()
    try:
        tree = ast.parse(code)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(tree, "<statement>", "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "<statement>", "eval"), names)
                if value is not None:
                    printed.write(f"{value!r}\n")
    except BaseException as error:  # noqa: BLE001 (whatever a cell raises is its answer)
        lines = traceback.format_exc().splitlines(keepends=True)
        return {
            "status": "error", "ename": type(error).__name__, "evalue": str(error),
            "traceback": lines,
        }  # fmt: skip
    return {"status": "ok", "data": {"text/plain": printed.getvalue().rstrip("\n")}}


def main() -> None:
    from sparkles.spark.session import build_session

    answers = sys.stdout
    sys.stdout = sys.stderr  # what Spark or a thread prints is no answer
    spark = build_session("livy", master="local[2]", conf={"spark.ui.enabled": "false"})
    names = {"__name__": "__main__", "spark": spark, "sc": spark.sparkContext}
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line)["code"], names)) + "\n")
        answers.flush()
    spark.stop()


if __name__ == "__main__":
    main()
