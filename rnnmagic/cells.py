"""The cells of this kernel as the user typed them, so that a fix can name and edit them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Cell:
    """One cell that ran.

    `transformed` is the Python source that IPython compiled (magics turned into calls), and
    `filename` is the name it was compiled under, as it stands in tracebacks and code objects.
    Line n of `transformed` is line n + `offset` of `raw`: IPython drops blank lines at the head,
    and the body of a `%%time` or `%%capture` is compiled by itself, under a name of its own.
    """

    execution_count: int | None
    cell_id: str | None
    raw: str
    transformed: str
    filename: str
    offset: int = 0

    @property
    def key(self) -> str:
        """What a cell is known by when it runs again: its id, or its text, `%%rnncheck` at its head left out."""
        if self.cell_id:
            return self.cell_id
        lines = self.raw.strip().splitlines()
        return "\n".join(line for line in lines if not line.startswith("%%rnncheck")).strip()


@dataclass
class CellLog:
    """Cells in the order they ran, the latest last."""

    cells: list[Cell] = field(default_factory=list)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def add(self, cell: Cell) -> None:
        self.cells.append(cell)

    def clear(self) -> None:
        self.cells.clear()

    def by_filename(self, filename: str) -> Cell | None:
        """The latest cell compiled under this name."""
        return next((cell for cell in reversed(self.cells) if cell.filename == filename), None)

    def latest(self) -> Cell | None:
        return self.cells[-1] if self.cells else None


@dataclass(frozen=True)
class Run:
    """One checked cell after it ran: what execution hands to the examination."""

    cell: Cell
    log: CellLog
    namespace: dict[str, Any]
    error: BaseException | None
    seconds: float
    compiled: bool = True
    """False when the cell never started: a syntax error, say."""
