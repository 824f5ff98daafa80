"""Wrong cells of tables: found without a rule, found by a person's rules, put right, and false alarms on right tables.

    python benchmarks/cells.py ../shared/data

The hospital is a table of others; the others are invented here, with seeded mistakes in columns whose values
come back: a mistyped name that stands once can be seen by nobody.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scoring import HEAD, Score

from tools.wrong_cells.columns import Columns
from tools.wrong_cells.constraints import constraints_of
from tools.wrong_cells.study import Suspicion, suspicions

Row = dict[str, str]
Place = tuple[int, str]
SHOWN = 3
RATE = 0.03  # of the cells
PLACES = [
    *(
        ("Springfield", "IL", "62701"),
        ("Portland", "OR", "97201"),
        ("Austin", "TX", "73301"),
        ("Dallas", "TX", "75201"),
    ),
    *(("Denver", "CO", "80202"), ("Boston", "MA", "02108"), ("Salem", "OR", "97301"), ("Chicago", "IL", "60601")),
    *(("Phoenix", "AZ", "85001"), ("Tucson", "AZ", "85701"), ("Albany", "NY", "12201"), ("Buffalo", "NY", "14201")),
    *(("Charlotte", "NC", "28202"), ("Durham", "NC", "27701"), ("Atlanta", "GA", "30303"), ("Savannah", "GA", "31401")),
]
城市 = [
    *(
        ("广州市", "广东省", "510000"),
        ("深圳市", "广东省", "518000"),
        ("杭州市", "浙江省", "310000"),
        ("宁波市", "浙江省", "315000"),
    ),
    *(
        ("南京市", "江苏省", "210000"),
        ("苏州市", "江苏省", "215000"),
        ("成都市", "四川省", "610000"),
        ("绵阳市", "四川省", "621000"),
    ),
    *(
        ("武汉市", "湖北省", "430000"),
        ("宜昌市", "湖北省", "443000"),
        ("长沙市", "湖南省", "410000"),
        ("株洲市", "湖南省", "412000"),
    ),
]
商品 = [
    *(("A1001", "不锈钢保温杯", "厨房用品", "59.00"), ("A1002", "玻璃密封罐", "厨房用品", "29.90")),
    *(("B2001", "无线蓝牙耳机", "数码配件", "199.00"), ("B2002", "手机快充插头", "数码配件", "69.00")),
    *(("C3001", "纯棉四件套", "家居纺织", "329.00"), ("C3002", "记忆棉枕头", "家居纺织", "129.00")),
    *(("D4001", "儿童积木玩具", "母婴玩具", "89.00"), ("D4002", "婴儿湿巾纸", "母婴玩具", "19.90")),
]
BREWERIES = [
    f"{a} {b} Brewing" for a in ("Old", "Blue", "Iron", "Stone") for b in ("River", "Bridge", "Goat", "Anchor", "Mill")
]
STYLES = ["American IPA", "Pale Ale", "Oatmeal Stout", "Witbier", "Pilsner", "Amber Ale", "Porter", "Saison"]
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛"
FIRST = "Anna Ben Carla David Emma Frank Grace Henry Iris Jack Kate Liam Mona Noah Olga Paul".split()
LAST = "Adams Baker Clark Davis Evans Foster Green Hill Irwin Jones King Lewis Moore Nash".split()


def customers(draw: random.Random, rows: int) -> Iterator[Row]:
    plans = {"basic": "9.99", "plus": "19.99", "family": "29.99", "business": "79.00"}
    for number in range(rows):
        city, state, code = draw.choice(PLACES)
        first, last, plan = draw.choice(FIRST), draw.choice(LAST), draw.choice(sorted(plans))
        yield {
            "id": str(10_000 + number),
            "name": f"{first} {last}",
            "email": f"{first}.{last}{number}@mail.example".lower(),
            "city": city,
            "state": state,
            "zip": code,
            "plan": plan,
            "fee": plans[plan],
            "phone": f"({draw.randint(201, 989)}) {draw.randint(200, 999)}-{draw.randint(1000, 9999)}",
            "age": f"{min(90, max(18, draw.gauss(44, 14))):.0f}",
            "height": f"{draw.gauss(170, 9):.0f} cm",
            "balance": f"{draw.lognormvariate(5, 1):.2f}",
            "since": f"20{draw.randint(10, 24)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        }


def orders(draw: random.Random, rows: int) -> Iterator[Row]:
    for number in range(rows):
        city, province, code = draw.choice(城市)
        item, name, kind, price = draw.choice(商品)
        yield {
            "订单号": f"DD{20240000 + number}",
            "客户": draw.choice(SURNAMES) + "".join(draw.sample(GIVEN, 2)),
            "省份": province,
            "城市": city,
            "邮编": code,
            "商品编码": item,
            "商品名称": name,
            "品类": kind,
            "单价": price,
            "数量": str(draw.choice((1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10))),
            "重量": f"{draw.uniform(0.2, 3):.1f}kg",
            "支付方式": draw.choice(("微信支付", "支付宝付款", "银行卡支付", "货到付款")),
            "运费": f"{draw.uniform(5, 20):.2f}",
            "下单日期": f"2024年{draw.randint(1, 12)}月{draw.randint(1, 28)}日",
        }


def beers(draw: random.Random, rows: int) -> Iterator[Row]:
    homes = {name: draw.choice(PLACES) for name in BREWERIES}
    for number in range(rows):
        brewery = draw.choice(BREWERIES)
        yield {
            "id": str(number),
            "beer": f"{draw.choice(FIRST)}'s {draw.choice(LAST)} {number % 97}",
            "style": draw.choice(STYLES),
            "abv": f"{draw.gauss(0.06, 0.01):.3f}",
            "ounces": draw.choice(("12.0 oz", "16.0 oz", "12.0 oz", "24.0 oz")),
            "ibu": f"{draw.gauss(42, 15):.0f}",
            "brewery_id": str(500 + BREWERIES.index(brewery)),
            "brewery": brewery,
            "city": homes[brewery][0],
            "state": homes[brewery][1],
        }


def stations(draw: random.Random, rows: int) -> Iterator[Row]:
    sites = {f"ST-{n:02}": (f"{draw.uniform(30, 60):.3f}", f"{draw.uniform(-10, 30):.3f}") for n in range(15)}
    for number in range(rows):
        site = draw.choice(sorted(sites))
        yield {
            "station": site,
            "latitude": sites[site][0],
            "longitude": sites[site][1],
            "owner": f"Agency {site[-1]}",
            "hour": f"{number % 24:02}:00",
            "temperature": f"{draw.gauss(12, 7):.1f}",
            "humidity": f"{min(100, max(5, draw.gauss(65, 15))):.0f}%",
            "pressure": f"{draw.gauss(1013, 8):.1f} hPa",
            "rain": f"{max(0, draw.gauss(-1, 2)):.1f}",
            "status": draw.choice(("ok", "ok", "ok", "maintenance")),
        }


def flights(draw: random.Random, rows: int) -> Iterator[Row]:
    """Several sources say when the same flights leave and arrive; what was settled on the others is tried on it."""
    times = [
        f"{draw.choice(('AA', 'UA', 'DL'))}-{draw.randint(100, 4999)}-{draw.choice(('JFK', 'MIA'))}" for _ in range(40)
    ]
    known = {
        flight: [f"{draw.randint(1, 12)}:{draw.randint(0, 59):02} {draw.choice('ap')}.m." for _ in "1234"]
        for flight in times
    }
    for number in range(rows):
        flight = draw.choice(times)
        leaves, left, arrives, arrived = known[flight]
        yield {
            "tuple_id": str(number),
            "source": draw.choice(("orbitz", "flightview", "travelocity", "flightaware", "helloflight")),
            "flight": flight,
            "sched_dep_time": leaves,
            "act_dep_time": left,
            "sched_arr_time": arrives,
            "act_arr_time": arrived,
        }


def staff(draw: random.Random, rows: int) -> Iterator[Row]:
    heads = {"财务部": "李国强", "市场部": "王丽华", "研发中心": "陈建国", "人力资源部": "赵敏", "客户服务部": "周文杰"}
    for number in range(rows):
        unit = draw.choice(sorted(heads))
        yield {
            "工号": f"E{10000 + number}",
            "姓名": draw.choice(SURNAMES) + "".join(draw.sample(GIVEN, 2)),
            "部门": unit,
            "部门编码": f"D0{sorted(heads).index(unit)}",
            "主管": heads[unit],
            "职位": draw.choice(("初级工程师", "高级工程师", "项目经理", "行政助理", "销售代表")),
            "月薪": f"{draw.gauss(12000, 2500):.0f}元",
            "年龄": f"{min(60, max(20, draw.gauss(35, 8))):.0f}",
            "入职日期": f"{draw.randint(2010, 2024)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "学历": draw.choice(("本科", "本科", "硕士", "博士", "大专")),
        }


# mistakes


def typo(text: str, draw: random.Random) -> str:
    """A letter changed, left out, doubled or changed places with the next one."""
    spots = [n for n, sign in enumerate(text) if sign.isalnum()]
    if not spots:
        return f"{text}x"
    at = draw.choice(spots)
    other = draw.choice("的一是了我不人在他有") if text[at] > "\u2e80" else draw.choice("abcdefghijklmnopqrstuvwxyz")
    ways = [text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:]]
    return draw.choice([*ways, text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]])


def missing(text: str, draw: random.Random) -> str:
    return draw.choice(("", "N/A", "-", "unknown", "?") if text.isascii() else ("", "无", "不详", "-", "未知"))


def another_case(text: str, draw: random.Random) -> str:
    return text.upper() if text != text.upper() else text.lower()


def outlier(text: str, draw: random.Random) -> str:
    figures = "".join(sign for sign in text if sign.isdigit() or sign == ".")
    return text.replace(figures, f"{float(figures) * draw.choice((100, 1000)):g}") if figures else text


def other_unit(text: str, draw: random.Random) -> str:
    for unit, instead in ((" cm", " in"), ("kg", "斤"), (" oz", " ml"), (" hPa", " mmHg"), ("%", " g/m3")):
        if text.endswith(unit):
            return text.removesuffix(unit) + instead
    return text


def other_form(text: str, draw: random.Random) -> str:
    """A date written another way."""
    parts = [part for part in "".join(sign if sign.isdigit() else " " for sign in text).split() if part]
    return f"{parts[1]}/{parts[2]}/{parts[0]}" if len(parts) == 3 else text


Mistake = Callable[[str, random.Random], str]
TYPED = (
    "city state zip plan 省份 城市 邮编 商品编码 商品名称 品类 支付方式 style brewery_id station owner status source"
    " flight 部门 部门编码 主管 职位 学历"
)
EMPTIED = "city state zip fee 省份 城市 单价 商品名称 brewery latitude abv sched_dep_time 部门 主管 月薪"
MISTAKES: Mapping[str, tuple[Mistake, tuple[str, ...]]] = {
    "typing": (typo, tuple(TYPED.split())),
    "case": (another_case, ("city", "plan", "style", "brewery", "status")),
    "missing": (missing, tuple(EMPTIED.split())),
    "outlier": (
        outlier,
        ("age", "height", "重量", "运费", "abv", "ibu", "temperature", "pressure", "balance", "月薪", "年龄"),
    ),
    "unit": (other_unit, ("height", "重量", "ounces", "pressure", "humidity")),
    "form": (other_form, ("since", "下单日期", "入职日期")),
    "another row's": (
        typo,
        (
            "city",
            "state",
            "zip",
            "fee",
            "省份",
            "城市",
            "商品名称",
            "brewery",
            "latitude",
            "act_arr_time",
            "部门",
            "主管",
        ),
    ),
}


@dataclass(frozen=True)
class Seeded:
    rows: list[Row]
    right: dict[Place, str]
    kinds: dict[Place, str]


def spoilt(rows: list[Row], draw: random.Random) -> Seeded:
    """As many mistakes of each kind as of any other."""
    table, right, kinds = [dict(row) for row in rows], {}, {}
    fitting = {kind: [name for name in columns if name in rows[0]] for kind, (_, columns) in MISTAKES.items()}
    usable = sorted(kind for kind, columns in fitting.items() if columns)
    for number in range(int(RATE * len(rows) * len(rows[0]))):
        kind = usable[number % len(usable)]
        mistake, column = MISTAKES[kind][0], draw.choice(fitting[kind])
        at = draw.randrange(len(rows))
        wrong = rows[draw.randrange(len(rows))][column] if kind == "another row's" else mistake(rows[at][column], draw)
        if wrong != rows[at][column] and (at, column) not in right:
            table[at][column], right[at, column], kinds[at, column] = wrong, rows[at][column], kind
    return Seeded(table, right, kinds)


# scores


def found_in(rows: list[Row], constraints: tuple[str, ...] = ()) -> tuple[dict[Place, Suspicion], float]:
    started = time.monotonic()
    columns = Columns()
    for row in rows:
        columns.add(row)
    given = constraints_of(constraints, list(rows[0]))
    found = suspicions(columns, given.dependencies, given.denials)
    return {(row, one.column): one for row, cells in found.items() for one in cells}, time.monotonic() - started


def scored(
    what: str, rows: list[Row], right: Mapping[Place, str], constraints: tuple[str, ...] = ()
) -> tuple[Score, str]:
    found, seconds = found_in(rows, constraints)
    hits = [place for place in found if place in right]
    repaired = sum(found[place].meant == right[place] for place in hits)
    proposed = sum(one.meant is not None for one in found.values())
    cells = len(rows) * len(rows[0])
    passed = cells - len(right) - (len(found) - len(hits))
    figures = Score(what, len(hits), len(right) - len(hits), len(found) - len(hits), passed, seconds)
    return figures, f"{repaired} of {len(right)} put right, {proposed} proposed"


def hospital(data: Path) -> tuple[list[Row], dict[Place, str], tuple[str, ...]]:
    folder = data / "dirty_hospital"
    rows = list(csv.DictReader((folder / "hospital.csv").open(encoding="utf-8")))
    right = {}
    for cell in csv.DictReader((folder / "hospital_clean.csv").open(encoding="utf-8")):
        place, true = (int(cell["tid"]), cell["attribute"]), cell["correct_val"]
        if rows[place[0]][place[1]] != ("" if true == "empty" else true):
            right[place] = true
    return rows, right, tuple((folder / "hospital_constraints.txt").read_text().split())


def scores(data: Path, size: int = 1000) -> Iterator[Score]:
    rows, right, constraints = hospital(data)
    for what, given in (("hospital, no rule", ()), ("hospital, its constraints", constraints)):
        figures, told = scored(what, rows, right, given)
        print(figures.line(), told, sep="\n    ")
        yield figures
    for number, made in enumerate((customers, orders, beers, stations, flights, staff)):
        clean = list(made(random.Random(number), size))
        seeded = spoilt(clean, random.Random(100 + number))
        figures, told = scored(made.__name__, seeded.rows, seeded.right)
        found, _ = found_in(seeded.rows)
        missed = Counter(kind for place, kind in seeded.kinds.items() if place not in found)
        print(figures.line(), told, f"missed of {dict(Counter(seeded.kinds.values()))}: {dict(missed)}", sep="\n    ")
        for one in [one for at, one in found.items() if at not in seeded.right][:SHOWN]:
            print(f"    false: {one.column} {one.value!r}: {one.why.en} -> {one.meant!r}")
        yield figures
        alarms, _ = found_in(clean)
        print(f"    alarms on the right table: {len(alarms)} of {size * len(clean[0])} cells")
        for place, one in list(alarms.items())[:3]:
            print("       ", place, one.value, one.why.en)


def ordinary(data: Path) -> None:
    """Tables of others, as they are: what is pointed at there is shown, for somebody to judge."""
    for path in sorted((data / "dirty_files").rglob("*.csv")):
        try:
            rows = [dict(row) for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]
        except (UnicodeDecodeError, csv.Error):
            continue
        rows = [{str(k): str(v or "") for k, v in row.items() if k} for row in rows]
        if len(rows) >= 20 and rows[0]:
            found, _ = found_in(rows)
            print(f"{path.name}: {len(found)} of {len(rows) * len(rows[0])} cells pointed at")
            for (row, column), one in list(found.items())[:5]:
                print(f"    row {row + 1}, {column}: {one.value!r}: {one.why.en} -> {one.meant!r}")


if __name__ == "__main__":
    print(HEAD)
    list(scores(Path(sys.argv[1])))
    ordinary(Path(sys.argv[1]))
