"""What the 12-digit statistical codes of divisions say by themselves."""


def code_range(code: str) -> tuple[str, str]:
    """First and last code of a division and everything below it: trailing zeros by level (2, 4, 6, 9, 12)."""
    for digits in (2, 4, 6, 9):
        if code[digits:] == "0" * (12 - digits):
            return code, code[:digits] + "9" * (12 - digits)
    return code, code
