"""The elements of a report's page: what every section is made of, and how the page looks. Text in, HTML out."""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

STYLE = """
:root{color-scheme:light dark;--ink:#202124;--soft:#5f6368;--line:#dadce0;--faint:#eceff1;--ground:#fff;--link:#1558b0;
--good:#00694f;--bad:#a01a5f}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9adb2;--line:#4a4d51;--faint:#2c2e31;--ground:#1b1c1e;
--link:#8ab4f8;--good:#4fd8b0;--bad:#f19ac9}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1.5rem;color:var(--ink);
background:var(--ground)}
h1,h2,h3{line-height:1.25;margin:0 0 .6rem} h2{border-bottom:1px solid var(--line);padding-bottom:.3rem;margin-top:3rem}
h3{margin-top:1.8rem;font-size:1.05rem} p{margin:.4rem 0 .8rem;max-width:50rem} a{color:var(--link)}
.soft,figcaption,caption{color:var(--soft)} nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;
padding:0;margin:.8rem 0}
.row{display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem;align-items:flex-start}
.row>*{flex:0 1 auto;min-width:0;max-width:100%} .row>.wide{flex:1 1 24rem}
.row>.wide:has(th:nth-child(11)){flex-basis:100%}
figure{margin:0 0 1rem} figcaption{font-size:13px;margin-top:.4rem;max-width:32rem} .wide{overflow-x:auto}
img,svg{display:block;max-width:100%;height:auto} img{image-rendering:pixelated;background:var(--faint)}
svg text{fill:var(--ink);font:12px system-ui,sans-serif} svg .grid{stroke:var(--line)} svg .soft{fill:var(--soft)}
table{border-collapse:collapse;margin:.4rem 0 1rem;font-size:13px} caption{text-align:left;padding-bottom:.3rem}
th,td{padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{border-bottom-width:2px;white-space:nowrap} tbody th{font-weight:normal;color:var(--soft);white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good);font-weight:600} .bad{color:var(--bad);font-weight:600}
.keys{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem} .map{gap:.8rem;flex-wrap:nowrap} .map svg{flex:none}
.objects image{image-rendering:pixelated}
.objects text{fill:#fff;paint-order:stroke;stroke:#000;stroke-width:var(--halo)}
.key{display:inline-block;width:.8em;height:.8em;margin-right:.45em;border-radius:2px;border:1px solid var(--line)}
td:not(:last-child){white-space:nowrap} tbody th+td:last-child{white-space:normal}
pre{background:var(--faint);padding:1rem;overflow-x:auto;font-size:12px;white-space:pre-wrap;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--link)}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--faint:#f3f3f3;--ground:#fff;--link:#000;--good:#00694f;
--bad:#a01a5f;color-scheme:light} body{max-width:none;padding:0;font-size:11pt} nav,details{display:none}
figure,tr,svg,.map{break-inside:avoid} h3+p{break-after:avoid} h2,h3,caption{break-after:avoid} @page{margin:14mm}
h2{margin-top:1.4rem} table{break-inside:avoid;font-size:9pt} .row{gap:.4cm} .row>figure{flex:0 1 48%}
.row>figure.small{flex:0 1 31%} .row>.wide{flex:1 1 45%}
.wide{overflow:visible} .row>.wide:has(thead),.row>div:has(thead){flex:1 1 100%}
.wide:has(th:nth-child(8)) table{break-inside:auto} .map svg{width:1.6cm} td,th{padding-right:.4rem}}
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
LEAST, MOST = 440, 1100
"""Pictures are shown so wide at least, by a whole factor where they are smaller, and so wide at most."""


def document(title: str, body: Iterable[str]) -> Iterator[str]:
    """A whole page, which may fetch nothing and run nothing."""
    yield "<!DOCTYPE html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
    yield from body
    yield "</body></html>"


def heading(text: str, anchor: str) -> str:
    """The head of a section that can be linked to."""
    return f'<h2 id="{anchor}">{escape(text)}</h2>'


def contents(sections: Sequence[tuple[str, str]]) -> str:
    """Links to sections, as (anchor, title)."""
    links = "".join(f'<li><a href="#{anchor}">{escape(title)}</a></li>' for anchor, title in sections)
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def side_by_side(*parts: str) -> str:
    """Things beside each other as far as there is room."""
    return f'<div class="row">{"".join(part for part in parts if part)}</div>'


def facts(rows: Sequence[tuple[str, object]], caption: str = "") -> str:
    """Names and values, one a line; those without a value are left out."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(str(value))}</td></tr>'
        for name, value in rows
        if value != ""
    )
    return f'<div class="wide"><table>{_caption(caption)}<tbody>{body}</tbody></table></div>'


def table(header: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> str:
    """Rows under their columns; numbers are set to the right."""
    numbers = [any(isinstance(row[place], int | float | Number) for row in rows) for place in range(len(header))]
    head = "".join(
        f'<th scope="col"{_kind(number)}>{escape(name)}</th>' for name, number in zip(header, numbers, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f'<div class="wide"><table>{_caption(caption)}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def figure(content: str, caption: str, *, small: bool = False) -> str:
    """A picture or plot with what it shows below; ``small`` ones stand three in a line of paper."""
    kind = ' class="small"' if small else ""
    return f"<figure{kind}>{content}<figcaption>{escape(caption)}</figcaption></figure>"


def picture(values: NDArray[np.uint8], alternative: str) -> str:
    """An array (rows, cols, 3 or 4) as a picture, small ones enlarged by a whole factor."""
    rows, cols = values.shape[:2]
    factor = shown_factor(rows, cols)
    size = f'width="{round(cols * factor)}" height="{round(rows * factor)}"'
    return f'<img alt="{escape(alternative)}" {size} src="{as_data(values)}">'


def shown_factor(rows: int, cols: int) -> float:
    """How many times larger a picture of so many pixels is shown."""
    return max(1, round(LEAST / max(rows, cols, 1))) if max(rows, cols) < MOST else MOST / max(rows, cols)


def as_data(values: NDArray[np.uint8]) -> str:
    """A picture as an address that holds it all."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def key(colour: str, text: str) -> str:
    """A colour and what it stands for."""
    return f'<span><span class="key" style="background:{escape(colour)}"></span>{escape(text)}</span>'


class Marked(str):
    """The text of a cell that is HTML already."""

    __slots__ = ()


class Number(str):
    """The text of a cell that is a number, with as many digits as it is to have."""

    __slots__ = ()


def _caption(text: str) -> str:
    return f"<caption>{escape(text)}</caption>" if text else ""


def _kind(number: bool) -> str:
    return ' class="n"' if number else ""


def _cell(value: object) -> str:
    if isinstance(value, Marked):
        return f"<td>{value}</td>"
    if isinstance(value, int | float | Number):
        return f'<td class="n">{value if isinstance(value, Number) else _number(value)}</td>'
    text = "" if value is None else str(value)
    kind = f' class="{text}"' if text in ("good", "bad") else ""
    return f"<td{kind}>{escape(text)}</td>"


def _number(value: float) -> str:
    return "–" if value != value else f"{value}" if isinstance(value, int) else f"{value:.5g}"
