"""Why a file, or a whole import, cannot be used. Problems of single rows are in ``problems``."""

from kundenkontor.kernel.errors import DomainError, message


class UnusableFile(DomainError):
    """The file as a whole cannot be read; nothing of it comes in. ``file`` is "customers" or "contracts"."""

    file: str = ""
    code = "file_unusable"
    template = message("The file cannot be read.")


class FileTooLarge(UnusableFile):
    code = "file_too_large"
    template = message("The file has {size} MB; at most {limit} MB can be imported at once.")


class TooManyRows(UnusableFile):
    code = "file_too_many_rows"
    template = message("The file has more than {limit} rows.")


class LineTooLong(UnusableFile):
    code = "file_line_too_long"
    template = message("Line {line} has more than {limit} characters: this is no table of customers or contracts.")


class FileEmpty(UnusableFile):
    code = "file_empty"
    template = message("The file is empty: its first line must name the columns.")


class EncodingUnknown(UnusableFile):
    code = "file_encoding_unknown"
    template = message("The file is neither UTF-8 nor Windows-1252 text.")


class EncodingMixed(UnusableFile):
    code = "file_encoding_mixed"
    template = message("Line {line} is not UTF-8 though the rest of the file is. Please save the file anew as UTF-8.")


class FileIsWorkbook(UnusableFile):
    code = "file_is_workbook"
    template = message("This is a spreadsheet or an archive. Please save it as CSV (UTF-8) and import that file.")


class ColumnMissing(UnusableFile):
    code = "column_missing"
    template = message("The column “{column}” ({german}) is missing in the first line.")


class ColumnTwice(UnusableFile):
    code = "column_twice"
    template = message("The column “{column}” is there twice: “{first}” and “{second}”.")


class CutOverDateNeeded(DomainError):
    """Without a cut-over date years of past periods would be billed again."""

    code = "cut_over_date_needed"
    template = message(
        "{count} contracts began more than one billing period ago (first in line {line}). "
        "Please give the cut-over date: periods that begin before it were billed elsewhere."
    )
    field = "cut_over_date"


class UnknownSeries(DomainError):
    code = "number_series_unknown"
    template = message("There is no number series “{kind}”. Possible are: {kinds}.")
    field = "next_numbers"


class NextNumberOutOfRange(DomainError):
    code = "next_number_out_of_range"
    template = message("The next number of the series “{kind}” must be between 1 and {limit}.")
    field = "next_numbers"


class NothingToImport(DomainError):
    code = "nothing_to_import"
    template = message("Please give a file with customers, a file with contracts, or both.")


class UploadGone(DomainError):
    code = "upload_gone"
    template = message("These files were already taken in or thrown away.")


class ImportStuck(DomainError):
    """Its job was given up, or lost."""

    code = "import_stuck"
    template = message("The import was not taken in within a day; its background job did not come to an end.")
