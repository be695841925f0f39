"""The one shape of an export of counts: the same columns in the file, in the API and in the preview."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from petitions.models import Petition
from petitions.queries.counts import CountExport, signature_counts
from petitions.queries.series import Span
from petitions.rules.cells import formula_safe, public_cell, public_cells
from petitions.rules.periods import Grouping

UNKNOWN = "unknown"  # a signature may come without a country
Cell = int | str


@dataclass(frozen=True, kw_only=True)
class ExportTable:
    """What an export shows: plain columns and rows, the numbers hidden where the public may not see them."""

    petition: str
    by: str
    timezone: str
    first_day: date | None
    last_day: date | None
    total: int | None
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    @property
    def file_stem(self) -> str:
        zone = self.timezone.replace("/", "-")
        return f"{self.petition}_signatures-by-{self.by}_{zone}"


def export_table(*, counts: CountExport) -> ExportTable:
    """This function will lay out an export with every figure, for the petition's team."""
    return _table(counts, cells=[row.signatures for row in counts.rows], total=counts.total)


def public_table(*, petition: Petition, by: Grouping, span: Span) -> ExportTable:
    """
    This function will lay out an export for the public, small cells hidden.

    What is hidden is decided over the whole time and then cut to the span, so that no choice of spans uncovers a cell;
    the total is left out of a part for the same reason.
    Raises:  TooManyRows over 100,000 periods.
    """
    whole = signature_counts(petition=petition, by=by, span=Span(tz=span.tz))
    cells = public_cells([row.signatures for row in whole.rows])
    if not span.is_bounded:
        return _table(whole, cells=cells, total=whole.total)
    by_label = dict(zip((row.label for row in whole.rows), cells, strict=True))
    part = signature_counts(petition=petition, by=by, span=span)
    return _table(part, cells=[by_label.get(row.label, public_cell(row.signatures)) for row in part.rows], total=None)


def _table(counts: CountExport, *, cells: Sequence[Cell], total: int | None) -> ExportTable:
    starts = [(row.starts_at.isoformat(),) if row.starts_at else () for row in counts.rows]
    return ExportTable(
        petition=counts.slug,
        by=counts.by.value,
        timezone=counts.span.tz.key,
        first_day=counts.span.first_day,
        last_day=counts.span.last_day,
        total=total,
        columns=(counts.by.value, *(("starts_at",) if counts.by.is_period else ()), "signatures"),
        rows=[
            (row.label or UNKNOWN, *start, cell) for row, start, cell in zip(counts.rows, starts, cells, strict=True)
        ],
    )


def as_csv(*, table: ExportTable) -> str:
    """This function will write a table as RFC 4180 says: commas, CRLF, a header; no cell starts a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([formula_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows)
    return text.getvalue()


def as_data(*, table: ExportTable) -> dict[str, object]:
    """This function will name every cell of a table, for JSON."""
    return {
        "petition": table.petition,
        "by": table.by,
        "timezone": table.timezone,
        "from": table.first_day and table.first_day.isoformat(),
        "to": table.last_day and table.last_day.isoformat(),
        "total": table.total,
        "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
    }


def as_json(*, table: ExportTable) -> str:
    """This function will write a table as one JSON object on indented lines."""
    return json.dumps(as_data(table=table), ensure_ascii=False, indent=2) + "\n"
