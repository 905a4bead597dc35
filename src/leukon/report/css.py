"""How the page looks: light and dark, phone and paper. Text meets WCAG AA contrast on every ground."""

from __future__ import annotations

__all__ = ["CSS"]

CSS = """
:root { color-scheme: light dark; --ground: #ffffff; --panel: #f4f5f7; --ink: #1a1d21; --soft: #50565e;
  --line: #c9ced6; --low: #b3141c; --high: #8a4b00; --link: #0b57a4; --band: #d5eadb; --bar: #0b57a4; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #14171b; --panel: #1f242a; --ink: #eceff3; --soft: #b3bbc5; --line: #454d57; --low: #ff9189;
    --high: #f5b860; --link: #8cc2ff; --band: #234432; --bar: #8cc2ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 1rem 0 .25rem; line-height: 1.35; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; padding-bottom: .15rem; border-bottom: 1px solid var(--line); }
h3 { font-size: .95rem; margin: .9rem 0 .2rem; color: var(--soft); }
p { margin: .35rem 0; } ul, ol { margin: .35rem 0; padding-left: 1.3rem; }
a { color: var(--link); } .soft { color: var(--soft); font-size: .9rem; }
.banner { border-radius: .5rem; padding: .8rem 1rem; color: #ffffff; background: #14532d; }
.banner strong { font-size: 1.2rem; } .banner a { color: #ffffff; }
.emergency { background: #a30f17; } .same-day { background: #963a05; } .urgent { background: #744a00; }
.soon { background: #1b4b91; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; } .num { white-space: nowrap; font-variant-numeric: tabular-nums; }
.low { color: var(--low); font-weight: 700; } .high { color: var(--high); font-weight: 700; }
.flag { color: var(--low); font-weight: 700; font-size: .85rem; white-space: nowrap; }
.causes { list-style: none; padding: 0; } .causes > li { margin: .3rem 0; }
details { border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .6rem; }
summary { cursor: pointer; display: list-item; }
.bar { display: inline-block; width: 5rem; height: .65rem; background: var(--line); border-radius: .3rem;
  overflow: hidden; vertical-align: baseline; margin: 0 .4rem; } .bar rect { fill: var(--bar); }
.kind { font-size: .8rem; font-weight: 700; letter-spacing: .04em; border: 1px solid var(--line);
  border-radius: .3rem; padding: 0 .35rem; margin-right: .3rem; text-transform: uppercase; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem; }
.charts svg { width: 100%; height: auto; background: var(--panel); border-radius: .4rem; }
:where(svg[role="img"]) text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .faint { fill: var(--soft); }
svg .band { fill: var(--band); } svg .grid { stroke: var(--line); stroke-width: 1; }
svg .limit { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg .course { fill: none; stroke: var(--bar); stroke-width: 1.5; } svg .mark { fill: var(--bar); }
svg .mark.under { fill: var(--low); stroke: none; }
svg .mark.floor { fill: var(--panel); stroke: var(--low); stroke-width: 2; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; }
@media (max-width: 30rem) { body { padding: .6rem; } .bar { width: 3rem; } }
@media print { :root { color-scheme: light; } body { max-width: none; font-size: 10pt; padding: 0; }
  .banner { border: 2px solid #000000; color: #000000;
  background: #ffffff; }
  .banner a { color: #000000; } section, li, svg { break-inside: avoid; } .scroll { overflow: visible; } }
"""
