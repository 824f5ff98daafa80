"""Only corrections that leave the meaning alone are taken."""

from __future__ import annotations

import pytest

from tools.corrections import refused


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I recieved teh card yesterday.", "I received the card yesterday."),
        ("She go to london in may", "She goes to London in May."),
        ("我昨天收倒了银行卡。", "我昨天收到了银行卡。"),
        ("订单己经发货，请注意查受。", "订单已经发货，请注意查收。"),
        ("Its 3 days, not 5.", "It's 3 days, not 5."),
    ],
)
def test_taken(before: str, after: str) -> None:
    assert refused(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("It takes 3 days.", "It takes 5 days.", "number"),
        ("It takes three days.", "It takes five days.", "number"),
        ("退款需要三百元。", "退款需要五百元。", "number"),
        ("You can not return it.", "You can return it.", "denied"),
        ("本店不支持退货。", "本店支持退货。", "denied"),
        ("Write to Mr Smyth today.", "Write to Mr Smith today.", "name"),
        ("See https://a.example/b now", "See https://a.example/c now", "link"),
        ("Order AB12X is late", "Order AB21X is late", "number"),
        ("You must sign before Friday.", "You must sign after Friday.", "decides"),
        ("库存增加了很多。", "库存减少了很多。", "decides"),
        ("I lost my card.", "I am writing to let you know that I have unfortunately lost my bank card.", "of the text"),
        ("我的卡丢了", "I lost my card", "language"),
        ("Hello", " ", "nothing"),
        ("Run `ls -l` first.", "Run `ls` first.", "code"),
    ],
)
def test_refused(before: str, after: str, why: str) -> None:
    assert why in refused(before, after).en
