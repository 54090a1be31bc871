"""Write labels for photos that are sorted into one folder per class.

    python examples/labels_from_folders.py photos labels

``photos/cat/tom.jpg`` and ``photos/dog/rex.jpg`` become the tables ``labels/labels.csv`` and
``labels/classes.csv``, which ``sparkles train`` takes as ``--labels`` and ``--class-names``. The
file names must differ, because Sparkles calls a photo by its file name without the extension.
"""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}


def main(photos: str, output: str) -> None:
    """Write both tables."""
    folders = sorted(path for path in Path(photos).iterdir() if path.is_dir())
    classes = [(f"/f/{number}", folder) for number, folder in enumerate(folders)]
    images = [
        (path.stem, machine_id)
        for machine_id, folder in classes
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES
    ]
    counts = Counter(image_id for image_id, _ in images)
    if repeated := [image_id for image_id, count in counts.items() if count > 1]:
        raise SystemExit(f"{len(repeated)} file names repeat, for example {repeated[0]}: rename")
    rows = [(image_id, "verification", machine_id, 1) for image_id, machine_id in images]
    names = [(machine_id, folder.name) for machine_id, folder in classes]
    Path(output).mkdir(parents=True, exist_ok=True)
    write(Path(output, "labels.csv"), [("ImageID", "Source", "LabelName", "Confidence"), *rows])
    write(Path(output, "classes.csv"), names)
    print(f"{len(images)} photos of {len(classes)} classes")


def write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
