"""A few everyday words in the other language, as people write who live in two: `我的 card 还没到`."""

from __future__ import annotations

import random
import re
from functools import cache

from workspace.words import language_of

# Everyday words, one a pair, in the sense that they have in most messages.
PAIRS = (
    "account 账户, address 地址, age 年龄, app 应用, appointment 预约, available 可用, balance 余额, bank 银行, "
    "bill 账单, bus 公交, cancel 取消, card 卡, cash 现金, change 更改, charge 收费, check 检查, "
    "child 孩子, city 城市, close 关闭, code 代码, colour 颜色, color 颜色, company 公司, computer 电脑, "
    "contact 联系, cost 费用, country 国家, customer 客户, date 日期, day 天, delete 删除, delivery 配送, "
    "discount 折扣, doctor 医生, document 文件, email 邮箱, error 错误, exchange 兑换, family 家人, fee 手续费, "
    "file 文件, flight 航班, food 食物, form 表格, friend 朋友, help 帮助, home 家, hotel 酒店, "
    "hour 小时, house 房子, identity 身份, information 信息, internet 网络, invoice 发票, item 商品, job 工作, "
    "language 语言, limit 限额, link 链接, list 列表, location 位置, lost 丢了, market 市场, meeting 会议, "
    "menu 菜单, message 消息, minute 分钟, money 钱, month 月, movie 电影, music 音乐, name 名字, news 新闻, "
    "number 号码, office 办公室, online 网上, open 打开, order 订单, package 包裹, park 公园, password 密码, "
    "pay 支付, payment 付款, people 人们, person 人, phone 手机, photo 照片, place 地方, plan 计划, price 价格, "
    "problem 问题, product 产品, project 项目, purchase 购买, question 问题, receipt 收据, "
    "refund 退款, register 注册, rent 租金, report 报告, restaurant 餐厅, return 退货, room 房间, "
    "rule 规则, sale 促销, school 学校, screen 屏幕, seat 座位, send 发送, service 服务, shop 商店, size 尺码, "
    "status 状态, stolen 被偷, store 商店, story 故事, student 学生, support 客服, system 系统, "
    "tax 税, teacher 老师, team 团队, test 测试, ticket 票, time 时间, today 今天, tomorrow 明天, "
    "transfer 转账, travel 旅行, update 更新, user 用户, verify 验证, video 视频, "
    "warranty 保修, water 水, weather 天气, website 网站, week 周, weekend 周末, word 词, "
    "work 工作, year 年, yesterday 昨天"
)
MOST = 3


def mixed(text: str, rng: random.Random) -> str:
    """One to three words in the other language; the same text where none is in the dictionary."""
    chinese = language_of(text) == "zh"
    places = [match.span() for match in (_chinese() if chinese else _english()).finditer(text)]
    for start, end in sorted(rng.sample(places, min(len(places), rng.randint(1, MOST))), reverse=True):
        word = text[start:end]
        new = f" {_to_english()[word]} " if chinese else _to_chinese()[word.lower()]
        text = text[:start] + new + text[end:]
    return " ".join(text.split(" ")).strip() if not chinese else re.sub(" {2,}", " ", text).strip()


@cache
def _to_chinese() -> dict[str, str]:
    return dict(pair.split(" ") for pair in PAIRS.split(", "))


@cache
def _to_english() -> dict[str, str]:
    """The first of two English words for one Chinese; a single character stands in too many other words."""
    return {zh: en for en, zh in reversed(_to_chinese().items()) if len(zh) > 1}


@cache
def _english() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@./-])(?:{'|'.join(_to_chinese())})(?![\w@/-])", re.IGNORECASE)


@cache
def _chinese() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_to_english(), key=len, reverse=True)))
