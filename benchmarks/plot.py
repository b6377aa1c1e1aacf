"""Line charts as SVG: enough for a page, without a plotting library.

Colours are read by people who see few, on light and on dark paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 40, 46
COLOURS = ("#3b7dd8", "#d8743b", "#4fa36b")
INK = "#888"
TICKS = 5


@dataclass(frozen=True)
class Line:
    """Points `(x, y)` in order of x."""

    name: str
    points: Sequence[tuple[float, float]]


def chart(title: str, x: str, y: str, lines: Sequence[Line]) -> str:
    """Axes begin at zero; `x` and `y` name them, with units."""
    right = _round_up(max(point[0] for line in lines for point in line.points))
    top = _round_up(max(point[1] for line in lines for point in line.points))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(point: tuple[float, float]) -> str:
        return f"{LEFT + point[0] / right * wide:.1f},{TOP + high - point[1] / top * high:.1f}"

    drawn = [_grid(right, top, wide, high)]
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(map(place, line.points))
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            + _text(LEFT + number * 200 + 18, 32, line.name)
            + f'<rect x="{LEFT + number * 200}" y="24" width="12" height="8" fill="{colour}"/>'
        )
    drawn.append(_text(LEFT, 14, title, weight="bold"))
    drawn.append(_text(LEFT + wide / 2, HEIGHT - 8, x, anchor="middle"))
    drawn.append(
        f'<g transform="rotate(-90 12 {TOP + high / 2:.0f})">'
        f"{_text(12, TOP + high / 2, y, anchor='middle')}</g>"
    )
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="12">\n<title>{escape(title)}</title>\n{body}\n</svg>\n'
    )


def _grid(right: float, top: float, wide: float, high: float) -> str:
    parts = []
    for tick in range(TICKS + 1):
        share = tick / TICKS
        down, across = TOP + high * (1 - share), LEFT + wide * share
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{down:.1f}" y2="{down:.1f}"'
            f' stroke="{INK}" stroke-opacity="0.3"/>'
            + _text(LEFT - 6, down + 4, _short(top * share), anchor="end")
            + _text(across, TOP + high + 16, _short(right * share), anchor="middle")
        )
    return "\n".join(parts)


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}"'
        f' font-weight="{weight}">{escape(text)}</text>'
    )


def _short(value: float) -> str:
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten, which five ticks divide well."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)
