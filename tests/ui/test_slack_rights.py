"""Who may press, order, ask and share what in a thread of Slack."""

from __future__ import annotations

from typing import Any

import pytest

from agent import questions
from tests.agent.test_session import ANSWERS
from tests.slack_server import BOSS, OTHER, OWNER, TEAM
from tests.ui.slack_place import Place, confirming, orders, start_thread, until_asked


def test_a_button_counts_once_and_only_from_who_may(place: Place) -> None:
    slack = place.slack
    thread, page = confirming(place)
    yes = page.buttons[0]
    assert slack.deliver(place.url, slack.press(page, yes, OTHER)) == 200
    place.settle()
    assert orders(place, thread) == 0
    assert slack.whispered[-1]["user"] == OTHER
    assert f"<@{OWNER}>" in slack.whispered[-1]["text"]
    assert page.buttons
    posted = len(slack.posts(thread))
    for _ in range(2):
        assert slack.deliver(place.url, slack.press(page, yes, BOSS)) == 200
    place.settle()
    assert orders(place, thread) == 1
    assert slack.whispered[-1]["user"] == BOSS
    assert "answered" in slack.whispered[-1]["text"]
    assert f"<@{BOSS}>" in page.drawn
    assert len(slack.posts(thread)) > posted
    journal = place.session(thread).project.journal
    assert {line.who for line in journal.audited() if line.what == "order"} == {f"slack:{TEAM}:{BOSS}"}


def test_an_edited_and_a_forged_approval_have_no_effect(place: Place) -> None:
    slack = place.slack
    thread, page = confirming(place)
    yes = page.buttons[0]
    place.talk("change the rows to 24", thread)
    stale = slack.press(page, yes)
    forged = slack.press(page, {**yes, "value": '{"hash": "' + "0" * 64 + '", "answer": "Yes"}'})
    broken = slack.press(page, {**yes, "value": "yes"})
    for body in (stale, forged, broken):
        assert slack.deliver(place.url, body) == 200
    place.settle()
    assert orders(place, thread) == 0
    assert len(slack.whispered) == 2


def test_others_may_ask_and_not_order(place: Place) -> None:
    thread = start_thread(place)
    before = place.session(thread).place
    assert not place.talk(ANSWERS["task"], thread, user=OTHER)
    assert place.session(thread).place == before
    assert place.slack.whispered[-1]["user"] == OTHER
    (reply,) = place.talk("how many failed the logic check and why?", thread, user=OTHER)
    assert reply.text
    assert not place.talk("restore row 3", thread, user=OTHER)


def shared(place: Place, **more: Any) -> dict[str, Any]:
    file = {"id": "F0FILE", "name": "rows.csv", "mimetype": "text/csv", "size": 10}
    url = f"{place.slack.url}/files/rows.csv"
    return {"subtype": "file_share", "files": [{**file, "url_private_download": url, **more}]}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/rows.csv", "https://files.slack.com.example.org/x", "file:///etc"])
def test_files_come_from_slack_alone(place: Place, url: str) -> None:
    thread = start_thread(place)
    place.talk("these", thread, **shared(place, url_private_download=url))
    place.slack.offered["away.csv"] = url
    place.talk("these", thread, **shared(place, url_private_download=f"{place.slack.url}/files/away.csv"))
    assert all("could not be fetched" in told["text"] for told in place.slack.whispered)
    assert len(place.slack.whispered) == 2
    assert not list((place.home / "projects").rglob("uploads/*/*"))


def test_a_file_that_is_too_large_or_a_page_to_log_in_is_refused(place: Place) -> None:
    thread = start_thread(place)
    place.talk("these", thread, **shared(place, size=200_000_000))
    place.talk("these", thread, **shared(place))  # nobody offers it: Slack's page, with status 200
    assert "100 MB" in place.slack.whispered[0]["text"]
    assert "files:read" in place.slack.whispered[1]["text"]


def test_a_name_of_a_file_is_a_name(place: Place) -> None:
    thread = start_thread(place)
    until_asked(place, thread, "examples")
    place.slack.offered["rows.csv"] = ("text,label\n" + "I want my money back,refund\n" * 3).encode()
    place.talk("these", thread, **shared(place, name="../../<img src=x onerror=alert(1)>\n.csv"))
    (kept,) = (place.home / "projects").rglob("uploads/*/*")
    assert not list((place.home / "slack-files").rglob("*.csv"))  # the project has its copy
    assert "<" not in kept.name
    assert "/" not in kept.name


def test_a_long_message_is_told_to_be_long(place: Place) -> None:
    thread = start_thread(place)
    assert not place.talk("a" * 20_001, thread)
    assert "20,000" in place.slack.whispered[-1]["text"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("how is the clinic run doing?", "doing"),
        ("So, how's it going", "doing"),
        ("现在进行得怎么样了？", "doing"),
        ("到哪一步了", "doing"),
        ("how many failed the logic check and why?", "why"),
        ("show me three about refunds", "show"),
        ("what did it cost?", "cost"),
        ("Tell customers how their order is going to arrive", None),
        ("sort questions about how deliveries are going", None),
    ],
)
def test_what_people_ask_in_a_thread_is_heard(text: str, kind: str | None) -> None:
    query = questions.read(text)
    assert (query.kind if query else None) == kind


def test_how_it_is_going_is_told_to_anybody(place: Place) -> None:
    thread, page = confirming(place)
    place.slack.deliver(place.url, place.slack.press(page, page.buttons[0]))
    place.settle()
    (told,) = place.talk("how is the clinic run doing?", thread, user=OTHER)
    assert "30 accepted" in told.drawn
