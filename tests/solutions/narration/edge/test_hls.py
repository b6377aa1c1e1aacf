"""The playlist over fragments: players play it, and an edit is in it before it is merged."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest

from inhouse.solutions.narration import deploy, destroy
from inhouse.solutions.narration.functions import mp3, plan
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge.conftest import FIRST, SECOND, Edges
from tests.solutions.narration.edge.running import RunningEdge
from tests.solutions.narration.edge.signing import token
from tests.waiting import PATIENCE, until

OWNER = b"com.apple.streaming.transportStreamTimestamp\0"
TICKS = 2**33


class Playlist:
    """What a media playlist says."""

    def __init__(self, text: str) -> None:
        assert text.startswith("#EXTM3U\n")
        self.target = int(re.findall(r"^#EXT-X-TARGETDURATION:(\d+)$", text, re.MULTILINE)[0])
        self.kind = re.findall(r"^#EXT-X-PLAYLIST-TYPE:(\w+)$", text, re.MULTILINE)[0]
        self.ended = text.endswith("#EXT-X-ENDLIST\n")
        found = re.findall(r"^#EXTINF:([\d.]+),\n(.+)$", text, re.MULTILINE)
        self.lengths = [float(length) for length, _ in found]
        self.addresses = [address for _, address in found]


def playlist(edge: RunningEdge, article: str, **headers: str) -> Playlist:
    answer = edge.get(f"/audio/{article}.m3u8", **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    return Playlist(answer.text)


def played(url: str) -> float:
    """Seconds that FFmpeg's HLS player plays."""
    with av.open(url, timeout=PATIENCE) as container:
        assert container.format.name == "hls"
        rate = container.streams.audio[0].codec_context.sample_rate
        return sum(frame.samples for frame in container.decode(audio=0)) / rate


def begins(segment: bytes) -> tuple[int, bytes]:
    """The timestamp of a segment, in ticks, and its frames."""
    assert segment[:3] == b"ID3"
    size = segment[9]
    assert segment[10:14] == b"PRIV"
    assert segment[20 : 20 + len(OWNER)] == OWNER
    stamp = segment[20 + len(OWNER) : 10 + size]
    assert len(stamp) == 8
    return int.from_bytes(stamp, "big"), segment[10 + size :]


def test_segments_are_the_fragments_in_one_timeline(edge: RunningEdge, gazette: Newsroom) -> None:
    listed = playlist(edge, "free")
    manifest = gazette.manifest("free")
    assert manifest
    assert (listed.kind, listed.ended) == ("VOD", True)
    assert max(listed.lengths) <= listed.target
    assert sum(listed.lengths) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    heard, passed = b"", 0.0
    for address, length in zip(listed.addresses, listed.lengths, strict=True):
        answer = edge.get(f"/audio/{address}")
        assert answer.headers["content-type"] == "audio/mpeg"
        stamp, frames = begins(answer.content)
        assert stamp == pytest.approx(passed * 90_000, abs=2)
        assert mp3.frames(frames).seconds == pytest.approx(length, abs=1e-6)
        passed += length
        heard += frames
    full = gazette.audio("free/full.mp3")
    assert full
    assert mp3.frames(full).data == heard


def test_players_play_it(edge: RunningEdge, gazette: Newsroom) -> None:
    manifest = gazette.manifest("paid")
    assert manifest
    free = playlist(edge, "free")
    assert played(f"{edge.url}/audio/free.m3u8") == pytest.approx(sum(free.lengths), abs=0.06)
    # A player that takes addresses as they are needs the token in each.
    full = played(f"{edge.url}/audio/paid.m3u8?token={token()}")
    assert full == pytest.approx(manifest["full"]["seconds"], abs=0.06)
    teaser = played(f"{edge.url}/audio/paid.m3u8")
    assert teaser == pytest.approx(manifest["teaser"]["seconds"], abs=0.06)


def test_a_segment_in_parts(edge: RunningEdge) -> None:
    address = f"/audio/{playlist(edge, 'free').addresses[1]}"
    whole = edge.get(address)
    etag = {"If-Range": whole.headers["etag"]}
    parts = [edge.get(address, Range=f"bytes={span}", **etag) for span in ("0-69", "70-80", "81-")]
    assert [part.status_code for part in parts] == [206, 206, 206]
    assert b"".join(part.content for part in parts) == whole.content
    assert edge.get(address, **{"If-None-Match": whole.headers["etag"]}).status_code == 304
    other = edge.get(f"{address.partition('?')[0]}?pts=7")
    assert (begins(other.content)[0], other.headers["etag"] != whole.headers["etag"]) == (7, True)
    for wrong in ("-1", str(TICKS), "1.5", "٣", "9" * 30, ""):
        assert edge.get(f"{address.partition('?')[0]}?pts={wrong}").status_code == 400


