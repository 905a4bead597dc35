"""Regenerates docs/calibration.md and its chart: `make calibration`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from bench.calibration.chart import draw_reliability
from bench.calibration.page import CHART, write_page
from bench.calibration.run import run_all
from bench.calibration.scores import group, list_pairs
from leukon.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT.parent / "shared" / "cases"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--n", type=int, default=4000, help="virtual patients of each world")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the page and the chart")
    parser.add_argument(
        "--cases", type=Path, nargs="*", metavar="FOLDER",
        help="folders of records with answers.csv (record, acceptable_families); default: the published 28, if here",
    )  # fmt: skip
    given = parser.parse_args()
    if given.n < 1:
        parser.error("--n: at least one patient")
    folders = given.cases if given.cases is not None else [PUBLISHED] if PUBLISHED.is_dir() else []
    results = run_all(load_knowledge(), given.n, given.seed, folders)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "calibration.md").write_text(write_page(results, date.today().isoformat()), encoding="utf-8")
    panels = [
        ("Its own world, safeguards off", group(*list_pairs(results.exact))),
        ("Its own world, as used", group(*list_pairs(results.own))),
        ("A world that differs", group(*list_pairs(results.other))),
    ]
    (given.out / CHART).write_text(draw_reliability(panels), encoding="utf-8")
    print(f"written: {given.out / 'calibration.md'}, {given.out / CHART}")


if __name__ == "__main__":
    main()
