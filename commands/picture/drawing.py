"""The picture of one incident: complaints a minute against what is usual, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from commands.picture import words
from commands.picture.lettering import fitting, width_of
from commands.picture.moments import GAP, LABEL_SIZE, OURS, ROW, THEIRS, Placed, moments_of, placed
from commands.picture.plot import Plot, ceiling
from commands.picture.subject import Subject
from commands.picture.svg import Drawing
from detector.band import deviation, rarity
from domain.series import Minute

WIDTH, LEFT, RIGHT = 1000, 56, 976  # pixels
PLOT_HEIGHT = 300
INK, PALE_INK, RULE = "#1b1f24", "#57606a", "#d8dee4"
BAR, HIGH_BAR = "#7fa7d1", "#c8372d"
BAND, USUAL, LIMIT = "#cfe6d5", "#1a6b3c", "#8a5a00"
DOUBT, BLIND = "#fbe3df", "#e3e5e8"
TITLE_SIZE, VERDICT_SIZE, SMALL = 21, 14, 12
HEAD = 116  # where the labels begin, below title and verdict
ARROW_LANE = 30
FOOT = 104  # ticks, legend and footer


@dataclass(frozen=True)
class _Band:
    """What is usual of one minute: the expected count, less and plus one standard deviation."""

    minute: Minute
    low: float
    high: float


def draw(subject: Subject) -> str:
    """The picture as the text of an SVG file, ``WIDTH`` pixels wide and as high as its labels need."""
    known = [minute for minute in subject.minutes if minute.expected > 0.0]  # before, nothing was expected
    bands = _bands(known, rarity(subject.budget))
    highest = max((max(minute.complaints, minute.upper) for minute in subject.minutes), default=0.0)
    sketch = Plot(LEFT, RIGHT, 0.0, 0.0, *subject.span, most=ceiling(highest))
    labels = placed(moments_of(subject), sketch)
    lane = HEAD + ROW * (1 + max(label.row for label in labels))
    top = lane + (ARROW_LANE if subject.lead is not None else 10)
    plot = Plot(LEFT, RIGHT, top, top + PLOT_HEIGHT, *subject.span, most=sketch.most)
    drawing = Drawing(
        WIDTH, round(plot.ground) + FOOT, words.title(subject), " ".join(words.verdict(subject))
    )
    _write_head(drawing, subject)
    _paint_grounds(drawing, plot, subject)
    _paint_minutes(drawing, plot, subject.minutes, known, bands)
    _mark_moments(drawing, plot, labels)
    _mark_lead(drawing, plot, subject, lane)
    _write_axes(drawing, plot)
    _write_legend(drawing, plot, subject)
    _write_footer(drawing, plot, subject)
    return drawing.written()


def _bands(known: Sequence[Minute], rarity: float) -> list[_Band]:
    """One standard deviation to both sides of what was expected, as far down as counts go."""
    around = [(minute, deviation(minute.expected, minute.upper, rarity)) for minute in known]
    return [_Band(minute, max(minute.expected - by, 0.0), minute.expected + by) for minute, by in around]


def _write_head(drawing: Drawing, subject: Subject) -> None:
    room = RIGHT - 24
    name = fitting(words.title(subject), TITLE_SIZE, room, bold=True)
    drawing.text(24, 36, name, size=TITLE_SIZE, fill=INK, bold=True)
    for line, text in enumerate(words.verdict(subject)):
        told = fitting(text, VERDICT_SIZE, room)
        drawing.text(24, 60 + 20 * line, told, size=VERDICT_SIZE, fill=INK if line == 0 else PALE_INK)


def _paint_grounds(drawing: Drawing, plot: Plot, subject: Subject) -> None:
    """What lies behind the counts: deaf minutes, the doubt about the onset, and levels."""
    blind = [minute for minute in subject.minutes if minute.blind]
    drawing.shape(plot.columns(blind), fill=BLIND)
    incident = subject.incident
    if incident.onset_earliest_at is not None and incident.onset_latest_at is not None:
        start, end = plot.x(incident.onset_earliest_at), plot.x(incident.onset_latest_at)
        drawing.rectangle(start, plot.top, end - start, plot.ground - plot.top, fill=DOUBT)
    for level in plot.levels():
        y = plot.y(level)
        drawing.line((plot.left, y), (plot.right, y), stroke=RULE)
        drawing.text(plot.left - 6, y + 4, f"{level:,.0f}", size=SMALL, fill=PALE_INK, anchor="end")


def _paint_minutes(
    drawing: Drawing, plot: Plot, minutes: Sequence[Minute], known: Sequence[Minute], bands: Sequence[_Band]
) -> None:
    drawing.shape(plot.between([(band.minute, band.low, band.high) for band in bands]), fill=BAND)
    usual = [minute for minute in minutes if not _is_high(minute)]
    drawing.shape(plot.bars(usual), fill=BAR)
    drawing.shape(plot.bars([minute for minute in minutes if _is_high(minute)]), fill=HIGH_BAR)
    expected = plot.steps([(minute, minute.expected) for minute in known])
    drawing.curve(expected, stroke=USUAL, width=1.75)
    limit = plot.steps([(minute, minute.upper) for minute in known])
    drawing.curve(limit, stroke=LIMIT, width=1.5, dash="5 3")


def _is_high(minute: Minute) -> bool:
    return minute.expected > 0.0 and minute.complaints > minute.upper


def _mark_moments(drawing: Drawing, plot: Plot, labels: Sequence[Placed]) -> None:
    for label in labels:
        base = HEAD + ROW * label.row + 13
        dash = "2 3" if label.moment.is_claim else ""
        drawing.line(
            (label.x, base - 11), (label.x, plot.ground), stroke=label.moment.colour, width=1.25, dash=dash
        )
        drawing.text(
            label.x - GAP if label.to_the_left else label.x + GAP,
            base,
            label.words,
            size=LABEL_SIZE,
            fill=label.moment.colour,
            anchor="end" if label.to_the_left else "start",
            bold=True,
        )


def _mark_lead(drawing: Drawing, plot: Plot, subject: Subject, lane: float) -> None:
    """An arrow from our raising to their admitting, with the minutes between."""
    if subject.admission is None:
        return
    start, end = plot.x(subject.incident.raised_at), plot.x(subject.admission.seen_at)
    text, y = words.lead(subject), lane + 17
    length = width_of(text, VERDICT_SIZE, bold=True)
    colour = OURS if start <= end else THEIRS
    if abs(end - start) > 1.0:
        drawing.line((start, y), (end, y), stroke=colour, width=2)
        tip = min(8.0, abs(end - start)) * (1 if start <= end else -1)
        drawing.shape([[(end, y), (end - tip, y - 4), (end - tip, y + 4)]], fill=colour)
    left, right = min(start, end), max(start, end)
    if right - left > length + 40:
        x = (left + right - length) / 2
    else:  # no room upon the arrow
        x = right + 8 if right + 8 + length <= plot.right else left - 8 - length
    drawing.rectangle(x - 4, y - 9, length + 8, 18, fill="#ffffff")
    drawing.text(x + length / 2, y + 5, text, size=VERDICT_SIZE, fill=colour, anchor="middle", bold=True)


def _write_axes(drawing: Drawing, plot: Plot) -> None:
    drawing.line((plot.left, plot.ground), (plot.right, plot.ground), stroke=INK)
    drawing.text(plot.left - 6, plot.ground + 4, "0", size=SMALL, fill=PALE_INK, anchor="end")
    day = None
    for at in plot.ticks():
        x = plot.x(at)
        drawing.line((x, plot.ground), (x, plot.ground + 5), stroke=INK)
        half = width_of("00:00", SMALL) / 2
        if x + half > WIDTH - 4:
            continue
        drawing.text(x, plot.ground + 19, f"{at:%H:%M}", size=SMALL, fill=INK, anchor="middle")
        if at.date() != day:
            words_of_day = f"{at.day} {at:%b} UTC"
            if x + width_of(words_of_day, SMALL) / 2 < WIDTH - 4:
                drawing.text(x, plot.ground + 34, words_of_day, size=SMALL, fill=PALE_INK, anchor="middle")
            day = at.date()


def _write_legend(drawing: Drawing, plot: Plot, subject: Subject) -> None:
    x, y = 24.0, plot.ground + 58
    for colour, kind, text in _entries(subject):
        if kind == "area":
            drawing.rectangle(x, y - 9, 14, 10, fill=colour)
        else:
            drawing.line((x, y - 4), (x + 14, y - 4), stroke=colour, width=2, dash=kind)
        drawing.text(x + 19, y, text, size=SMALL, fill=INK)
        x += 19 + width_of(text, SMALL) + 12


def _entries(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Colour, kind (an area, or the dashes of a line) and meaning of each thing that is drawn."""
    yield BAR, "area", "complaints a minute"
    if any(map(_is_high, subject.minutes)):
        yield HIGH_BAR, "area", "above the threshold"
    yield USUAL, "", "expected"
    yield BAND, "area", "± one st. dev."
    yield LIMIT, "5 3", "threshold of one minute"
    if subject.incident.onset_earliest_at is not None:
        yield DOUBT, "area", "onset may be"
    if any(minute.blind for minute in subject.minutes):
        yield BLIND, "area", "blind"


def _write_footer(drawing: Drawing, plot: Plot, subject: Subject) -> None:
    for line, text in enumerate(words.footer(subject)):
        told = fitting(text, SMALL, RIGHT - 24)
        drawing.text(24, plot.ground + 80 + 16 * line, told, size=SMALL, fill=PALE_INK)
