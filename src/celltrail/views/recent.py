"""What a kernel remembers of the runs that it has just shown, so that the next line asks the trail for nothing twice.

It forgets all as soon as anything in the trail has changed but by the very run that is shown now: another kernel's
run, a rename, a run that is forgotten or imported, a digest that came late.
"""

from __future__ import annotations

from dataclasses import replace

from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.views.facts import RunSource, remembered
from celltrail.views.peers import REMEMBERED, Peer, Peers, peers_of


class Recent:
    """The neighbours of the runs that were shown last.

    Parameters
    ----------
    trail : RunSource
        Where they are read.
    """

    def __init__(self, trail: RunSource) -> None:
        self.trail = trail
        self._state: tuple[int, int] | None = None
        self._peers: dict[tuple[str, str], Peers] = {}
        self._last: dict[str, Run] = {}  # by experiment: the newest run, if it finished

    def look(self, run: Run) -> None:
        """Forget what may have changed; call it before a run is shown.

        Parameters
        ----------
        run : Run
            The run that will be shown: that it was saved itself changes nothing of the others.
        """
        now = self.trail.state()
        if now.but_for(run.id) != self._state or run.number in {None, 1}:
            # The first run of an experiment may have taken another one's name; a repeat changes the run it repeats.
            self._peers.clear()
            self._last.clear()
        self._state = now.but_for(None)

    def peers(self, experiment: str, key: str, number: int | None) -> Peers:
        """Return the runs that a run is told against; see `peers_of`."""
        known = self._peers.get((experiment, key))
        if known is not None and number is not None and number > known.newest:
            return known
        found = peers_of(self.trail, experiment, key, number)
        if found.reaches_end:
            self._peers[experiment, key] = found
        return found

    def before(self, run: Run) -> Run | None:
        """Return the last run before this one that finished."""
        known = self._last.get(run.experiment)
        if known is not None and known.number is not None and run.number is not None and known.number < run.number:
            return known
        found = self.trail.run_before(run)
        return None if found is None else remembered(found)

    def learn(self, run: Run, peer: Peer | None) -> None:
        """Remember a run that was shown, as one that the next run will be told against.

        Parameters
        ----------
        run : Run
            The run, remembered.
        peer : Peer or None
            Its main metric; None where it has none.
        """
        if run.number is None:
            return
        key = None if peer is None else peer.measure.key
        for place in [place for place in self._peers if place[0] == run.experiment and place[1] != key]:
            del self._peers[place]  # this run has no value there, or another one
        known = self._peers.get((run.experiment, key or ""))
        if known is not None and peer is not None and run.number > known.newest:
            # They stand by number: what lies too far back by now comes first.
            first = next(
                (n for n, one in enumerate(known.found) if (one.number or 0) > run.number - REMEMBERED), None
            )
            found = () if first is None else known.found[first:]
            cut = known.is_cut or run.number > REMEMBERED
            self._peers[run.experiment, peer.measure.key] = replace(
                known, found=(*found, peer), is_cut=cut, newest=run.number
            )
        last = self._last.get(run.experiment)
        if run.status is RunStatus.FINISHED and (last is None or (last.number or 0) < run.number):
            self._last[run.experiment] = run
