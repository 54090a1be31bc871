"""Listings by ranges of keys: no gap, no overlap, similar sizes, and recovery from S3's faults."""

from __future__ import annotations

import bisect
import http.server
import random
import urllib.parse
from collections.abc import Callable, Iterator
from typing import ClassVar
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkles.errors import StorageError
from sparkles.storage import (
    KeyRange,
    S3Options,
    has_keys,
    is_object,
    list_range,
    listing,
    retry,
    split_folder,
)
from sparkles.storage.listing import ranges_between
from sparkles.storage.s3 import Page
from sparkles.storage.s3_client import forget_client
from tests.http_server import serve
from tests.s3_server import s3_on_loopback

ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FEW = st.text("ab/\U0010ffff\ud7ff\ue000", min_size=1, max_size=6)  # likely neighbours
NAMES = st.one_of(ANY, FEW, st.sampled_from(["a.jpg", "b/c.jpg", "é.jpg", "\ufffd", "\U0001f33b"]))


def by_bytes(key: str) -> bytes:
    """Return a key's place in S3's order, which is that of its UTF-8 bytes."""
    return key.encode("utf-8")


class Memory:
    """A bucket in memory, which lists keys as S3 does: in the order of their bytes, by pages."""

    def __init__(self, keys: list[str], page: int) -> None:
        self.keys = sorted(set(keys), key=by_bytes)
        self.order = [by_bytes(key) for key in self.keys]
        self.page = page
        self.asked = 0

    def list_page(
        self,
        bucket: str,
        prefix: str,
        options: S3Options,
        *,
        after: str = "",
        token: str | None = None,
        most: int = 1000,
    ) -> Page:
        assert bucket == "b"
        self.asked += 1
        place = bisect.bisect_right(self.order, by_bytes(token or after))
        place = max(place, bisect.bisect_left(self.order, by_bytes(prefix)))
        page = self.keys[place : place + min(self.page, most)]
        inside = [key for key in page if key.startswith(prefix)]
        end = place + len(page)
        more = end < len(self.keys) and self.keys[end].startswith(prefix)
        return Page(inside, inside[-1] if more and len(inside) == len(page) else None)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Memory]:
    def put(keys: list[str], page: int = 1000) -> Memory:
        memory = Memory(keys, page)
        monkeypatch.setattr(listing, "list_page", memory.list_page)
        return memory

    return put


def sizes(keys: list[str], ranges: list[KeyRange]) -> list[int]:
    ends = [by_bytes(one.until) for one in ranges[:-1] if one.until is not None]
    counts = [0] * len(ranges)
    for key in keys:
        counts[bisect.bisect_left(ends, by_bytes(key))] += 1
    return counts


@given(st.sets(NAMES), st.lists(st.one_of(NAMES, st.just(""))))
def test_each_key_is_in_one_range_wherever_the_cuts_are(keys: set[str], cuts: list[str]) -> None:
    ranges = ranges_between(cuts)
    dealt = [key for one in ranges for key in sorted(keys, key=by_bytes) if key in one]
    assert dealt == sorted(keys, key=by_bytes)
    # The bounds as S3 understands them, in bytes.
    for one in ranges:
        low, high = by_bytes(one.after), None if one.until is None else by_bytes(one.until)
        inside = {
            key for key in keys if low < by_bytes(key) and (not high or by_bytes(key) <= high)
        }
        assert inside == {key for key in keys if key in one}


@settings(deadline=None, max_examples=300)
@given(st.sets(NAMES, max_size=60), st.integers(1, 5), st.integers(1, 40), st.booleans())
def test_ranges_together_cover_the_folder(
    names: set[str], page: int, wanted: int, below: bool
) -> None:
    folder = "s3://b/deep/ö" if below else "s3://b"
    prefix = "deep/ö/" if below else ""
    others = ["deep/ö.jpg", "deep/ö0", "deep", "zz"] if below else []
    memory = Memory([prefix + name for name in names] + others, page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "list_page", memory.list_page)
        ranges = split_folder(folder, wanted)
        patch.setattr(listing, "is_skipped", lambda name: False)
        found = [uri for one in ranges for uris in list_range(folder, one) for uri in uris]
    expected = [f"s3://b/{prefix}{name}" for name in sorted(names, key=by_bytes)]
    assert found == expected


def hexadecimal(count: int) -> list[str]:
    dice = random.Random(1)
    return [f"train/{dice.getrandbits(64):016x}.jpg" for _ in range(count)]


def numbered(count: int) -> list[str]:
    return [f"train/IMG_2026_{number:07d}.jpeg" for number in range(count)]


