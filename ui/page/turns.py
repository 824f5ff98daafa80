"""A turn of a conversation as a browser shows it: a message, and all that it set off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.events import Ask, Failed, File, Panel, Progress, Say
from workspace.errors import UserError

Shown = Say | Ask | File | Failed | Progress


@dataclass
class Turn:
    """The opening has no message. `agreed` is the hash that its answer was given to, `before` that of the question
    that was open when it was sent; `notice` is why nothing came of it."""

    text: str = ""
    paths: tuple[Path, ...] = ()
    shown: list[Shown] = field(default_factory=list)
    running: bool = False
    agreed: str = ""
    before: str = ""
    notice: UserError | None = None
    drawn: set[Panel] = field(default_factory=set)
    in_row: bool = False  # the last event was a panel's too
    ended_after: int = -1  # the number of the turn that was the last one when this one, begun before it, ended

    @property
    def failed(self) -> bool:
        return bool(self.text or self.paths) and any(isinstance(event, Failed) for event in self.shown)

    def over(self, place: int) -> bool:
        """Whether a stage that did not reach its end is over all the same, as training that ended early is: the work
        has gone on behind it. Where something broke, it may go on from where it stands."""
        event, later = self.shown[place], self.shown[place + 1 :]
        if not isinstance(event, Progress) or event.done >= event.total:
            return False
        if any(isinstance(one, Failed) for one in later):
            return False
        # News of a stage that still runs is said behind it; only another stage shows that it is over.
        return any(isinstance(one, Progress if self.running else Say | Ask | File | Progress) for one in later)

    def add(self, event: Shown) -> None:
        """A stage has one line, which moves; a question that is asked again in the same words stands once."""
        for place, there in enumerate(self.shown):
            if isinstance(event, Progress) and isinstance(there, Progress) and there.stage == event.stage:
                self.shown[place] = event
                return
        last = self.shown[-1] if self.shown else None
        if isinstance(event, Ask) and isinstance(last, Ask) and last.text == event.text:
            self.shown.pop()
        self.shown.append(event)

    def replace(self, hash: str, asked: Sequence[Shown]) -> bool:
        """The question of this hash, and what was shown with it, by the same in other words."""
        place = next((n for n, event in enumerate(self.shown) if isinstance(event, Ask) and event.hash == hash), None)
        if place is None:
            return False
        self.shown[max(0, place - len(asked) + 1) : place + 1] = asked
        return True
