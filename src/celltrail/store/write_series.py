"""Metrics with a step and training curves into their tables, chunk by chunk."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping

from celltrail.domain.ids import FitId
from celltrail.domain.record import RunRecord, SeriesRecord
from celltrail.store.packing import POINTS_A_CHUNK, pack_points, squeeze
from celltrail.store.room import Room

FIND_SERIES = "SELECT id FROM series WHERE run_id = ? AND name_id = ? AND ifnull(fit_id, 0) = ifnull(?, 0)"
ADD_SERIES = "INSERT INTO series (run_id, name_id, fit_id, count) VALUES (?, ?, ?, ?)"
COUNT_SERIES = "UPDATE series SET count = ? WHERE id = ?"
CHUNKS = "SELECT number, checksum FROM series_chunks WHERE series_id = ?"
WRITE_CHUNK = """
INSERT INTO series_chunks (series_id, number, checksum, points) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET checksum = excluded.checksum, points = excluded.points
"""
CUT_CHUNKS = "DELETE FROM series_chunks WHERE series_id = ? AND number >= ?"


def write(room: Room, run: int, record: RunRecord, fits: Mapping[FitId, int]) -> None:
    """Write the points of a run's series, chunk by chunk, where they have changed."""
    for series in record.series:
        name, fit = room.name(series.key), fits.get(series.fit_id) if series.fit_id else None
        found = room.db.execute(FIND_SERIES, (run, name, fit)).fetchone()
        if found:
            row = int(found[0])
            room.db.execute(COUNT_SERIES, (len(series.values), row))
        else:
            row = room.db.insert(ADD_SERIES, (run, name, fit, len(series.values)))
        _write_chunks(room, row, series)


def _write_chunks(room: Room, row: int, series: SeriesRecord) -> None:
    known = dict(room.db.execute(CHUNKS, (row,)).fetchall())
    # A curve that the library kept says no times.
    times_s = series.times_s or [math.nan] * len(series.values)
    number = 0
    for start in range(0, len(series.values), POINTS_A_CHUNK):
        part = slice(start, start + POINTS_A_CHUNK)
        points = pack_points(series.steps[part], series.values[part], times_s[part])
        checksum = zlib.crc32(points)
        if known.get(number) != checksum:
            room.db.execute(WRITE_CHUNK, (row, number, checksum, squeeze(points)))
        number += 1
    if len(known) > number:
        room.db.execute(CUT_CHUNKS, (row, number))
