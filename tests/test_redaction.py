"""Secrets in URIs do not appear in what is written, printed or raised."""

from __future__ import annotations

import pickle

import pytest

from sparkles.errors import ModelError, PhotoError, ProblemsError, StorageError
from sparkles.redaction import redact

SIGNED = {
    "https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAX%2F20260101%2Fs3&X-Amz-Signature=0f3a&X-Amz-Security-Token=IQo/+=": (
        "https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=***&X-Amz-Signature=***&X-Amz-Security-Token=***"
    ),
    "http://b/k.jpg?AWSAccessKeyId=AKIAX&Expires=17&Signature=vjb%3D": (
        "http://b/k.jpg?AWSAccessKeyId=***&Expires=17&Signature=***"
    ),
    "https://a.blob.core.windows.net/c/a.jpg?sv=2024&sp=r&sig=Zm9v%3D": (
        "https://a.blob.core.windows.net/c/a.jpg?sv=2024&sp=r&sig=***"
    ),
    "https://storage.googleapis.com/b/a.jpg?X-Goog-Credential=me%40x&X-Goog-Signature=ab": (
        "https://storage.googleapis.com/b/a.jpg?X-Goog-Credential=***&X-Goog-Signature=***"
    ),
    "https://h/a.jpg?size=9&ACCESS_TOKEN=abc&api-key=def#page=1": (
        "https://h/a.jpg?size=9&ACCESS_TOKEN=***&api-key=***#page=1"
    ),
    "https://anna:pa55@host:8080/a.jpg": "https://***@host:8080/a.jpg",
    "https://anna:p@ss:w@host/a.jpg": "https://***@host/a.jpg",
    "s3n://AKIAX:se/cr+et@bucket/a.jpg": "s3n://***@bucket/a.jpg",
    'href="https://h/a.jpg?w=1&amp;sig=abc">': 'href="https://h/a.jpg?w=1&amp;sig=***">',
    '{"uri": "https://h/a.jpg?w=1\\u0026sig=abc"}': '{"uri": "https://h/a.jpg?w=1\\u0026sig=***"}',
    '{"uri": "https://h/?sig=abc", "n": 1}': '{"uri": "https://h/?sig=***", "n": 1}',
    "--images 'https://h/?token=a,b' --output x": "--images 'https://h/?token=***' --output x",
    "nothing at https://h/?sig=abc: HTTP 404": "nothing at https://h/?sig=***: HTTP 404",
    "tried https://h/?sig=abc, https://u:p@h/.": "tried https://h/?sig=***, https://***@h/.",
}
HARMLESS = [
    "s3://bucket/train/what?#1.jpg",
    "s3://bucket/a:b@c.jpg",
    "https://host:8080/anna@home/a.jpg",
    "https://h/photo?id=17&key=cats/1.jpg&sign=left",
    "abfss://container@account.dfs.core.windows.net/a.jpg",
    "file:///photos/signature=left/token=2.jpg",
    "12:30 mail anna@host",
    "C:\\photos\\a.jpg",
    "",
]


@pytest.mark.parametrize("text", SIGNED)
def test_secrets_are_replaced_and_nothing_else(text: str) -> None:
    assert redact(text) == SIGNED[text]
    assert redact(SIGNED[text]) == SIGNED[text]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_errors_have_no_secrets_even_after_pickling() -> None:
    text = "https://u:p@h/a.jpg?sig=abc"
    errors = [
        ModelError(f"no model at {text}", settings=["model"]),
        ProblemsError([ModelError(text), ModelError(text)]),
        PhotoError("unreadable", f"{text}: HTTP 403"),
        StorageError("unreadable", f"{text}: HTTP 403"),
    ]
    for error in [*errors, *pickle.loads(pickle.dumps(errors))]:
        assert "https://***@h/a.jpg?sig=***" in str(error)
        assert "abc" not in f"{error!r} {getattr(error, 'detail', '')}"


def test_a_page_with_large_photos_is_redacted_in_one_pass() -> None:
    # Base64 of a random megabyte, which has all letters, digits, slashes and pluses.
    import base64
    import random

    photo = base64.b64encode(random.Random(1).randbytes(1_000_000)).decode()
    assert redact(f"{photo}?sig=abc") == f"{photo}?sig=***"
