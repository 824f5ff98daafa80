"""What a panel is given and what comes back from it: the one shape all panels share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from agent.events import Event, Panel, Plot, Table
from workspace.words import Language

if TYPE_CHECKING:
    from ui.rooms import Talker

Tab = Literal["specification", "data", "review", "training", "report", "versions", "try"]


class Deed(BaseModel):
    """What somebody did on a panel, as the browser tells it: which thing, its value, and a form's fields by name."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    act: str = Field(max_length=40)
    value: str = Field("", max_length=20_000)
    fields: dict[str, str] = Field({}, max_length=60)


@dataclass
class Look:
    """One browser tab's look at one panel.

    `shown` are the newest events by their panel, `asked` what this tab asked of this panel (filters, the page of a
    list, the field being edited); `session` is None until it is open. `link` makes an address of a file that is
    offered, `say` puts a message to the conversation as though it had been typed there, `edit` changes a
    value of the specification (its field, and the value as written).
    """

    session: Talker | None
    shown: Mapping[Panel, Table | Plot]
    language: Language
    asked: dict[str, str] = field(default_factory=dict)
    person: str = ""
    link: Callable[[str], str] = lambda path: "#"
    say: Callable[[str], None] = lambda text: None
    edit: Callable[[str, str], None] = lambda field, text: None

    def table(self, panel: Panel) -> Table | None:
        event = self.shown.get(panel)
        return event if isinstance(event, Table) else None


class PanelModule(Protocol):
    """A module of this folder. `EVENTS` are those that it draws anew for.

    `there`: whether there is anything to see yet. `draw`: HTML, with every word from outside escaped. `act`: changes
    `look.asked`, or does what was asked at once, or hands back work that the room does beside the conversation; raises
    UserError, which the panel then shows.
    """

    EVENTS: tuple[Panel, ...]

    def there(self, look: Look) -> bool: ...
    def draw(self, look: Look) -> str: ...
    def act(self, look: Look, deed: Deed) -> Iterator[Event] | None: ...


def button_html(act: str, text: str, value: str = "", *, key: str = "", kind: str = "", id: str = "") -> str:
    """Does `act` with `value` when it is pressed; `key` is its shortcut while nobody types, or several with spaces
    between, `kind` a class.

    Where the panel is drawn anew, the focus stays on the button of the same `id`.
    """
    name = f' id="{escape(id)}"' if id else ""
    shortcut = f' data-key="{escape(key)}" aria-keyshortcuts="{escape(key)}"' if key else ""
    style = f"tm-button {kind}".strip()
    return (
        f'<button type="button"{name} class="{style}" data-act="{escape(act)}" data-value="{escape(value)}"{shortcut}>'
        f"{escape(text)}</button>"
    )


def segments_html(act: str, names: Sequence[tuple[str, str]], chosen: str) -> str:
    """One of several: (value, words) each."""
    buttons = "".join(
        f'<button type="button" data-act="{escape(act)}" data-value="{escape(value)}" '
        f'aria-pressed="{"true" if value == chosen else "false"}">{escape(text)}</button>'
        for value, text in names
    )
    return f'<div class="tm-sub" role="group">{buttons}</div>'
