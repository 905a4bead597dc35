"""A Report as text, HTML and JSON: what is written says what the report holds and decides nothing."""
