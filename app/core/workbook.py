"""Spreadsheets as the portal gives them out (.xlsx)."""

from typing import Any, BinaryIO


def new_workbook(file: BinaryIO) -> Any:
    """A workbook that writes into `file`; text stays text in it, whatever it begins with: no formula, no link."""
    import xlsxwriter  # half a second and 12 MB of a start, which a worker only spends when a sheet is asked for

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(file, options)
