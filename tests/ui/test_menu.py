"""The menu of projects."""

from __future__ import annotations

from agent.rights import Listed
from tests.ui.test_panels import NASTY, Tags
from ui.page.menu import LONGEST, menu_html

MINE = (
    Listed("shop", "Sort what customers write", "owner", 3.0),
    Listed("bank", "x" * 300, "owner", 2.0),
    Listed("clinic", "", "reviewer", 1.0),
)


def test_the_open_project_is_named_and_the_others_are_listed_in_order() -> None:
    html = menu_html(MINE, "shop", "en")
    assert "<span>Sort what customers write</span></summary>" in html
    assert html.index('data-value="shop" aria-current="page"') < html.index('data-value="bank"')
    assert html.index('data-value="bank"') < html.index('data-value="clinic"')
    assert "x" * (LONGEST + 1) not in html
    assert "<small>you review it</small>" in html


def test_a_project_of_which_nothing_was_told_is_a_new_one() -> None:
    html = menu_html((), "chat-1", "zh")
    assert "<span>新项目</span></summary>" in html
    assert 'data-act="fresh"' in html


def test_no_title_becomes_markup() -> None:
    tags = Tags(menu_html((Listed(NASTY, NASTY, "owner", 1.0),), NASTY, "en"))
    assert not tags.open
    assert tags.names.isdisjoint({"script", "img", "a"})
    assert not any(name.startswith("on") for name in tags.attributes)
