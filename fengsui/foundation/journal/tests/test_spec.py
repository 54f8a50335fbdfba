"""spec/facts.json says what the code says; kinds keep the rules of the catalogue."""

from pathlib import Path

from fengsui.foundation.journal import dispatch, spec
from fengsui.foundation.journal.queries import _Shown

GOLDEN = Path(__file__).resolve().parents[4] / "spec" / "facts.json"


def test_the_catalogue_is_up_to_date() -> None:
    assert GOLDEN.read_text() == spec.facts_document(), "run `fengsui spec facts`"


def test_kinds_are_named_once_and_their_sentences_can_be_read() -> None:
    for app, kinds in dispatch.kinds_by_app().items():
        for kind in kinds:
            assert 0 < kind.number < 1000, f"{app}: {kind.name}"
            assert kind.name.count(".") == 1, f"{app}: {kind.name}"
            names = [*kind.fields, *kind.personal]
            assert len(set(names)) == len(names), f"{kind.name} has a field twice"
            assert all(version < kind.version for version in kind.upcasters), kind.name
            values = _Shown(dict.fromkeys(names, "1"))
            assert (kind.zh + kind.en).format_map(values) is not None
