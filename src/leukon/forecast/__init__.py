"""What the count will do: the models of the marrow fitted to one person, with intervals.

`forecast(patient)` answers for one record. JAX loads only where a published model is fitted.
"""

from __future__ import annotations

from leukon.forecast.answer import Forecast
from leukon.forecast.outlook import forecast

__all__ = ["Forecast", "forecast"]
