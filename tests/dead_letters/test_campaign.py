from msgspec import structs

from dead_letters.campaign import Order, judged, portions
from dead_letters.letter import REPLAYED_FROM, Place
from dead_letters.selection import Selection, kinds_of
from dead_letters.verdict import Verdict, verdict_of
from tests.builders import instant
from tests.dead_letters.dead_topic import UNREADABLE, letter

TOLERANCE = 60_000
ALL = Order(Selection(), TOLERANCE)
NOTHING: set[Place] = set()


def test_what_can_be_decoded_now_is_replayed() -> None:
    assert verdict_of(letter(1), NOTHING, TOLERANCE) is Verdict.REPLAY


def test_what_still_cannot_be_decoded_is_replayed_by_force_only() -> None:
    broken = letter(1, UNREADABLE)
    assert verdict_of(broken, NOTHING, TOLERANCE) is Verdict.UNDECODABLE
    assert verdict_of(broken, NOTHING, TOLERANCE, force=True) is Verdict.REPLAY


def test_what_was_replayed_is_done_even_by_force() -> None:
    found = letter(1)
    assert verdict_of(found, {found.entry.origin}, TOLERANCE, force=True) is Verdict.DONE


def test_what_is_not_whole_in_its_topic_is_not_replayed_even_by_force() -> None:
    found = letter(1, None, whole=False)
    assert verdict_of(found, NOTHING, TOLERANCE, force=True) is Verdict.TOO_LARGE


def test_what_came_back_after_a_replay_is_replayed_again_by_name_only() -> None:
    found = structs.replace(letter(9), headers=((REPLAYED_FROM, b"chat/0/4"),))
    verdict = verdict_of(found, NOTHING, TOLERANCE, force=True)
    named = Order(Selection(places=frozenset({found.entry.origin})), TOLERANCE)
    assert verdict is Verdict.RETURNED
    assert [each for _, each in judged([found], named, NOTHING)] == [Verdict.REPLAY]


def test_of_two_dead_letters_of_one_record_the_first_is_replayed() -> None:
    verdicts = [verdict for _, verdict in judged([letter(1), letter(1)], ALL, NOTHING)]
    assert verdicts == [Verdict.REPLAY, Verdict.DONE]


def test_the_limit_counts_only_what_is_replayed() -> None:
    order = Order(Selection(), TOLERANCE, limit=1)
    letters = [letter(1), letter(2, UNREADABLE), letter(3), letter(4)]
    verdicts = [verdict for _, verdict in judged(letters, order, {letter(1).entry.origin})]
    assert verdicts == [Verdict.DONE, Verdict.UNDECODABLE, Verdict.REPLAY, Verdict.BEYOND]


def test_what_is_not_selected_is_not_judged() -> None:
    wanted = Selection(places=frozenset({Place("chat", 0, 2)}))
    found = list(judged([letter(1), letter(2)], Order(wanted, TOLERANCE), NOTHING))
    assert [each.entry.origin.offset for each, _ in found] == [2]


def test_a_selection_ends_before_its_end() -> None:
    asked = Selection(since=instant(2), until=instant(4))
    taken = [offset for offset in range(6) if asked.takes(letter(offset).entry)]
    assert taken == [2, 3]


def test_one_transaction_takes_a_hundred_records_or_four_mebibytes() -> None:
    many = portions(letter(offset) for offset in range(250))
    large = portions(letter(offset, bytes(3 * 2**20)) for offset in range(3))
    assert [len(portion) for portion in many] == [100, 100, 50]
    assert [len(portion) for portion in large] == [1, 1, 1]


def test_kinds_say_how_many_and_from_when_to_when() -> None:
    entries = [letter(offset).entry for offset in (5, 3, 9)]
    (kind,) = kinds_of(entries, {entries[0].origin})
    assert (kind.count, kind.replayed) == (3, 1)
    assert (kind.first, kind.last, kind.newest) == (instant(3), instant(9), "chat/0/9")
