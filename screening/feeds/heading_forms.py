"""The form in which a department says which of its columns is which of ours."""

from dataclasses import dataclass

from django import forms

from screening.feeds.headings import HeadingMap, Line, Offer

SUM, NONE = "sum", "none"


@dataclass(frozen=True)
class HeadingRow:
    """One of our columns with its bound fields; `more` adds further columns of an amount, None where there is
    none to add."""

    line: Line
    field: forms.BoundField
    more: forms.BoundField | None

    @property
    def is_sum(self) -> bool:
        return bool(self.more and self.more.value())


class HeadingForm(forms.Form):
    """A choice for each of our columns; for an amount further columns to be added up; for an amount that two
    known words name a choice between them and their sum."""

    def __init__(self, data=None, *, map: HeadingMap):
        super().__init__(data)
        self.map = map
        held = {place: line for line in map.lines for place in line.chosen}
        everything = [("", "（文件中没有）")] + [(str(offer.place), offer.label) for offer in map.offers]
        for line in map.lines:
            if line.doubled:
                self.fields[f"d{line.position}"] = _between(line)
            else:
                self.fields[f"c{line.position}"] = forms.ChoiceField(
                    label=line.column.heading,
                    choices=everything,
                    required=False,
                    initial=str(line.chosen[0]) if line.chosen else "",
                )
            if line.column.kind == "amount" and not line.doubled:
                offered = [
                    offer for offer in map.offers if offer.is_amount and held.get(offer.place) in (None, line)
                ]
                self.fields[f"m{line.position}"] = _further(line, offered)

    def _row(self, line: Line) -> HeadingRow:
        more = f"m{line.position}"
        return HeadingRow(
            line,
            self[f"d{line.position}" if line.doubled else f"c{line.position}"],
            self[more] if more in self.fields and self.fields[more].choices else None,
        )

    def open_rows(self) -> list[HeadingRow]:
        return [self._row(line) for line in self.map.open_lines]

    def other_rows(self) -> list[HeadingRow]:
        return [self._row(line) for line in self.map.other_lines]

    def clean(self) -> dict:
        cleaned = super().clean()
        used: dict[int, str] = {}
        for line in self.map.lines:
            name = f"d{line.position}" if line.doubled else f"c{line.position}"
            places = self._places(line, cleaned)
            if line.column.required and not places and name not in self.errors:
                self.add_error(name, f"“{line.column.heading}”必填，请选文件中的哪一列是它。")
            for place in places:
                if place in used:
                    words = next(offer.words for offer in self.map.offers if offer.place == place)
                    self.add_error(name, f"“{words}”已经选作“{used[place]}”，一列只能用一次。")
                used[place] = line.column.heading
        return cleaned

    def _places(self, line: Line, cleaned: dict) -> list[int]:
        if line.doubled:
            choice = cleaned.get(f"d{line.position}", "")
            if choice == SUM:
                return [offer.place for offer in line.doubled]
            return [int(choice)] if choice.isdigit() else []
        first = cleaned.get(f"c{line.position}", "")
        further = cleaned.get(f"m{line.position}") or []
        return sorted({int(place) for place in [first, *further] if place})

    def chosen(self) -> dict[str, list[int]]:
        """Our heading → places of the file's columns."""
        return {line.column.heading: self._places(line, self.cleaned_data) for line in self.map.lines}


def _between(line: Line) -> forms.ChoiceField:
    choices = [(SUM, f"相加：{' + '.join(offer.words for offer in line.doubled)}")]
    choices += [(str(offer.place), f"只用{offer.label}") for offer in line.doubled]
    if not line.column.required:
        choices.append((NONE, "都不用"))
    return forms.ChoiceField(
        label=line.column.heading,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": f"“{line.column.heading}”有几列，请选用哪一列，或相加。"},
    )


def _further(line: Line, offers: list[Offer]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=f"与上面选的列相加，合成“{line.column.heading}”",
        required=False,
        choices=[(str(offer.place), offer.label) for offer in offers],
        widget=forms.CheckboxSelectMultiple,
        initial=[str(place) for place in line.chosen[1:]],
    )
