"""What people send each other: text mostly, now and then a file, a call, a friend request."""

import json
from collections.abc import Callable
from random import Random
from typing import NamedTuple

_WORDS = (  # noqa: SIM905 - as a list, it would fill a page
    "ok yes no maybe lunch meeting tomorrow tonight thanks great sorry late train report review "
    "deploy broken fixed again why who when where here soon home office call coffee weekend film "
    "match score photo link file draft budget plan idea question answer done wait please see you "
    "everyone nobody something morning evening 你好 好的 明天见 谢谢 吃饭了吗 收到 在吗 😀 👍 "
    '<b>now</b> R&D "quoted" it\'s 100% déjà-vu naïve'
).split()
_SIGNALS = ("call-invite", "call-accept", "call-reject", "call-hangup", "offer", "answer")
_ICE = "ice-candidate"


class Content(NamedTuple):
    """The part of a message that is neither who nor when; `kind` is the wire's `type`."""

    content_type: int
    text: str
    kind: str = ""
    suffix: str = ""
    file: bytes = b""

    @property
    def is_signal(self) -> bool:
        """Whether it sets up a call; such messages carry no id."""
        return self.content_type in (6, 7)


Pool = tuple[Content, ...]


def texts(random: Random, count: int) -> Pool:
    """Chat text of a few to some forty words."""
    return tuple(_text(random) for _ in range(count))


def group_contents(random: Random, count: int) -> Pool:
    """What is sent to groups: text, and one message in ten a file."""
    makers = (_text, _image, _document, _audio)
    return _mixed(random, count, makers, weights=(90, 4, 3, 3))


def direct_contents(random: Random, count: int) -> Pool:
    """What is sent to one person: also calls being set up, and friend requests."""
    makers = (_text, _image, _document, _audio, _video, _signal, _befriend)
    return _mixed(random, count, makers, weights=(80, 4, 2, 3, 1, 8, 2))


def _mixed(
    random: Random,
    count: int,
    makers: tuple[Callable[[Random], Content], ...],
    weights: tuple[int, ...],
) -> Pool:
    return tuple(make(random) for make in random.choices(makers, weights, k=count))


def _text(random: Random) -> Content:
    return Content(1, " ".join(random.choices(_WORDS, k=2 + int(38 * random.random() ** 1.5))))


def _document(random: Random) -> Content:
    suffix = random.choice(("pdf", "docx", "zip"))
    return Content(2, f"{random.choice(_WORDS)}.{suffix}", "file", suffix, _bytes(random))


def _image(random: Random) -> Content:
    name = f"IMG_{random.randrange(10_000):04}.png"
    return Content(3, name, "image", "png", b"\x89PNG\r\n" + _bytes(random))


def _audio(random: Random) -> Content:
    return Content(4, "语音消息", "audio", "webm", _bytes(random))


def _video(random: Random) -> Content:
    return Content(5, f"VID_{random.randrange(10_000):04}.mp4", "video", "mp4", _bytes(random))


def _bytes(random: Random) -> bytes:
    return random.randbytes(random.randrange(20, 300))


def _signal(random: Random) -> Content:
    """One step of setting up a call; most steps are candidates for the connection."""
    step = _ICE if random.random() < 0.6 else random.choice(_SIGNALS)
    signal: dict[str, object] = {"type": step}
    if step == _ICE:
        address = f"10.0.{random.randrange(256)}.{random.randrange(256)} 54321 typ host"
        signal["candidate"] = {"candidate": f"candidate:1 1 udp 2122260223 {address}"}
    elif step in ("offer", "answer"):
        signal["sdp"] = f"v=0\r\no=- {random.getrandbits(60)} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0"
    words = json.dumps(signal, separators=(",", ":"))
    if random.random() < 0.5:
        return Content(6, words, "webrtc-signal")
    return Content(7, words, "webrtc-video-signal")


def _befriend(random: Random) -> Content:
    return Content(8, "let us be friends") if random.random() < 0.6 else Content(9, "accepted")