@pytest.fixture(scope="module")
def unmerged(server: RunningServer) -> Iterator[Newsroom]:
    """A newsroom where `news` was published, and from then on nothing is merged."""
    session = server.session()
    made = Newsroom(session, deploy(session, "unmerged", voice="Tone"))
    made.save("news", 1, FIRST, SECOND)
    made.narrated("news", 1)
    made.s3.put_bucket_notification_configuration(
        Bucket=made.deployment.fragments_bucket, NotificationConfiguration={}
    )
    yield made
    destroy(session, "unmerged")


def test_an_edit_is_heard_before_it_is_merged(unmerged: Newsroom, edges: Edges) -> None:
    newsroom = unmerged
    edge = edges("--name", "unmerged")
    before = playlist(edge, "news")
    newsroom.save("news", 2, FIRST, "The second one was edited and is longer now.")

    def edited() -> Playlist | None:
        found = playlist(edge, "news")
        return found if found.addresses != before.addresses else None

    after = until(edited, "the edit")
    assert newsroom.manifest("news")["version"] == 1  # type: ignore[index]
    assert (after.kind, after.ended) == ("VOD", True)
    assert after.addresses[:2] == before.addresses[:2]
    assert sum(after.lengths) > sum(before.lengths)
    assert played(f"{edge.url}/audio/news.m3u8") == pytest.approx(sum(after.lengths), abs=0.06)
    # Who began with the version before ends with it.
    assert edge.get(f"/audio/{before.addresses[2]}").status_code == 200


def test_a_first_version_grows(unmerged: Newsroom, edges: Edges) -> None:
    fragments, s3 = unmerged.deployment.fragments_bucket, unmerged.s3
    unmerged.save("first", 1, FIRST, "The end is not there yet.")
    made = until(lambda: landed(unmerged, "first", 1), "all fragments")
    last = made[2]
    body = s3.get_object(Bucket=fragments, Key=last)["Body"].read()
    s3.delete_object(Bucket=fragments, Key=last)

    edge = edges("--name", "unmerged")
    growing = playlist(edge, "first")
    assert (growing.kind, growing.ended, len(growing.addresses)) == ("EVENT", False, 2)
    assert edge.get("/audio/first.mp3").status_code == 404
    s3.put_object(Bucket=fragments, Key=last, Body=body)
    whole = until(lambda: ended(playlist(edge, "first")), "the end")
    assert whole.kind == "VOD"
    assert whole.addresses[:2] == growing.addresses
    assert len(whole.addresses) == 3


def landed(newsroom: Newsroom, article: str, version: int) -> list[str] | None:
    """The keys of a version's fragments, in order, once all are there."""
    s3, bucket = newsroom.s3, newsroom.deployment.fragments_bucket
    try:
        held = s3.get_object(Bucket=bucket, Key=plan.key(article, version))
    except s3.exceptions.NoSuchKey:
        return None
    keys = []
    for part in json.load(held["Body"])["parts"]:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"fragments/{part['fragment']}.")
        if not found["KeyCount"]:
            return None
        keys.append(found["Contents"][0]["Key"])
    return keys


def ended(found: Playlist) -> Playlist | None:
    return found if found.ended else None


def test_a_version_that_failed_is_passed_over(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("failed")
    gazette.save(name, 1, FIRST)
    gazette.narrated(name, 1)
    before = playlist(edge, name)
    s3, bucket = gazette.s3, gazette.deployment.fragments_bucket
    first = json.load(s3.get_object(Bucket=bucket, Key=plan.key(name, 1))["Body"])

    def put(key: str, fields: dict[str, Any]) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(fields))

    # All fragments of version 2 are there, but it is marked; version 3 lacks one.
    lacking = {**first["parts"][0], "fragment": "0" * 64 + "-1"}
    put(f"failed/{name}/2.json", {"reason": "a part of it is refused"})
    put(plan.key(name, 2), {**first, "version": 2, "parts": first["parts"][:1]})
    put(plan.key(name, 3), {**first, "version": 3, "parts": [lacking]})
    time.sleep(1)  # longer than a look at the bucket is good for
    assert playlist(edge, name).addresses == before.addresses
    s3.delete_object(Bucket=bucket, Key=f"failed/{name}/2.json")
    until(lambda: len(playlist(edge, name).addresses) == 1 or None, "version 2, unmarked")
