"""Programs that convert the layouts of other tools, for people to run where those tools are."""

from __future__ import annotations

import shlex
from pathlib import Path

__all__ = ["COCO", "HUGGING_FACE", "PASCAL_VOC", "TFRECORD", "command"]

COCO = """\
import csv, json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    coco = json.load(file)
files = {one["id"]: one["file_name"] for one in coco["images"]}
names = {one["id"]: one["name"] for one in coco["categories"]}
rows = {(files[one["image_id"]], names[one["category_id"]]) for one in coco["annotations"]}
with open(sys.argv[2], "w", newline="", encoding="utf-8") as table:
    csv.writer(table).writerows([("file", "label"), *sorted(rows)])
"""

# Formatted with `load`, an expression, and the columns `photo` and `label`.
HUGGING_FACE = """\
import sys
from pathlib import Path
from datasets import DatasetDict, Image, load_dataset, load_from_disk
data = {load}
for part, rows in (data if isinstance(data, DatasetDict) else {{".": data}}).items():
    names = rows.features["{label}"].names
    for number, row in enumerate(rows.cast_column("{photo}", Image(decode=False))):
        photo, label = row["{photo}"], row["{label}"]
        known = label is not None and label >= 0  # photos without a class lie beside the folders
        folder = Path(sys.argv[2], part, names[label].replace("/", "_") if known else "")
        folder.mkdir(parents=True, exist_ok=True)
        content = photo["bytes"] or Path(photo["path"]).read_bytes()
        suffix = Path(photo["path"] or "").suffix or ".jpg"
        (folder / f"{{number:07}}{{suffix}}").write_bytes(content)
"""

PASCAL_VOC = """\
import csv, sys
from pathlib import Path
rows = [("file", "label", "split")]
for part, split in ("train", "train"), ("val", "validation"), ("test", "test"):
    for path in sorted(Path(sys.argv[1], "ImageSets/Main").glob(f"*_{part}.txt")):
        name = path.name.removesuffix(f"_{part}.txt")
        for image, present in map(str.split, path.read_text().splitlines()):
            if present == "1":
                rows.append((f"{image}.jpg", name, split))
with open(sys.argv[2], "w", newline="", encoding="utf-8") as table:
    csv.writer(table).writerows(rows)
"""

TFRECORD = """\
import sys
from pathlib import Path
import tensorflow as tf
files = tf.io.gfile.glob(sys.argv[1])
for number, record in enumerate(tf.data.TFRecordDataset(files).as_numpy_iterator()):
    found = tf.train.Example.FromString(record).features.feature
    photo = [found[key] for key in ("image/encoded", "image") if key in found][0]
    keys = ("image/class/text", "image/class/label", "label")
    label = [found[key] for key in keys if key in found][0]
    name = [*label.bytes_list.value, *label.int64_list.value][0]
    name = name.decode() if isinstance(name, bytes) else str(name)
    folder = Path(sys.argv[2], name.replace("/", "_"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:07}.jpg").write_bytes(photo.bytes_list.value[0])
"""


def command(program: str, source: Path, target: str) -> str:
    r"""Return a command for a shell that runs a program on a source and a target.

    Examples
    --------
    >>> print(command("import sys\n", Path("my photos"), "out"))
    python - 'my photos' out <<'END'
    import sys
    END
    """
    words = " ".join(shlex.quote(word) for word in (str(source), target))
    return f"python - {words} <<'END'\n{program}END"
