"""The command prints a table, or an error of one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from packing import __main__ as command
from packing.archive import Packed
from packing.errors import PackingError


def test_the_table_has_sizes_and_digests(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(bytes(2_500_000))
    (tmp_path / "longer-name.whl").write_bytes(b"")
    files = [Packed(tmp_path / "a.tar.gz", 1_234_567_890), Packed(tmp_path / "longer-name.whl", 0)]
    assert command.table(files).splitlines() == [
        "file             packed    unpacked  SHA-256",
        f"a.tar.gz         2.5 MB  1,234.6 MB  {files[0].sha256}",
        "longer-name.whl  0.0 MB      0.0 MB  "
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ]


def test_an_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> list[Packed]:
        raise PackingError("expected this; got that")

    monkeypatch.setattr(command, "package", fail)
    assert command.main([]) == 1
    assert capsys.readouterr().err == "packing: error: expected this; got that\n"


def test_a_relative_interpreter_is_an_error_before_the_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--output", str(tmp_path / "dist"), "--node-python", "python3"]) == 1
    assert "expected the absolute path" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()
