"""Sentences for the screen, put together."""

import unicodedata


def plain(text: str) -> str:
    """Without the differences that nobody sees: full-width forms, kinds of brackets, blanks."""
    folded = unicodedata.normalize("NFKC", text)
    for odd, usual in ("[〔", "]〕", "(〔", ")〕", "【〔", "】〕", "［〔", "］〕", "〖〔", "〗〕"):
        folded = folded.replace(odd, usual)
    return "".join(folded.split())
