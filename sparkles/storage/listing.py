"""List folders in S3 by ranges of keys, so that many processes can share the work.

S3 returns keys in the order of their UTF-8 bytes, a thousand at a time, starting after any string.
So a folder is cut at a few strings, and the keys between two cuts are listed page by page. Every
key is in exactly one range, whatever the cuts; if they are chosen well, the ranges have about the
same size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sparkles.storage.folder import is_skipped
from sparkles.storage.s3 import list_page
from sparkles.storage.s3_client import DEFAULT_S3, S3Options
from sparkles.storage.uris import split_s3

__all__ = ["KeyRange", "has_keys", "is_object", "list_range", "ranges_between", "split_folder"]

_AT_ONCE = 16  # groups of keys that are explored at the same time
_MOST_CUTS = 128  # of a group at a time; the rest becomes another group
_LARGEST = 1024  # the most bytes that a key can have
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)  # no characters, and not in UTF-8


@dataclass(frozen=True)
class KeyRange:
    """The keys after one string, up to another.

    Attributes
    ----------
    after
        The string before the range, exclusive; if empty, the range begins at the first key.
    until
        The end of the range, inclusive; if ``None``, the range ends at the last key.

    Examples
    --------
    >>> [key in KeyRange("b", "d") for key in ("a", "b", "c", "d", "da")]
    [False, False, True, True, False]
    """

    after: str = ""
    until: str | None = None

    def __contains__(self, key: str) -> bool:
        # Python compares strings by code point, which is the order of their UTF-8 bytes.
        return self.after < key and (self.until is None or key <= self.until)


def ranges_between(cuts: Iterable[str]) -> list[KeyRange]:
    """Return the ranges between cuts; every key is in exactly one of them.

    Examples
    --------
    >>> ranges_between(["m", "d"])
    [KeyRange(after='', until='d'), KeyRange(after='d', until='m'), KeyRange(after='m', until=None)]
    """
    inner = sorted(set(cuts) - {""})
    return [
        KeyRange(after, until) for after, until in zip(["", *inner], [*inner, None], strict=True)
    ]


def has_keys(folder: str, options: S3Options = DEFAULT_S3) -> bool:
    """Whether a folder, or any folder below it, has a key.

    Raises
    ------
    StorageError
        If S3 refuses to list it, with the remedy.
    """
    bucket, prefix = _locate(folder)
    return bool(list_page(bucket, prefix, options, most=1).keys)


def is_object(uri: str, options: S3Options = DEFAULT_S3) -> bool:
    """Whether a URI names an object and not a folder.

    Raises
    ------
    StorageError
        If S3 refuses to list it, with the remedy.
    """
    bucket, key = split_s3(uri)
    # Of the keys that begin with a string, the string itself comes first.
    return bool(key) and list_page(bucket, key, options, most=1).keys == [key]


def list_range(folder: str, keys: KeyRange, options: S3Options = DEFAULT_S3) -> Iterator[list[str]]:
    """List the files in a folder, and in the folders below it, whose keys are in a range.

    Markers that stand for folders are skipped, and so are files and folders whose names begin
    with a dot.

    Parameters
    ----------
    folder
        For example ``s3://bucket/photos``. It is listed lazily, page by page.
    keys
        A range of :func:`split_folder`.

    Yields
    ------
    list of str
        The URIs of a page, with the scheme of ``folder`` and literal keys; may be empty.

    Raises
    ------
    StorageError
        If S3 refuses, or is busy or breaks off at every attempt.
    """
    bucket, prefix = _locate(folder)
    head = f"{folder.partition(':')[0]}://{bucket}/"
    page = list_page(bucket, prefix, options, after=keys.after)
    while True:
        inside = [key for key in page.keys if key in keys]
        yield [head + key for key in inside if not is_skipped(key[len(prefix) :])]
        if page.token is None or len(inside) < len(page.keys):
            return
        page = list_page(bucket, prefix, options, token=page.token)


def _locate(folder: str) -> tuple[str, str]:
    """Return the bucket, and the string that all keys in the folder begin with."""
    bucket, key = split_s3(folder)
    key = key.rstrip("/")
    return bucket, f"{key}/" if key else ""


@dataclass(frozen=True)
class _Group:
    """More keys than fit on a page, which all begin with the same string.

    Attributes
    ----------
    name
        The string.
    depth
        The number of further characters that all keys of the first page share: the more, the
        larger is the group.
    after
        The string up to which the group has been explored.
    """

    name: str
    depth: int = 0
    after: str = ""


def split_folder(folder: str, wanted: int, options: S3Options = DEFAULT_S3) -> list[KeyRange]:
    """Cut a folder's keys into ranges of about the same size, if there are enough keys.

    The keys can have any names. They are grouped by the first character that differs between
    them, then the largest groups are grouped again, until there are enough. That takes one or two
    requests per group; a group that fits on a page is not cut.

    Parameters
    ----------
    wanted
        The number of ranges that is enough. There can be more if the last group has many parts,
        and fewer if there are few keys.

    Raises
    ------
    StorageError
        If S3 refuses to list the folder, with the remedy.
    """
    bucket, prefix = _locate(folder)
    cuts: set[str] = set()
    groups = [_Group(prefix)]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sparkles-lister") as threads:
        while groups and len(cuts) + 1 < wanted:
            groups.sort(key=lambda group: group.depth, reverse=True)
            number = 1 if groups[0].depth == _LARGEST else _AT_ONCE
            largest, groups = groups[:number], groups[number:]
            explored = threads.map(lambda group: _explore(bucket, group, options), largest)
            for found, more in explored:
                cuts.update(found)
                groups += more
    return ranges_between(cuts)


def _explore(bucket: str, group: _Group, options: S3Options) -> tuple[list[str], list[_Group]]:
    """Return where to cut a group, and the groups in it that are larger than a page."""
    page = list_page(bucket, group.name, options, after=group.after)
    if page.token is None or not page.keys:
        return [], []
    name = group.name
    if not group.after:
        name = _shared_by_all(bucket, name, page.keys[0], page.keys[-1], options)
    cuts: list[str] = []
    groups: list[_Group] = []
    while page.token is not None and page.keys:
        part = page.keys[-1][: len(name) + 1]
        if part == name:  # S3 may return a short page at any time: there is more to come
            page = list_page(bucket, name, options, after=name)
            continue
        # The keys of the page before its last part are few; they are not cut further.
        cuts.append(part)
        if not page.keys[0].startswith(part):
            page = list_page(bucket, part, options)
        if page.token is not None and page.keys:
            same = _common_prefix(page.keys[0], page.keys[-1])
            groups.append(_Group(part, len(same) - len(part)))
        beyond = _successor(part)
        if beyond is None:
            break
        if len(cuts) >= _MOST_CUTS:
            groups.append(_Group(name, _LARGEST, beyond))
            break
        page = list_page(bucket, name, options, after=beyond)
    return cuts, groups


def _shared_by_all(bucket: str, name: str, first: str, last: str, options: S3Options) -> str:
    """Find the string that all keys of a group begin with, by bisection.

    S3 has no request for the last key of a folder.
    """
    same = _common_prefix(first, last)
    low, high = len(name), len(same)
    while low < high:
        middle = (low + high + 1) // 2
        beyond = _successor(same[:middle])
        if beyond is None or not list_page(bucket, name, options, after=beyond, most=1).keys:
            low = middle
        else:
            high = middle - 1
    return same[:low]


def _common_prefix(one: str, other: str) -> str:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]


def _successor(name: str) -> str | None:
    """Return a string that sorts after all those that begin with a name, or None if none does."""
    name = name.rstrip(chr(_LAST_CHARACTER))
    if not name:
        return None
    following = ord(name[-1]) + 1
    return name[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)
