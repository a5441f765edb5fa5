"""Labels stand in the ``words.py`` of the package that owns the code, nowhere else."""

from __future__ import annotations

from kundenkontor.kernel.tables import our_models


def test_no_field_of_a_model_has_words() -> None:
    """Models know codes, which a CHECK holds; what a code is called differs by reader."""
    fields = [field for model in our_models() for field in model._meta.concrete_fields]
    assert [str(field) for field in fields if field.choices] == []
