"""Rows of two languages with known dirt in them, to time what cleans them; nobody's data, so anyone can repeat it."""

from __future__ import annotations

import random
from collections.abc import Iterator

ENGLISH = (
    "account address agent airport amount answer battery blue bottle branch bridge camera cancel card change "
    "charge chair cheque city clean close coat code coffee colour company complain copper corner cover cream "
    "credit customer damage deliver deposit desk dinner discount doctor door dress driver early engine evening "
    "exchange express family fast fee filter finish flight floor form garden gift glass green hotel hour invoice "
    "island jacket kettle key kitchen lamp large late leather letter light line lost machine manager market "
    "meeting message metal mirror mobile money morning narrow new office old online open order package paint "
    "paper parcel parking password payment phone photo plate player policy price printer problem product quick "
    "quiet rain receipt refund rent repair reply request return river road room round salary sample school screen "
    "seat second send service shelf shirt shoe shop short signal silver simple size small soap sofa station stone "
    "store street summer table ticket tired torch towel tower track train transfer travel under update urgent "
    "value video visit voucher wait wallet warm water weather weekend white window winter wood work wrong yellow "
    "young"
).split()
CHINESE = (
    "订单 退款 快递 账户 密码 客服 物流 地址 发票 优惠 会员 积分 手机 电脑 屏幕 电池 充电 耳机 衣服 鞋子 尺码 "
    "颜色 质量 破损 换货 退货 运费 仓库 发货 签收 付款 支付 银行 转账 余额 利息 贷款 保险 理赔 医院 挂号 药品 "
    "检查 报告 学校 课程 老师 作业 考试 成绩 公司 合同 工资 请假 加班 会议 出差 机票 酒店 房间 早餐 空调 热水 "
    "打扫 预订 取消 修改 航班 行李 座位 餐厅 菜单 口味 外卖 骑手 迟到 天气 下雨 周末 晚上 早上 上午 下午 昨天 "
    "今天 明天 去年 春天 夏天 家里 门口 楼下 小区 停车 钥匙 电梯 维修 师傅 机器 声音 奇怪 马上 尽快 麻烦 谢谢 "
    "请问 为什么 什么时候 怎么办 能不能 已经 还没有 收到 申请 提交 审核 通过 失败"
).split()
KINDS = ("clean", "spaces", "html", "mojibake", "width", "personal", "copy", "nearly", "empty", "shout")
SHARES = (0.6, 0.05, 0.03, 0.03, 0.05, 0.06, 0.05, 0.08, 0.02, 0.03)


def soiled(rows: int, seed: int = 11) -> Iterator[tuple[str, str]]:
    """(kind of dirt, text), half of them Chinese; `copy` and `nearly` repeat one of the last thousand rows."""
    chance, last = random.Random(seed), [_plain(random.Random(seed + 1))]
    for _ in range(rows):
        (kind,) = chance.choices(KINDS, SHARES)
        text = _dirty(kind, last[chance.randrange(len(last))] if kind in ("copy", "nearly") else _plain(chance), chance)
        if kind == "clean":
            last = [*last[-999:], text] if len(last) < 1000 else last
            last[chance.randrange(len(last))] = text
        yield kind, text


def _plain(chance: random.Random) -> str:
    if chance.random() < 0.5:
        words = " ".join(chance.choices(ENGLISH, k=chance.randint(7, 16)))
        return f"{words.capitalize()}."
    return "".join(chance.choices(CHINESE, k=chance.randint(7, 14))) + "。"


def _dirty(kind: str, text: str, chance: random.Random) -> str:
    match kind:
        case "spaces":
            return f"  {text.replace(' ', '   ')}\u200b\t "
        case "html":
            return f"<p>{text}&nbsp;<br/></p>"
        case "mojibake":
            return f"{text} café".encode().decode("latin-1")
        case "width":
            return text + "".join(chr(ord(c) + 0xFEE0) for c in f"ABC{chance.randint(100, 999)}")
        case "personal":
            mobile = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"
            return f"{text} {mobile} mail{chance.randrange(10**6)}@example.com"
        case "nearly":
            place = chance.randrange(len(text))
            return text[:place] + text[place + 1 :]
        case "empty":
            return chance.choice(("...", "N/A", "？？？", "无"))
        case "shout":
            return text + "!" * chance.randint(5, 30)
    return text
