# pyright: basic
# (pyarrow has no static types)
"""What every engine can do, and nothing more: the questions are Ibis expressions, the same on each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import ibis
from sqlglot import exp

from leukon.population.tables import TableError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Engine", "Form", "open_engine", "write_sql"]

Form = Literal["parquet", "csv"]


class Engine(Protocol):
    """Tables by name: Ibis tables that the engine knows, and expressions over them, worked out when asked for."""

    name: str

    def open(self, name: str, files: Sequence[Path], form: Form, delimiter: str = ",") -> Any:
        """The rows of files of one shape as a table; a CSV is read as text. Nothing is read before it is asked for."""
        ...

    def add(self, name: str, table: pa.Table) -> Any:
        """A small table made here."""
        ...

    def keep(self, name: str, expression: Any) -> Any:
        """A table worked out once, for what is asked of it more than once."""
        ...

    def fetch(self, expression: Any) -> pa.Table:
        """The rows themselves: for results that are small."""
        ...

    def write(self, expression: Any, path: Path) -> None:
        """Writes the rows as Parquet: a file from DuckDB, a folder of files from Spark."""
        ...

    def map_batches(
        self,
        name: str,
        expression: Any,
        work: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
    ) -> Any:
        """A table of the rows that `work`, Python code, makes of batches of rows; in Spark where the rows are."""
        ...

    def by_parts(
        self,
        tables: Mapping[str, Any],
        work: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        tell: Callable[[str], None],
    ) -> Mapping[str, Any]:
        """The tables that `work` makes of tables with a column `person`; it may look at one person at a time only.

        DuckDB, where they are large, does it part by part of the people, in the order of their keys, which bounds its
        memory; `tell` is told which. What `work` makes keeps its order: tables in order of `person` are so as a whole.
        """
        ...


def write_sql(expression: Any, dialect: str, types: Any) -> str:
    """The expression in the SQL of an engine; each column of the type the expression says, which engines may widen."""
    quoted = {name: exp.to_identifier(name, quoted=True).sql(types.dialect) for name in expression.columns}
    inner = ibis.to_sql(expression, dialect=dialect)
    schema = expression.schema().items()
    typed = [f"CAST({quoted[n]} AS {types.to_string(kind)}) AS {quoted[n]}" for n, kind in schema]
    return f"SELECT {', '.join(typed)} FROM ({inner}) AS typed"  # noqa: S608  (its names are quoted)


@contextmanager
def open_engine(name: str, scratch: Path, *, master: str | None = None) -> Generator[Engine, None, None]:
    """The engine of that name, `duckdb` or `spark`; `scratch` is a folder for what does not fit in memory.

    Raises TableError, in one line, where what it needs is not installed, or where it cannot do what it is asked.
    """
    try:
        if name == "duckdb":
            from leukon.population.engines.duck import open_duckdb

            opened = open_duckdb(scratch)
        else:
            from leukon.population.engines.spark import open_spark

            opened = open_spark(scratch, master)
    except ModuleNotFoundError as error:
        extra = "spark" if name == "spark" else "population"
        raise TableError(f"--engine {name} needs the package {error.name}: pip install 'leukon[{extra}]'") from None
    with opened as engine:
        yield engine
