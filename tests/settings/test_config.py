"""Settings from YAML and JSON files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkles.choices import PoolingChoice
from sparkles.errors import SettingsError
from sparkles.settings import TrainSettings, read_config, settings_to_json
from tests.s3_server import s3_on_loopback

YAML = """
# Cars and trees
labels: l.csv
class-names: names.csv
classes: [Car, "Tree"]
images: photos
output: out
max_iter: 7
reg-param: 1.0e-3
overwrite: true
weights: null
pooling: none
sources:
  - verification
"""


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a config file and return its path."""

    def to_file(content: str | bytes, name: str = "train.yaml") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return to_file


def test_yaml_is_read(write: Write) -> None:
    found = TrainSettings.create(read_config(write(YAML)))
    assert found == TrainSettings(
        labels="l.csv",
        class_names="names.csv",
        classes=("Car", "Tree"),
        images="photos",
        output="out",
        max_iter=7,
        reg_param=0.001,
        overwrite=True,
        weights=None,
        pooling=PoolingChoice.NONE,
        sources=("verification",),
    )


def test_json_is_read(write: Write) -> None:
    content = {"labels": "l.csv", "classes": "Car,Tree", "images": "p", "output": "ö", "seed": 3}
    assert read_config(write(json.dumps(content), "train.json")) == content
    assert read_config(write(json.dumps(content, ensure_ascii=False))) == content


def test_a_config_in_s3_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_on_loopback() as (endpoint, client):
        client.create_bucket(Bucket="settings")
        client.put_object(Bucket="settings", Key="train.yaml", Body=YAML.encode())
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "made-up")
        assert read_config("s3://settings/train.yaml")["max_iter"] == 7
        with pytest.raises(SettingsError, match=r"cannot be read: s3://settings/absent: NoSuchKey"):
            read_config("s3://settings/absent")


def test_settings_of_a_run_are_a_config(write: Write) -> None:
    there = TrainSettings.create(read_config(write(YAML)))
    back = read_config(write(json.dumps(settings_to_json(there)), "run.json"))
    assert TrainSettings.create(back) == there


def test_a_number_that_yaml_reads_as_text_is_a_number(write: Write) -> None:
    # YAML 1.1 reads 1e-3, without a point, as a string.
    config = read_config(write(YAML.replace("1.0e-3", "1e-3")))
    assert config["reg_param"] == "1e-3"
    assert TrainSettings.create(config).reg_param == 0.001


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"config .*nowhere\.yaml cannot be read: nothing at"):
        read_config(str(tmp_path / "nowhere.yaml"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_config(str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        "a: [",
        "a: b: c",
        "\t- a",
        "{",
        b"\xff\xfe\x00",
        "a: \x00",
        "a: 2020-99-99",  # no such day
        "a: !!python/object:os.system {}",
        "? [1, 2]\n: {}\n? {a: b}\n: 1",
    ],
)
def test_what_is_not_yaml_is_refused_in_one_line(write: Write, content: Any) -> None:
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        read_config(write(content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "# nothing", "- a\n- b", "just text", "7", "null"])
def test_what_is_not_a_mapping_is_refused(write: Write, content: Any) -> None:
    with pytest.raises(SettingsError, match="expected names and values, for example 'model:"):
        read_config(write(content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(alphabet="ab:-[]{}!&*?|>'\"#%@`,.~0123456789 \n\t\x00ü") | st.text())
def test_any_text_is_a_mapping_or_refused(write: Write, content: Any) -> None:
    path = write(content.encode("utf-8", "replace"))
    try:
        config = read_config(path)
    except SettingsError:
        return
    assert all(isinstance(name, str) for name in config)


@pytest.mark.parametrize(
    "content",
    [
        "model: VGG16\nseed: 1\nmodel: VGG19\n",
        '{"model": "VGG16", "model": "VGG16"}',
        "class-names: a.csv\nclass_names: b.csv\n",
    ],
)
def test_a_name_that_stands_there_twice_is_refused(write: Write, content: str) -> None:
    path = write(content)
    with pytest.raises(SettingsError, match=r"(model|class_names) stands there twice; keep one"):
        read_config(path)
