"""`leukon serve` and `leukon listen`: where leukon is met by a browser, a record system, a laboratory."""

from __future__ import annotations

from pathlib import Path

from leukon.cli.shared import FailureError, Out, Setting, app, read_policy_file

__all__ = ["listen", "serve"]


@app.command
def listen(
    *,
    spool: Path,
    host: str = "127.0.0.1",
    port: int = 2575,
    output: Out = None,
    setting: Setting = "any",
    policy: Path | None = None,
    keep_days: float = 0.0,
) -> None:
    """Takes HL7 v2 results over MLLP: each message is on disk before it is acknowledged, and answered once.

    Parameters
    ----------
    spool
        The folder where messages wait for their answer.
    output
        A folder, one file a message, or a file whose name ends with .ndjson; SPOOL/answers where nothing is said.
    keep_days
        How long a message and its answer stay in the spool after the answer is out.
    """
    from leukon.service.mllp import command

    try:
        command.listen(host, port, spool, output, setting, read_policy_file(policy), keep_days)
    except command.ListenError as error:
        raise FailureError(str(error)) from None


@app.command
def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    config: Path | None = None,
    policy: Path | None = None,
    audit: Path | None = None,
) -> None:
    """The web page, CDS Hooks and the FHIR operation, on this machine only where nothing else is said.

    Parameters
    ----------
    host
        The address to listen at; 127.0.0.1 where nothing is said.
    port
        The port; 8000 where nothing is said, 0 takes one that is free.
    config
        Settings (YAML, see docs/service.md); what is given here wins.
    policy
        A site's own thresholds, formulary and jurisdiction (YAML): changes options, never facts.
    audit
        A file for the audit log: hash-chained, without identifiers.
    """
    try:
        from leukon.service.config import read_settings
        from leukon.service.serve import ServeError, run
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "leukon":
            raise
        raise FailureError(f"to serve needs the package {error.name}: pip install 'leukon[service]'") from None
    from leukon.io import RecordError

    said = {"host": host, "port": port, "policy": read_policy_file(policy), "audit": audit}
    try:
        run(read_settings(config, {name: value for name, value in said.items() if value is not None}))
    except (RecordError, ServeError) as error:
        raise FailureError(str(error)) from None
