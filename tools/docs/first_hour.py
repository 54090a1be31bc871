"""``python -m tools.docs.first_hour``: run the commands of docs/first-hour.md again, and write it.

The wheel is installed into a new environment, and everything runs in a new folder outside the
repository, on photos that are drawn there. It needs uv and a registry of packages, and minutes.
"""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from packing.wheel import build_wheel
from sparkles.demo.scenes.scene import draw_scene

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "first-hour.md"
NETWORK = "--model SparklesDemo"
STATUS = "echo $?"

INTRODUCTION = f"""\
# The first hour, recorded

What the commands print in a new environment with nothing but the wheel, in a folder with nothing
but photos; `python -m tools.docs.first_hour` records it again. The photos are drawn, and
`{NETWORK}` is the small network that the package contains, so that nothing is downloaded;
without it, InceptionV3 is used. Of a line that changes, the last state is shown.
"""

COUNT_BY_FOLDER = (
    "import pandas as pd; rows = pd.read_parquet('by-path/dataset'); "
    "print(rows.groupby(['label', rows.uri.str.split('/').str[-2]]).size())"
)
COUNT_ROWS = "import pandas as pd; print(len(pd.read_parquet('predicted')))"

# What the page shows: prose, and commands as a user types them.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        """\
## A folder of two classes

Two commands, the installation and the training. `photos/` holds `car/` and `tree/` with 60 photos
each, whose names repeat:""",
        (
            'uv pip install --quiet "$WHEEL[local]"',
            f"sparkles train --images photos {NETWORK} --output runs/first",
        ),
    ),
    (
        "## A table with two columns",
        (
            "head -n 3 labels.csv",
            f"sparkles train --images all --labels labels.csv {NETWORK} --output runs/table "
            "2>&1 | tail -n 4",
        ),
    ),
    (
        """\
## Photos with the same names

`kinds/` holds `birds/`, `boats/` and `cars/`, each with `1.jpg` to `10.jpg`. Labels that name
`1.jpg` fit three photos and are refused. Labels that name paths are right: the last command counts
the rows used by class and folder.""",
        (
            "sparkles prepare --images kinds --labels names.csv --classes Bird,Car "
            "--output by-name",
            STATUS,
            "head -n 3 paths.csv",
            "sparkles prepare --images kinds --labels paths.csv --classes Bird,Car "
            "--output by-path",
            f'python -c "{COUNT_BY_FOLDER}"',
        ),
    ),
    (
        """\
`split/` holds `train/` and `test/` with the same names in both, 40 and 20 photos. Every photo is
used, and the folders give the split:""",
        (
            "sparkles prepare --images split --output by-folder",
            "grep -A 2 -E '(listed|train|test).:' by-folder/ledger.json",
        ),
    ),
    (
        "`new/` holds four folders with the same five names. Each of the 20 photos has a "
        "prediction:",
        (
            "sparkles predict --model runs/first/model --images new --output predicted",
            f'python -c "{COUNT_ROWS}"',
        ),
    ),
    (
        "## Ctrl-C\n\nPressed when the stage that featurizes has begun:",
        (
            f"sparkles train --images photos {NETWORK} --output runs/stopped",
            STATUS,
            "ls -A runs",
        ),
    ),
)
STOPPED = "runs/stopped", "featurize"  # Ctrl-C in this command, when this stage has begun


def main() -> None:
    """Record all steps, and write the page."""
    with TemporaryDirectory(prefix="sparkles-first-hour-") as scratch:
        folder, environment = Path(scratch, "work"), Path(scratch, "environment")
        folder.mkdir()
        wheel = build_wheel(ROOT, Path(scratch, "dist")).path
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
        draw(folder)
        (environment / "bin" / "uv").symlink_to(uv)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        variables = kept | {
            "PATH": f"{environment / 'bin'}:/usr/bin:/bin",
            "VIRTUAL_ENV": str(environment),
            "WHEEL": str(wheel),
            "COLUMNS": "100",
        }
        parts = [INTRODUCTION]
        for prose, commands in STEPS:
            shown = "\n".join(record(commands, folder, variables))
            parts.append(f"{prose}\n\n```text\n{shown}\n```\n")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def record(commands: tuple[str, ...], folder: Path, variables: dict[str, str]) -> Iterator[str]:
    """Yield each command as typed, and the lines that it prints."""
    status = 0
    for command, following in zip(commands, [*commands[1:], ""], strict=True):
        yield f"$ {command.replace('$WHEEL', Path(variables['WHEEL']).name)}"
        if command == STATUS:
            yield str(status)
            continue
        output, stage = STOPPED
        stop = stage if output in command else None
        printed, status = in_terminal(command, folder, variables, stop)
        yield from screen(printed)
        if status and following != STATUS:
            raise SystemExit(f"{command} ends with status {status}:\n{printed}")


def in_terminal(
    command: str, folder: Path, variables: dict[str, str], stop: str | None = None
) -> tuple[str, int]:
    """Run a command in a terminal of its own, and press Ctrl-C once it has printed a word.

    Returns
    -------
    str and int
        What it printed, and its status.
    """
    process, master = pty.fork()
    if not process:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored if this program is in the background
        os.chdir(folder)
        os.execve("/bin/sh", ["sh", "-c", f"exec {command}"], variables)
    text, pressed = "", False
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the terminal is gone when its last process is
            break
        text += part.decode(errors="replace")
        if stop and not pressed and stop in text:
            os.write(master, b"\x03")
            pressed = True
        if not part:
            break
    os.close(master)
    return text, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def screen(printed: str) -> Iterator[str]:
    r"""Yield the lines that are left on a screen.

    Examples
    --------
    >>> list(screen("10 photos\r20 photos\r\n      train: 4 s\r\x1b[Kdone\r\n"))
    ['20 photos', 'done']
    """
    for line in printed.replace("\r\n", "\n").split("\n"):
        states = [state for state in line.split("\r") if state.strip()]
        if states:
            yield states[-1].removeprefix("\x1b[K").rstrip()


def draw(folder: Path) -> None:
    """Draw the photos of all steps, and write their tables."""
    rng = np.random.default_rng(0)

    def photo(path: str, subject: str) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draw_scene((subject,), rng, longest=400).image.save(target)

    for subject in ("Car", "Tree"):
        for number in range(60):
            photo(f"photos/{subject.lower()}/{number}.jpg", subject)
        for part, count in (("train", 20), ("test", 10)):
            for number in range(count):
                photo(f"split/{part}/{subject.lower()}/{number}.jpg", subject)
    classes = {f"{number:03}.jpg": ("car", "tree")[number % 2] for number in range(80)}
    for name, label in classes.items():
        photo(f"all/{name}", label.capitalize())
    write_table(folder / "labels.csv", "image,class", classes.items())
    paths = {
        f"{kind.lower()}s/{number}.jpg": kind
        for kind in ("Bird", "Boat", "Car")
        for number in range(1, 11)
    }
    for path, kind in paths.items():
        photo(f"kinds/{path}", kind)
    write_table(folder / "paths.csv", "file,label", paths.items())
    names = [(path.partition("/")[2], kind) for path, kind in paths.items()]
    write_table(folder / "names.csv", "file,label", names)
    for place in range(20):
        photo(f"new/day-{place // 5}/{place % 5}.jpg", ("Car", "Tree")[place % 2])


def write_table(path: Path, header: str, rows: Iterable[tuple[str, str]]) -> None:
    """Write a CSV file of two columns."""
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
