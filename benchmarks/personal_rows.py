"""Chinese texts full of personal data, every span known: numbers with right check digits, and what only looks so."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faker import Faker

from tools.personal.numbers import USCC_LETTERS, check_character, luhn, uscc_check
from tools.personal.shapes import COMPOUND, Kind

SLOT = re.compile(r"\{(\w+)\}")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
SPOKEN = str.maketrans("0123456789", "零一二三四五六七八九")
# {KIND} a value that has to be found, {x_...} something that has to stay.
WITH = """
我叫{NAME}，手机{PHONE}，{x_thing}什么时候发货？
{NAME}您好，您的{x_thing}已寄到{ADDRESS}，请凭{x_code}取件。
收件人{NAME}{PHONE}地址{ADDRESS}
收货地址：{ADDRESS}，收件人：{NAME}，电话：{PHONE}
麻烦改一下地址，新地址是{ADDRESS}，订单号{x_order}。
身份证{ID}的办理进度能查吗？
客户{NAME}（身份证号：{ID}）于{x_date}申请退款{x_money}。
请核对：姓名{NAME}，证件号{ID}，卡号{CARD}。
我的卡{CARD}被吞了，预留手机号{PHONE}
银行卡号{CARD}，开户名{NAME}
发票抬头是公司，税号{COMPANY_ID}，邮箱{EMAIL}
统一社会信用代码：{COMPANY_ID}，联系人{NAME}，座机{PHONE}
加我微信{ACCOUNT}，或者打{PHONE}
QQ{QQ}，在线等，{x_thing}有货吗
护照{PASSPORT}丢了怎么补办
车牌{PLATE}的停车费{x_money}没有退
{PLATE}这辆车违停在{ADDRESS}
请发到{EMAIL}谢谢
登录IP是{IP}，{x_date}{x_time}
密钥{KEY}泄露了，怎么换？
出生日期：{BIRTH}，邮编：{POSTCODE}
昨天{NAME}来店里买了{x_thing}，付了{x_money}。
投诉你们的客服{NAME}，态度太差了！
转给{NAME}处理，工单{x_order}。
{NAME}和{NAME}都没签收，快递单号{x_tracking}
业主{NAME}住{ADDRESS}，物业费{x_money}
患者{NAME}，{BIRTH}出生，就诊卡{x_order}
同事{NAME}的邮箱是{EMAIL}，分机{x_small}
设备MAC {MAC} 掉线，版本{x_version}
家住{ADDRESS}，想装宽带
有事找{NAME}{PHONE}
"""
WITHOUT = """
订单号{x_order}到哪了？快递单号{x_tracking}
{x_thing}多少钱？{x_money}贵了点
{x_date}买的{x_thing}，{x_time}还没发货
{x_thing}和{x_thing}哪个好用？
这本书的ISBN是{x_isbn}，定价{x_money}
升级到{x_version}之后打不开了
{x_place}今天下雨吗？
从{x_place}到{x_place}要多久，票价{x_money}
库存还有{x_small}件，货号{x_sku}
发票号码{x_order}，金额{x_money}
一共{x_small}个人参加，人均{x_money}
客服电话一直占线，微信支付也失败了
活动时间{x_date}至{x_date}，满{x_money}减{x_money}
请问先生几点下班？老师说明天不上课。
流水号{x_order}，交易成功，余额{x_money}
型号{x_sku}的{x_thing}支持{x_version}吗
"""
THINGS = (
    "小米手机|李宁跑鞋|王老吉|林内热水器|方太油烟机|苏泊尔电饭煲|黄桃罐头|安佳黄油|元气森林|"
    "钟薛高雪糕|三只松鼠坚果|百雀羚面霜|云南白药牙膏|金针菇|常温酸奶|海天酱油|叶酸片|白砂糖|"
    "高露洁牙膏|马克杯|花露水|石榴汁|毛巾|安踏运动服|周黑鸭|张小泉剪刀|雷蛇鼠标|罗技键盘|台灯|"
    "充电宝|冰箱贴|东方树叶|鲁花花生油|康师傅方便面|"
).split("|")
PLACES = ("北京|上海|南京路|杭州西湖|广东省|深圳市南山区|成都春熙路|武汉|人民广场|朝阳公园|苏州|天河体育中心|").split(
    "|"
)
CITIES = (
    "北京市朝阳区|北京市海淀区|上海市浦东新区|上海市徐汇区|天津市南开区|重庆市渝中区|"
    "广东省广州市天河区|广东省深圳市福田区|浙江省杭州市余杭区|江苏省南京市鼓楼区|江苏省苏州市昆山市|"
    "四川省成都市武侯区|湖北省武汉市洪山区|陕西省西安市雁塔区|山东省青岛市市南区|河南省郑州市金水区|"
    "福建省厦门市思明区|湖南省长沙市岳麓区|辽宁省大连市甘井子区|云南省昆明市五华区|"
    "新疆维吾尔自治区乌鲁木齐市天山区|内蒙古自治区呼和浩特市赛罕区|广西壮族自治区南宁市青秀区|"
    "深圳市宝安区|杭州市西湖区|合肥市蜀山区|"
).split("|")
ROADS = (
    "中山路|人民东路|建设大道|解放街|文三路|科苑南路|学院路|幸福里|长江西路|和平巷|五一大道|"
    "创业二路|望京街|金沙江路|东风北路|"
).split("|")
ESTATES = (
    "阳光花园|翠湖小区|万科城市花园|金地名都|恒大华府|绿地世纪城|保利香槟苑|碧桂园|龙湖天街|怡景公寓|国贸大厦|科技大厦|"
).split("|")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚玲桂英华梅鑫波斌宇浩凯健俊帆雪荣婷宁龙晨轩子涵梓萱雨泽思远嘉怡一诺欣妍昊天"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
PLATES = "京沪粤浙苏川鄂鲁豫闽湘渝津冀皖辽赣陕云贵桂琼"


@dataclass(frozen=True)
class Row:
    """A text and its spans: (kind, start, end)."""

    text: str
    spans: tuple[tuple[Kind, int, int], ...]


class Drawn:
    """Values for slots, from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.faker = Faker("zh_CN")
        self.faker.seed_instance(seed)
        self.makers: dict[str, Callable[[], str]] = {
            "NAME": self.name, "PHONE": self.phone, "ADDRESS": self.address, "ID": self.identity, "CARD": self.card,
            "COMPANY_ID": self.uscc, "EMAIL": self.email, "ACCOUNT": self.account, "PASSPORT": self.passport,
            "QQ": lambda: self.digits(self.draw.randint(6, 10)), "PLATE": self.plate, "IP": self.faker.ipv4_public,
            "KEY": lambda: "sk-" + self.letters(32), "MAC": lambda: self.faker.mac_address().upper(),
            "BIRTH": lambda: self.day(1950, 2010), "POSTCODE": lambda: self.digits(6),
            "x_thing": lambda: self.draw.choice(THINGS), "x_place": lambda: self.draw.choice(PLACES),
            "x_order": self.order, "x_money": self.money, "x_date": lambda: self.day(2023, 2026),
            "x_time": lambda: f"{self.draw.randint(0, 23)}:{self.draw.randint(10, 59)}", "x_isbn": self.isbn,
            "x_version": lambda: "v" + ".".join(str(self.draw.randrange(n)) for n in (20, 10, 99, 9)),
            "x_small": lambda: str(self.draw.randint(2, 9999)), "x_code": lambda: self.digits(4),
            "x_tracking": lambda: self.draw.choice(["SF", "YT", "JD", "ZTO"]) + self.digits(13),
            "x_sku": lambda: self.letters(2).upper() + "-" + self.digits(self.draw.randint(3, 6)),
        }  # fmt: skip

    def digits(self, count: int) -> str:
        return str(self.draw.randint(1, 9)) + "".join(str(self.draw.randrange(10)) for _ in range(count - 1))

    def letters(self, count: int) -> str:
        return "".join(self.draw.choice("abcdefghjkmnpqrstuvwxyz0123456789ABCDEFGH") for _ in range(count))

    def parted(self, number: str, *groups: int) -> str:
        """As people write it: in one piece, in groups, in full-width figures."""
        drawn = self.draw.random()
        if drawn < 0.45:
            return number
        if drawn < 0.6:
            return number.translate(WIDE)
        parts, at = [], 0
        for group in groups:
            parts.append(number[at : at + group])
            at += group
        return self.draw.choice([" ", "-", " "]).join([*parts, number[at:]] if number[at:] else parts)

    def name(self) -> str:
        drawn = self.draw.random()
        given = "".join(self.draw.sample(GIVEN, self.draw.choice([1, 2, 2])))
        if drawn < 0.5:
            return str(self.faker.name())
        return (self.draw.choice(COMPOUND[:12]) if drawn < 0.56 else self.draw.choice(SURNAMES)) + given

    def phone(self) -> str:
        mobile = "1" + self.draw.choice("3456789") + self.digits(10)[1:]
        drawn = self.draw.random()
        if drawn < 0.1:
            return f"0{self.draw.choice(['10', '21', '755', '571'])}-{self.draw.randint(2, 8)}{self.digits(7)}"
        if drawn < 0.2:
            return "+86" + self.draw.choice(["", " ", "-"]) + mobile
        return mobile.translate(SPOKEN) if drawn < 0.24 else self.parted(mobile, 3, 4, 4)

    def identity(self) -> str:
        area = self.draw.choice(["110105", "310104", "440305", "330106", "510107", "420111", "370202", "610113"])
        born = f"{self.draw.randint(1950, 2010)}{self.draw.randint(1, 12):02}{self.draw.randint(1, 28):02}"
        if self.draw.random() < 0.08:
            return area + born[2:] + self.digits(3)
        first = area + born + f"{self.draw.randrange(1000):03}"
        return self.parted(first + check_character(first), 6, 8, 4)

    def card(self) -> str:
        first = self.draw.choice(["622202", "621700", "622848", "625965", "436742", "518710"])
        first += self.digits((19 if first[:2] == "62" and self.draw.random() < 0.6 else 16) - 7)
        return self.parted(next(first + c for c in "0123456789" if luhn(first + c)), 4, 4, 4, 4)

    def uscc(self) -> str:
        first = "91" + self.draw.choice(["110105", "440300", "330100"]) + "".join(self.draw.choices(USCC_LETTERS, k=9))
        return first + uscc_check(first)

    def email(self) -> str:
        place = self.draw.choice(["qq.com", "163.com", "mail.example.cn"])
        return f"{self.letters(self.draw.randint(4, 10)).lower()}@{place}"

    def account(self) -> str:
        return self.draw.choice(["wxid_", "a", "liu", "dd-"]) + self.digits(self.draw.randint(6, 9))

    def passport(self) -> str:
        return self.draw.choice("EGEE") + self.digits(8) if self.draw.random() < 0.7 else "EA" + self.digits(7)

    def plate(self) -> str:
        start = self.draw.choice(PLATES) + self.draw.choice("ABCDEFG") + self.draw.choice(["", "·", ""])
        electric = self.draw.choice("DF") + self.digits(5)
        return start + (electric if self.draw.random() < 0.4 else f"{self.digits(3)}{self.draw.choice('ABCDEFGH')}7")

    def address(self) -> str:
        if self.draw.random() < 0.35:
            return str(self.faker.address())
        draw = self.draw
        house = f"{draw.choice(ROADS)}{draw.randint(1, 999)}号"
        estate = draw.choice(ESTATES)
        flats = f"{draw.randint(1, 9)}号楼{draw.randint(1, 4)}单元{draw.randint(101, 2902)}室"
        short = f"{draw.randint(1, 20)}-{draw.randint(1, 3)}-{draw.randint(101, 2902)}"
        office, block = (
            f"{draw.choice('ABC')}座{draw.randint(2, 40)}层",
            f"{draw.randint(1, 30)}栋{draw.randint(101, 3302)}",
        )
        inner = draw.choice([flats, short, office, block])
        said = draw.choice(CITIES) + draw.choice([house, house + estate + inner, estate + inner, house])
        return said.translate(WIDE) if draw.random() < 0.1 else said

    def day(self, first: int, last: int) -> str:
        year, month, day = self.draw.randint(first, last), self.draw.randint(1, 12), self.draw.randint(1, 28)
        return self.draw.choice([f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}"])

    def order(self) -> str:
        """Never one that Luhn or a province would make somebody's."""
        while True:
            number = self.digits(self.draw.choice([10, 12, 14, 16, 18, 20]))
            if not luhn(number) and number[:2] not in ("11", "31", "44"):
                return number

    def money(self) -> str:
        whole, cents = self.draw.randint(5, 9999), self.draw.choice(["", f".{self.draw.randint(10, 99)}"])
        return self.draw.choice(["{}元", "¥{}", "{}块"]).format(f"{whole}{cents}")

    def isbn(self) -> str:
        first = "9787" + "".join(str(self.draw.randrange(10)) for _ in range(8))
        last = -sum(int(d) * (1, 3)[n % 2] for n, d in enumerate(first)) % 10
        return f"{first[:3]}-{first[3]}-{first[4:7]}-{first[7:]}-{last}"


def chinese_rows(count: int = 1000, seed: int = 7) -> Iterator[Row]:
    drawn, full, empty = Drawn(seed), WITH.strip().split("\n"), WITHOUT.strip().split("\n")
    for _ in range(count):
        line = drawn.draw.choice(full if drawn.draw.random() < 0.7 else empty)
        text, spans, at = "", [], 0
        for slot in SLOT.finditer(line):
            text, at = text + line[at : slot.start()], slot.end()
            said = drawn.makers[slot[1]]()
            if not slot[1].startswith("x_"):
                kind: Kind = "ACCOUNT" if slot[1] == "QQ" else slot[1]  # type: ignore[assignment]
                spans.append((kind, len(text), len(text) + len(said)))
            text += said
        yield Row(text + line[at:], tuple(spans))
