"""What the demo speaks."""

from __future__ import annotations

from collections import Counter

from voxmeter.corpus import EMOTIONS, SENTENCES, TOO_LONG_CHARS, requests


def test_two_hundred_requests_cover_languages_emotions_and_lengths():
    """Each of five languages meets each of nine emotions, from 5 to about 600 characters."""
    spoken = [request for request in requests(200, 1) if request.expected == 200]
    lengths = [len(request.text) for request in spoken]

    assert {(r.language, r.emotion) for r in spoken} == {(a, b) for a in SENTENCES for b in EMOTIONS}
    assert min(lengths) == 5
    assert 560 <= max(lengths) <= 600
    assert {r.route for r in spoken} == {"/generate", "/v1/audio/speech"}


def test_one_in_twenty_is_bad_input_of_every_kind():
    """Empty text, only emoji, an unknown voice and a text that is too long, in several languages."""
    bad = [request for request in requests(200, 1) if request.expected != 200]

    assert Counter(r.expected for r in bad) == {400: 3, 422: 3, 404: 2, 413: 2}
    assert {r.text for r in bad if r.expected == 400} == {""}
    assert {r.speaker for r in bad if r.expected == 404} == {"no-such-voice"}
    assert {len(r.text) for r in bad if r.expected == 413} == {TOO_LONG_CHARS}
    assert len({r.language for r in bad}) >= 4


def test_a_seed_gives_the_same_requests():
    """The same seed gives equal requests, another seed others."""
    assert requests(60, 3) == requests(60, 3)
    assert requests(60, 3) != requests(60, 4)
