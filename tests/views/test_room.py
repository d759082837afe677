"""A person is told of room only where a sweep would help, with what to type."""

from __future__ import annotations

from celltrail.store.size import Room
from celltrail.views.room import kinds_words, room_words

GB = 1_000_000_000


def test_a_large_trail_and_a_full_disk_are_short_of_room() -> None:
    def is_short(size: float, free: float) -> bool:
        return Room(int(size * GB), int(free * GB), 100 * GB).is_short(most_bytes=5 * GB, least_free=0.1)

    assert is_short(5.1, 50)
    assert is_short(1, 9)
    assert not is_short(4.9, 11)
    assert not is_short(0.05, 1), "a sweep could not help"
    assert not Room(GB, 0, 0).is_short(most_bytes=5 * GB, least_free=0.1), "the disk does not tell"


def test_the_line_names_the_command_as_it_is_typed() -> None:
    command = "%trail gc --models --keep best:3,last,registered"

    assert f"the trail takes 6.2 GB. Make room with: {command} (with --dry-run it shows what would go)" == room_words(
        Room(6_200_000_000, 50 * GB, 100 * GB), 0.1
    )
    full = room_words(Room(GB, 4 * GB, 100 * GB), 0.1)
    assert "the trail takes 1.0 GB, and 4 % of its disk is free (4.0 GB): runs may soon not be kept. Make" in full


def test_kinds_are_written_where_they_take_room() -> None:
    assert "models 18 MB, runs 1.2 kB" == kinds_words({"models": 18_000_000, "outputs": 0, "runs": 1_200})