@pytest.mark.parametrize("name", [hexadecimal, numbered])
@pytest.mark.parametrize("wanted", [16, 64])
def test_ranges_have_similar_sizes(
    stored: Callable[..., Memory], name: Callable[[int], list[str]], wanted: int
) -> None:
    keys = name(100_000)
    memory = stored(keys)
    ranges = split_folder("s3://b/train", wanted)
    assert len(ranges) >= wanted
    assert sum(sizes(keys, ranges)) == len(keys)
    assert max(sizes(keys, ranges)) <= 2 * len(keys) / wanted
    # Splitting costs fewer requests than listing.
    assert memory.asked < 100 + len(ranges)


def test_the_large_folder_among_small_ones_is_cut(stored: Callable[..., Memory]) -> None:
    small = [f"photos/album {n:03d}/{k}.jpg" for n in range(30) for k in range(1100)]
    keys = small + [f"photos/big/{key}" for key in hexadecimal(50_000)]
    stored(keys)
    ranges = split_folder("s3://b/photos", 32)
    assert max(sizes(keys, ranges)) < 50_000 / 8


def test_keys_that_differ_in_their_first_characters_are_split(
    stored: Callable[..., Memory],
) -> None:
    keys = [f"{chr(0x4E00 + n % 100)}{n}.jpg" for n in range(2_000)]
    memory = stored(keys, page=5)
    ranges = split_folder("s3://b", 64)
    assert max(sizes(keys, ranges)) <= 2 * len(keys) / 64
    assert memory.asked <= 4 * len(ranges)


def test_more_first_characters_than_one_step_examines_are_split(
    stored: Callable[..., Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_MOST_CUTS", 3)
    keys = [f"{chr(0x4E00 + n % 10)}{n}.jpg" for n in range(1_000)]
    stored(keys, page=5)
    ranges = split_folder("s3://b", 10)
    assert len(ranges) >= 10
    assert max(sizes(keys, ranges)) <= 2 * len(keys) / 10


def test_what_fits_in_a_page_is_one_range(stored: Callable[..., Memory]) -> None:
    memory = stored(hexadecimal(1000))
    assert split_folder("s3://b/train/", 64) == [KeyRange()]
    assert memory.asked == 1


def test_hidden_files_and_markers_are_skipped(stored: Callable[..., Memory]) -> None:
    hidden = ["", "a/", ".a.jpg", ".x/a.jpg", "y/.x/a.jpg", "_b.jpg/"]
    shown = ["a.jpg", "_a.jpg", "_x/_metadata.jpg", "x./y.jpg", "note.txt", "a//b.jpg"]
    stored([f"_p/.q/{name}" for name in hidden + shown])
    (uris,) = list_range("S3A://b/_p/.q", KeyRange())
    assert sorted(uris) == sorted(f"S3A://b/_p/.q/{name}" for name in shown)


KEYS = [f"photos/{n:04d}.jpg" for n in range(2500)]
ODD = ["with space", "100%", "a%20b", "num#1", "what?a=b", "a+b&c", "ü🌻", "<x>", "c:d", "s//t"]


@pytest.fixture(scope="module")
def server() -> Iterator[S3Options]:
    get_backend = pytest.importorskip("moto.backends").get_backend
    with s3_on_loopback() as (endpoint, client), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("no_proxy", "127.0.0.1")
        client.create_bucket(Bucket="photos")
        for name in ODD:
            client.put_object(Bucket="photos", Key=f"odd/{name}.jpg", Body=b".")
        for key in KEYS:  # past HTTP, which takes ten times as long
            get_backend("s3")["123456789012"]["aws"].put_object("photos", key, b".")
        forget_client()
        yield S3Options(endpoint=endpoint)
        forget_client()


def listed(folder: str, options: S3Options, wanted: int = 16) -> list[str]:
    ranges = split_folder(folder, wanted, options)
    return [u for one in ranges for uris in list_range(folder, one, options) for u in uris]


def test_a_range_is_listed_over_several_pages(server: S3Options) -> None:
    pages = list(list_range("s3://photos/photos", KeyRange(), server))
    assert [len(page) for page in pages] == [1000, 1000, 500]
    assert [uri for page in pages for uri in page] == [f"s3://photos/{key}" for key in KEYS]
    (page,) = list_range("s3://photos", KeyRange("photos/0099.jpg", "photos/0102.jpg"), server)
    assert page == [f"s3://photos/photos/{name}.jpg" for name in ("0100", "0101", "0102")]


def test_several_ranges_list_each_key_once(server: S3Options) -> None:
    assert len(split_folder("s3://photos/photos", 16, server)) > 2
    assert listed("s3://photos/photos/", server) == [f"s3://photos/{key}" for key in KEYS]


def test_keys_are_listed_literally(server: S3Options) -> None:
    expected = sorted(f"s3://photos/odd/{name}.jpg" for name in ODD)
    assert listed("s3://photos/odd", server) == expected


def test_folders_and_objects_are_distinguished(server: S3Options) -> None:
    assert has_keys("s3://photos", server)
    assert has_keys("s3://photos/photos", server)
    assert not has_keys("s3://photos/pho", server)  # no folder, though names begin so
    assert not has_keys("s3://photos/photos/0001.jpg", server)
    assert is_object("s3://photos/photos/0001.jpg", server)
    assert not is_object("s3://photos/photos", server)
    assert not is_object("s3://photos", server)


@pytest.mark.parametrize("uri", ["s3://no-such-bucket/a", "s3://Bad_Bücket/a", "s3:///a"])
def test_a_bucket_that_does_not_exist_is_an_error(server: S3Options, uri: str) -> None:
    with pytest.raises(StorageError, match=r"cannot be listed: \w+; check the bucket's name"):
        has_keys(uri, server)


def test_an_endpoint_that_does_not_answer_is_an_error() -> None:
    nowhere = S3Options(endpoint="http://127.0.0.1:9", anonymous=True)
    with pytest.raises(StorageError, match=r"EndpointConnectionError; nothing answers there"):
        has_keys("s3://photos", nowhere)


class FaultyListing(http.server.BaseHTTPRequestHandler):
    """Lists ``KEYS``; before that, each of ``faults`` happens to one request."""

    faults: ClassVar[list[str]] = []
    asked: ClassVar[list[dict[str, str]]] = []
    payers: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        query = urllib.parse.urlsplit(self.path).query
        asked = dict(urllib.parse.parse_qsl(query))
        FaultyListing.asked.append(asked)
        FaultyListing.payers.append(self.headers.get("x-amz-request-payer"))
        fault = FaultyListing.faults.pop(0) if FaultyListing.faults else ""
        if fault.isdigit():
            code = {"503": "SlowDown", "500": "InternalError", "403": "AccessDenied"}[fault]
            self.answer(int(fault), f"<Error><Code>{code}</Code></Error>")
        elif fault != "reset":
            self.answer(200, self.page(asked), cut=fault == "cut")

    def page(self, asked: dict[str, str]) -> str:
        after = asked.get("continuation-token", asked.get("start-after", ""))
        rest = [key for key in KEYS if key > after and key.startswith(asked.get("prefix", ""))]
        page = rest[: int(asked["max-keys"])]
        contents = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in page)
        more = len(page) < len(rest)
        token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more else ""
        truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return f"<ListBucketResult>{truncated}{contents}{token}</ListBucketResult>"

    def answer(self, status: int, text: str, cut: bool = False) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Options]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(retry, "_LONGEST_WAIT", 0.01)
    for seen in (FaultyListing.asked, FaultyListing.faults, FaultyListing.payers):
        seen.clear()
    with serve(FaultyListing) as address:
        yield S3Options(endpoint=address, anonymous=True)
        forget_client()


