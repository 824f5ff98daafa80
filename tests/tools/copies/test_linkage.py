"""The same person, company or restaurant, entered twice in a table, is found by the columns together."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from faker import Faker

from tools.copies.linkage import Record, linked

Table = tuple[list[Record], set[tuple[int, int]]]


def f1(table: Table) -> float:
    records, truth = table
    found = {(later, earlier) for later, earlier, _ in linked(records)}
    return 2 * len(found & truth) / (len(found) + len(truth))


def people() -> Table:
    """One in ten a second time with another spelling; as many of one household, who are others."""
    fake, rng = Faker("en_US"), random.Random(4)
    fake.seed_instance(4)
    records: list[Record] = []
    truth = set[tuple[int, int]]()
    for number in range(400):
        record = {
            "customer": fake.name(),
            "street": fake.street_address(),
            "town": fake.city(),
            "tel": fake.numerify("###-###-####"),
            "plan": rng.choice(["basic", "gold"]),
        }
        records.append(record)
        if number % 10 == 9:
            first, last = record["customer"].split()[0], record["customer"].split()[-1]
            tel = rng.choice(["", f"({record['tel'][:3]}) {record['tel'][4:]}", record["tel"]])
            street = record["street"].replace("Street", "St.").replace("Avenue", "Ave")
            truth.add((len(records), len(records) - 1))
            records.append({**record, "customer": f"{last}, {first}", "street": street, "tel": tel})
        if number % 10 == 4:
            of_the_same_house = f"{fake.first_name()} {record['customer'].split()[-1]}"
            records.append({**record, "customer": of_the_same_house, "tel": fake.numerify("###-###-####")})
    return records, truth


def companies() -> Table:
    fake, rng = Faker("zh_CN"), random.Random(5)
    fake.seed_instance(5)
    records: list[Record] = []
    truth = set[tuple[int, int]]()
    for number in range(400):
        record = {"公司": fake.company(), "地址": fake.address(), "电话": fake.phone_number(), "行业": "贸易"}
        records.append(record)
        if number % 8 == 7:
            name = record["公司"].replace("有限公司", rng.choice(["有限责任公司", "公司", ""]))
            tel = rng.choice(["", f"{record['电话'][:3]} {record['电话'][3:7]} {record['电话'][7:]}"])
            truth.add((len(records), len(records) - 1))
            records.append({**record, "公司": name, "电话": tel, "地址": record["地址"][3:]})
    return records, truth


@pytest.mark.parametrize("table", [people, companies], ids=lambda table: table.__name__)
def test_what_is_entered_twice_is_found(table: type) -> None:
    assert f1(table()) >= 0.95


def test_restaurants_of_two_guides(shared: Path) -> None:
    folder = shared / "dup_restaurants"
    tables = [list(csv.DictReader((folder / f"{name}.csv").open())) for name in ("fodors", "zagats")]
    places = [
        {row["id"]: start + n for n, row in enumerate(t)} for start, t in ((0, tables[0]), (len(tables[0]), tables[1]))
    ]
    matches = csv.DictReader((folder / "matches_fodors_zagats.csv").open())
    truth = {(places[1][m["zagats_id"]], places[0][m["fodors_id"]]) for m in matches}
    assert f1(([*tables[0], *tables[1]], truth)) >= 0.92


def test_a_running_number_and_an_empty_table_tell_nothing() -> None:
    assert linked([]) == []
    assert linked([{"id": n, "kind": "lamp"} for n in range(30)]) == []
