"""Generated and exported files of the format."""