@pytest.mark.parametrize("fault", ["503", "500", "cut", "reset"])
def test_a_page_that_fails_is_requested_again(faulty: S3Options, fault: str) -> None:
    FaultyListing.faults += [fault, "", fault, fault, ""]
    pages = list(list_range("s3://b/photos", KeyRange(), faulty))
    assert [uri for page in pages for uri in page] == [f"s3://b/{key}" for key in KEYS]
    assert len(FaultyListing.asked) == 3 + 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [("503", "SlowDown"), ("cut", "500"), ("reset", "ConnectionClosedError")],
)
def test_a_page_that_keeps_failing_ends_the_listing(
    faulty: S3Options, fault: str, code: str
) -> None:
    FaultyListing.faults += [""] + [fault] * 50
    pages = list_range("s3://b/photos", KeyRange(), faulty)
    assert len(next(pages)) == 1000
    with pytest.raises(StorageError, match=f"s3://b/photos/ cannot be listed: {code}; S3 is busy"):
        next(pages)
    assert len(FaultyListing.asked) == 1 + retry.ATTEMPTS


def test_a_refusal_names_the_permission_and_is_not_repeated(faulty: S3Options) -> None:
    FaultyListing.faults += ["403"]
    with pytest.raises(StorageError, match=r"AccessDenied; check .*role \(s3:ListBucket\)"):
        split_folder("s3://b/photos", 16, faulty)
    assert len(FaultyListing.asked) == 1


def test_the_requester_pays(faulty: S3Options) -> None:
    paying = S3Options(endpoint=faulty.endpoint, anonymous=True, requester_pays=True)
    has_keys("s3://b/photos", paying)
    has_keys("s3://b/photos", faulty)
    assert FaultyListing.payers == ["requester", None]
