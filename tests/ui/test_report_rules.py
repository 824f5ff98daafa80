"""A report written to a template, judged over the real command line: revenue, growth and profit must agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

RULES = """rules:
  - "毛利率不超过100%"
  - "gross margin never exceeds 100%"
  - "profit = revenue - cost"
"""
REPORTS = [
    (True, "Revenue was $1,200,000, up 20% year on year (last year: $1,000,000). Cost was $900,000, profit $300,000."),
    (False, "Revenue was $1,200,000, up 25% year on year (last year: $1,000,000). Cost was $900,000, profit $300,000."),
    (False, "Revenue was $1,200,000, up 20% year on year (last year: $1,000,000). Cost was $900,000, profit $350,000."),
    (False, "Revenue was $1,200,000. The gross margin was 130%."),
    (True, "收入1,200万元，同比增长20%，上年同期为1,000万元。成本900万元，利润300万元，毛利率25%。"),
    (False, "收入1,200万元，同比增长20%，上年同期为1,100万元。成本900万元，利润300万元，毛利率25%。"),
    (False, "收入1,200万元，同比增长20%，上年同期为1,000万元。成本900万元，利润350万元。"),
    (False, "收入1,200万元，毛利率130%。"),
    (False, "三个季度共 3 × 400 = 1,300 万元。"),
]


def test_a_report_with_one_wrong_figure_is_dropped_and_told_why(tmp_path: Path) -> None:
    rules, rows = tmp_path / "rules.yaml", tmp_path / "rows.jsonl"
    rules.write_text(RULES, encoding="utf-8")
    lines = [json.dumps({"prompt": "Write the report.", "completion": text}) for _, text in REPORTS]
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = [
        "check",
        str(rows),
        "--rules",
        str(rules),
        "--only",
        "logic",
        "--offline",
        "--home",
        str(tmp_path / "home"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", *words], capture_output=True, text=True, env=os.environ | {"COLUMNS": "80"}
    )
    judged = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
    assert [row["kept"] for row in judged] == [right for right, _ in REPORTS]
    assert all(
        any(f["verdict"] == "fail" and f["reason"] for f in row["findings"]) for row in judged if not row["kept"]
    )
