"""Remove secrets from texts that are written, printed or logged: signatures, tokens, passwords."""

from __future__ import annotations

import re

__all__ = ["MARK", "SECRETS", "redact"]

MARK = "***"  # what stands for a secret

_NAMED = r"[\w.-]*(?:signature|credential|token|secret|passw|api[_-]?key|access[_-]?key|accessid)"
_SHORT = r"(?:sig|auth|pwd|jwt|policy|key-pair-id)"
_BEFORE = r"(?:[?&#]|&amp;|\\u0026)"  # in a URI, in HTML, in JavaScript
_VALUE = r"[^\s&\"'<>#\\)\]}]*[^\s&\"'<>#\\)\]}:,.;]"  # not the punctuation of a sentence

# Patterns with one group, which is kept, that Java's regular expressions read as Python's do.
SECRETS = (
    rf"(?i)({_BEFORE}(?:{_NAMED}[\w.-]*|{_SHORT})=){_VALUE}",
    r"(://)[^\s/@:?#\"'<>]*:[^\s/?#\"'<>]*(?=@)",
    r"(?i)(s3[an]?://)[^\s/@:?#\"'<>]+:[^\s?#\"'<>@]+(?=@)",  # a secret key may contain slashes
)
_PATTERNS = [re.compile(pattern) for pattern in SECRETS]


def redact(text: str) -> str:
    """Replace the secrets of URIs in a text by ``***``.

    Secrets are ``user:password`` before a host, and the values of query parameters that sign or
    authorize: ``X-Amz-Signature``, ``X-Amz-Credential``, ``sig``, ``access_token`` and others.
    Outputs hold ids and URIs in this form; apply this function to your own ids before you join
    them with outputs, if they are such URIs.

    Examples
    --------
    >>> redact("https://host/a.jpg?w=9&X-Amz-Signature=0f3a&X-Amz-Expires=60")
    'https://host/a.jpg?w=9&X-Amz-Signature=***&X-Amz-Expires=60'
    >>> redact("nothing at https://anna:pa55@host/a.jpg: HTTP 404")
    'nothing at https://***@host/a.jpg: HTTP 404'
    >>> redact("s3://bucket/a@b.jpg")
    's3://bucket/a@b.jpg'
    """
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{MARK}", text)
    return text
