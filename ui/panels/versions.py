"""Versions and models: the tree of what was made from what; a version's passport, two compared, a model released."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from agent.events import Event, Panel, Say
from agent.run import Run
from agent.views.compared import compared, version_of
from agent.views.lineage import lineage
from agent.views.passport import passport
from agent.views.releasing import Offer, compress, model_of, offer, release, sheet
from ui.page.bubbles import markdown_html
from ui.panels.comparison import comparison_html
from ui.panels.look import Deed, Look, button_html
from ui.panels.model import model_html, offer_button_html, offer_html
from ui.panels.tree import tree_html
from workspace.errors import UserError
from workspace.words import Words

# After these there may be another version, model or release to see.
EVENTS: tuple[Panel, ...] = ("rows", "learned", "report")
DOWNLOAD, BACK = Words("Download", "下载"), Words("Back", "返回")
CHOOSE = Words("Choose one more version to compare it with {number}.", "再选一个版本，与 {number} 比较。")
WORKING: dict[str, Words] = {
    "compare": Words("Comparing the rows", "正在比较数据"),
    "offer": Words("Looking at the files and their hashes", "正在核对文件及其哈希"),
    "compress": Words("Writing and comparing the forms; this takes some minutes", "正在生成并比较各种格式，需要几分钟"),
    "release": Words("Copying and checking the files", "正在复制并核对文件"),
}


def there(look: Look) -> bool:
    run = _run(look)
    return run is not None and any((run.project.folder / "versions").glob("[!.]*/version.json"))


def draw(look: Look) -> str:
    run = _run(look)
    if run is None:
        return ""
    try:
        return _opened(look, run)
    except UserError as error:  # what was looked at is gone, or can't be compared
        for name in ("open", "chosen", "offer"):
            look.asked.pop(name, None)
        look.asked["refused"] = "\n".join(error.to(look.language))
    return _opened(look, run)


def _opened(look: Look, run: Run) -> str:
    kind, _, name = look.asked.get("open", "").partition(" ")
    notice = _notice(look)
    if kind == "version":
        return notice + _version(look, run, name)
    if kind == "model":
        return notice + _model(look, run, name)
    return notice + tree_html(look, lineage(run.project, look.language)) + _comparison(look, run)


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    run, asked, offered = _run(look), look.asked, _offered(look)
    if run is None or "working" in asked:
        return None
    for name in ("refused", "offer"):
        asked.pop(name, None)
    if deed.act in ("open", "back"):
        asked["open"] = _known(run, deed.value) if deed.act == "open" else ""
    elif deed.act == "choose":
        return _choose(look, run, deed.value)
    elif deed.act == "offer":
        return _work(look, "offer", lambda: _offer(look, run, deed.value))
    elif deed.act == "compress":
        name = model_of(run.project, deed.value)[0].name
        return _work(look, "compress", lambda: _compress(look, run, name))
    elif deed.act == "yes" and offered and deed.value == offered.hash:
        return _work(look, "release", lambda: release(run.project, offered, look.person, look.language))
    return None


def _known(run: Run, what: str) -> str:
    """The thing to open, if it is there to be opened."""
    kind, _, name = what.partition(" ")
    if kind == "version":
        return f"version {version_of(run.project, name).hash}"
    return f"model {model_of(run.project, name)[0].name}"


def _run(look: Look) -> Run | None:
    return look.session.current if look.session else None


# what takes longer than a press may


def _work(look: Look, what: str, do: Callable[[], Iterator[Event] | None]) -> Iterator[Event]:
    """Beside the conversation; why something can't be is told on the panel where it was asked for."""
    look.asked["working"] = what

    def working() -> Iterator[Event]:
        try:
            yield from do() or ()
        except UserError as error:
            look.asked["refused"] = "\n".join(error.to(look.language))
        finally:
            look.asked.pop("working", None)

    return working()


def _choose(look: Look, run: Run, hash: str) -> Iterator[Event] | None:
    """One more to compare: the last two chosen are; one chosen twice is none."""
    chosen = look.asked.pop("chosen", "").split()
    chosen = [one for one in chosen if one != hash] if hash in chosen else [*chosen[-1:], hash]
    look.asked["chosen"] = " ".join(version_of(run.project, one).hash for one in chosen)
    if len(chosen) < 2:
        return None
    return _work(look, "compare", lambda: _compare(look, run, *chosen))


def _compare(look: Look, run: Run, one: str, other: str) -> None:
    """What is found is kept: drawing it afterwards takes no time."""
    compared(run.project, one, other, look.language)


def _offer(look: Look, run: Run, what: str) -> None:
    look.asked["offer"] = offer(run.project, what, look.language).model_dump_json()


def _compress(look: Look, run: Run, name: str) -> Iterator[Event]:
    """What it comes to is read on the model's page; the conversation hears the verdict alone."""
    yield from (one for one in compress(run.project, name, look.person, look.language) if isinstance(one, Say))


def _offered(look: Look) -> Offer | None:
    kept = look.asked.get("offer")
    return Offer.model_validate_json(kept) if kept else None


def _notice(look: Look) -> str:
    parts = "".join(f"<p>{escape(line)}</p>" for line in look.asked.get("refused", "").split("\n") if line)
    return f'<div class="tm-failed" role="alert">{parts}</div>' if parts else ""


def _busy(look: Look, *what: str) -> str:
    if look.asked.get("working") not in what:
        return ""
    words = WORKING[look.asked["working"]].to(look.language)
    return f'<p class="tm-working" role="status"><i></i><i></i><i></i>{words}</p>'


def _comparison(look: Look, run: Run) -> str:
    chosen, language = look.asked.get("chosen", "").split(), look.language
    if busy := _busy(look, "compare"):
        return busy
    if len(chosen) == 1:
        told = CHOOSE.to(language).format(number=version_of(run.project, chosen[0]).number)
        return f'<p class="tm-none" role="status">{escape(told)}</p>'
    if len(chosen) < 2:
        return ""
    one, other = chosen
    return comparison_html(compared(run.project, one, other, language), language)


def _version(look: Look, run: Run, hash: str) -> str:
    language = look.language
    path, text = passport(run.project, hash, language)
    link = f'<a class="tm-button" href="{escape(look.link(str(path)))}" download>{DOWNLOAD.to(language)}</a>'
    return f'{_back(look, link)}<article class="tm-passport">{markdown_html(text)}</article>'


def _model(look: Look, run: Run, name: str) -> str:
    found, language = sheet(run.project, name, look.language), look.language
    offered = _offered(look)
    release = offer_html(offered, language) if offered else offer_button_html(found, language)
    return _back(look) + model_html(found, _busy(look, "offer", "release", "compress") or release, language)


def _back(look: Look, beside: str = "") -> str:
    return f'<div class="tm-buttons">{button_html("back", BACK.to(look.language), key="Escape")}{beside}</div>'
