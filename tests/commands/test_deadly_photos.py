"""Whole commands on photos that kill or hang the decoder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.photos import encode, picture
from tests.worker.deadly_decoder import DEADLY, write_hook

# Photos have a minute or two; here they have seconds.
SHORT = """
from sparkles.worker import isolation, watch
isolation.SECONDS = watch.SECONDS = 10
"""
# Whatever the attempt, the worker dies of the photo.
WORKER_DIES = """
from sparkles.worker.isolation import Isolation
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
Isolation.decode = die
"""


def featurize(
    folder: Path, photos: dict[str, bytes], hook: str
) -> tuple[subprocess.CompletedProcess[str], Path]:
    images, output, hooks = folder / "images", folder / "out", folder / "hooks"
    for made in (images, hooks):
        made.mkdir()
    for name, content in photos.items():
        (images / name).write_bytes(content)
    paths = os.pathsep.join([str(write_hook(hooks, hook)), *filter(None, sys.path)])
    command = [sys.executable, "-m", "sparkles.cli", "featurize", "--quiet"]
    command += ["--images", str(images), "--output", str(output), "--model", "SparklesDemo"]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done, output


@pytest.mark.slow
def test_photos_that_kill_or_hang_the_decoder_are_rejected_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    good = encode(picture(40, 50))
    photos = {f"good{number}.jpg": good for number in range(5)}
    photos |= {f"{ending.decode().strip('<>')}.jpg": good + ending for ending in DEADLY}
    done, output = featurize(tmp_path, photos, SHORT)
    assert done.returncode == 0, done.stderr
    errors = pd.read_parquet(output).set_index("image_id")["error"]
    assert errors.to_dict() == {
        **{f"good{number}": None for number in range(5)},
        "exit": "corrupt: the decoder ended its process with status 3",
        "crash": "corrupt: the decoder was killed by signal 11",
        "loop": "corrupt: the decoder did not end within 10 s",
    }


@pytest.mark.slow
def test_a_worker_that_always_dies_is_reported_with_the_photos_in_flight(tmp_path: Path) -> None:
    photos = {"killer.jpg": encode(picture(40, 50)) + b"<crash>"}
    done, output = featurize(tmp_path, photos, WORKER_DIES)
    assert done.returncode == 1
    told = done.stderr.splitlines()[-1]
    assert "a Python worker was killed, perhaps out of memory while it decoded" in told
    assert "killer.jpg" in told
    assert "EOFException" not in told
    assert not output.exists()
