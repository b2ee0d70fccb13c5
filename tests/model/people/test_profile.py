"""A profile holds what a person may choose, whatever stands in its file."""

import json

import pytest

from model.errors import InputError
from model.people.profile import Profile, checked_profile, profile_of, zone_named


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "../../etc/passwd", "x" * 10_000, "Europe", "\0", "\ud800", "/etc", ""]
)
def test_what_is_no_zone_is_none(zone: str):
    assert zone_named(zone) is None and profile_of(json.dumps({"time_zone": zone})).zone is None


@pytest.mark.parametrize("text", ["{", "[1]", "null", "1", "\0", "[" * 100_000, '"x"'])
def test_what_is_no_profile_is_refused(text: str):
    with pytest.raises(ValueError):
        profile_of(text)


def test_what_is_of_another_kind_is_empty_and_what_is_unknown_stays():
    profile = profile_of('{"name": 5, "time_zone": ["x"], "language": {}, "later": {"a": 1}}')
    assert profile == Profile(others={"later": {"a": 1}})
    assert json.loads(profile.to_json())["later"] == {"a": 1}
    assert profile_of(profile.to_json()) == profile and profile_of("") == Profile()


def test_what_is_too_long_or_no_zone_is_refused():
    for wrong in (Profile("x" * 101), Profile(time_zone="Mars/Olympus"), Profile(language="x" * 1000)):
        with pytest.raises(InputError):
            checked_profile(wrong)
    assert checked_profile(Profile(" Ann\n\u202eSmith ", "Asia/Tokyo")) == Profile("Ann Smith", "Asia/Tokyo")
