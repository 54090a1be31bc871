"""Folders in S3, listed by ranges of keys, so that many processes can share the work.

S3 gives keys in the order of their UTF-8 bytes, a thousand an answer, from any string on. So a
folder is cut at a few strings, and what lies between two cuts is listed page by page. Wherever the
cuts are, each key is in one range; where they are well chosen, the ranges are of like size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sparkles.storage.folder import is_passed_over
from sparkles.storage.s3 import DEFAULT_S3, S3Options, list_page
from sparkles.storage.uris import split_s3

__all__ = ["KeyRange", "has_keys", "is_object", "list_range", "ranges_between", "split_folder"]

_AT_ONCE = 16  # groups of keys that are looked into at the same time
_MOST_CUTS = 128  # of a group at a look; what is left of it is a group of its own
_LARGEST = 1024  # a key has no more bytes
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)  # no characters, and not in UTF-8


@dataclass(frozen=True)
class KeyRange:
    """The keys after one string, up to another.

    Attributes
    ----------
    after
        Itself not in the range; empty: from the first key.
    until
        Itself in the range; ``None``: to the last key.

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
    """The ranges that all keys fall into, each key into one.

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
    """Whether anything is in a folder or below.

    Raises
    ------
    SourceError
        If S3 refuses to list it, with the remedy.
    """
    bucket, prefix = _locate(folder)
    return bool(list_page(bucket, prefix, options, most=1).keys)


def is_object(uri: str, options: S3Options = DEFAULT_S3) -> bool:
    """Whether a URI names an object, and no folder.

    Raises
    ------
    SourceError
        If S3 refuses to list it, with the remedy.
    """
    bucket, key = split_s3(uri)
    # The key itself comes first of those that begin with it.
    return bool(key) and list_page(bucket, key, options, most=1).keys == [key]


def list_range(folder: str, keys: KeyRange, options: S3Options = DEFAULT_S3) -> Iterator[list[str]]:
    """List the files of a folder, and below, whose keys are in a range.

    Passed over are the markers that stand for folders, and files and folders whose names begin
    with a dot.

    Parameters
    ----------
    folder
        As ``s3://bucket/photos``; everything in it is listed when it is asked for, page by page.
    keys
        One of :func:`split_folder`.

    Yields
    ------
    list of str
        The URIs of a page, with the scheme of ``folder`` and literal keys; perhaps none.

    Raises
    ------
    SourceError
        If S3 refuses, or is busy or breaks off each of several times.
    """
    bucket, prefix = _locate(folder)
    head = f"{folder.partition(':')[0]}://{bucket}/"
    page = list_page(bucket, prefix, options, after=keys.after)
    while True:
        inside = [key for key in page.keys if key in keys]
        yield [head + key for key in inside if not is_passed_over(key[len(prefix) :])]
        if page.token is None or len(inside) < len(page.keys):
            return
        page = list_page(bucket, prefix, options, token=page.token)


def _locate(folder: str) -> tuple[str, str]:
    """The bucket, and what all keys in the folder begin with."""
    bucket, key = split_s3(folder)
    key = key.rstrip("/")
    return bucket, f"{key}/" if key else ""


@dataclass(frozen=True)
class _Group:
    """More keys than a page holds, all beginning with one string.

    Attributes
    ----------
    name
        The string.
    depth
        How many characters more are the same in all the keys of its first page: the more, the
        larger is the group.
    after
        Up to where it has been looked into.
    """

    name: str
    depth: int = 0
    after: str = ""


def split_folder(folder: str, wanted: int, options: S3Options = DEFAULT_S3) -> list[KeyRange]:
    """Cut a folder's keys into ranges of like size, where there are enough keys.

    The keys may be called anything. They are grouped by the first character that is not the same
    in all of them, then the largest groups are grouped again, until there are enough. That takes
    a request or two a group; what fits in a page is not cut.

    Parameters
    ----------
    wanted
        How many ranges are enough. More come where the last group has many parts, fewer where
        there are few keys.

    Raises
    ------
    SourceError
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
            looks = threads.map(lambda group: _look_into(bucket, group, options), largest)
            for found, more in looks:
                cuts.update(found)
                groups += more
    return ranges_between(cuts)


def _look_into(bucket: str, group: _Group, options: S3Options) -> tuple[list[str], list[_Group]]:
    """Where to cut a group, and the groups in it that more than a page is in."""
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
        if part == name:  # a short page, which S3 may give at any time: there is more to come
            page = list_page(bucket, name, options, after=name)
            continue
        # What the page holds before the part that it ends in is small; it is not cut up.
        cuts.append(part)
        if not page.keys[0].startswith(part):
            page = list_page(bucket, part, options)
        if page.token is not None and page.keys:
            same = _same_start(page.keys[0], page.keys[-1])
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
    """What all keys of a group begin with, by bisection: S3 tells no folder's last key."""
    same = _same_start(first, last)
    low, high = len(name), len(same)
    while low < high:
        middle = (low + high + 1) // 2
        beyond = _successor(same[:middle])
        if beyond is None or not list_page(bucket, name, options, after=beyond, most=1).keys:
            low = middle
        else:
            high = middle - 1
    return same[:low]


def _same_start(one: str, other: str) -> str:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]


def _successor(name: str) -> str | None:
    """The string that sorts behind all those that begin with a name; ``None`` if nothing does."""
    name = name.rstrip(chr(_LAST_CHARACTER))
    if not name:
        return None
    following = ord(name[-1]) + 1
    return name[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)
