"""Every door cleans text (``kernel/texts.py``), and every form that changes what is knows what it showed."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from django import forms

import kundenkontor.office
import kundenkontor.portal
import kundenkontor.web
from kundenkontor.imports.reading.reading import read_customers
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import EmailField, LinkField, LongTextField, PasswordField, SlugField, TextField
from tests.proof.house.test_http_in_faces_only import SOURCE

DIRTY = "a\u202e\x00\x07\nb"
RAW_FIELDS = {"CharField", "EmailField", "URLField", "SlugField", "RegexField", "JSONField"}
# what is read from a request without a form: codes, keys and ids that are looked up and never stored
BARE_READS = {
    "office/customers/data_requests.py": "accept or refuse",
    "office/invoices/corrections.py": "which button, and the sum that was shown",
    "office/invoices/drafts.py": "ids and the sum that was shown",
    "office/payments/many.py": "which button",
    "office/payments/payments.py": "which button, names of fields, and the form's own data",
    "office/people/access.py": "ids and which button",
    "office/people/users.py": "lock or open",
    "portal/invoices/downloads.py": "ids and which button",
    "portal/invoices/forwarding.py": "one of the stored addresses",
    "web/gate/sealing.py": "all of a form, shown again in its own fields",
    "web/gate/once.py": "the key, and the digest of all",
    "web/gate/policy.py": "an id",
    "web/sign_in/views.py": "the name of a login, to count its tries",
    "web/pages.py": "codes of a language, a theme, a page, and an id",
}
# forms that show nothing that stands already: they add, act or choose
ADD_OR_ACT = {
    "CancelForm",
    "BookForm",
    "ClockForm",
    "ConfirmForm",
    "DayForm",
    "DecideForm",
    "DeclareForm",
    "ReleaseForm",
    "FirstPasswordForm",
    "ForgottenForm",
    "GalleryForm",
    "GroupedForm",
    "LineForm",
    "ListPriceForm",
    "NewPriceForm",
    "OffsetForm",
    "OneOffForm",
    "PartsForm",
    "PaymentForm",
    "PeriodForm",
    "PriceFields",
    "RateForm",
    "StatementForm",
    "ReasonForm",
    "RefundForm",
    "ReversalForm",
    "RowForm",
    "SendForm",
    "StaffForm",
    "StartForm",
    "TaxSettingForm",
    "UploadForm",
    "TakeBackForm",
    "WriteOffForm",
}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def own_forms() -> dict[str, type[forms.Form]]:
    """Every form class of the faces by its dotted name."""
    packages = (kundenkontor.office, kundenkontor.portal, kundenkontor.web)
    return {
        f"{module.__name__}.{name}": value
        for package in packages
        for module in modules(package)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, forms.Form) and value.__module__ == module.__name__
    }


def test_no_screen_has_a_text_field_that_does_not_clean() -> None:
    raw = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix() != "web/forms.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in RAW_FIELDS
        and isinstance(node.value, ast.Name)
        and node.value.id == "forms"
    ]

    assert raw == []


def test_every_field_of_every_form_cleans() -> None:
    """Also those that a library brings: of its forms nothing but passwords and the login's name is read."""
    clean = (TextField, LongTextField, PasswordField)
    found = own_forms()
    wrong = [
        f"{name}.{field_name}"
        for name, form in found.items()
        if not form.__module__.endswith("sign_in.views")
        for field_name, field in form.base_fields.items()
        if isinstance(field, forms.CharField) and not isinstance(field, clean)
    ]

    assert len(found) > 30
    assert wrong == []


@pytest.mark.parametrize("field", [TextField(), SlugField(), EmailField(), LinkField(assume_scheme="https")])
def test_a_field_of_one_line_holds_one_clean_line(field: forms.CharField) -> None:
    assert field.to_python(f" {DIRTY} ") in ("a b", "https://a b")


def test_a_field_of_lines_is_clean_and_a_password_is_what_was_typed() -> None:
    assert LongTextField().to_python(DIRTY) == "a\nb"
    assert PasswordField(autocomplete="off").clean(" \u202e x ") == " \u202e x "


def test_an_imported_cell_is_clean_and_controls_are_pointed_at() -> None:
    reading = read_customers(f'customer_number,last_name,country\nK1,"{DIRTY}",AT\n'.replace("\x00", "").encode())

    assert [row.last_name for row in reading.rows] == ["a b"]
    assert [one.code for one in reading.problems if one.is_warning] == ["runs_over_lines", "control_character"]


def test_what_is_read_without_a_form_is_never_text_to_keep() -> None:
    reading = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if _reads_post(node)
    }

    assert reading == set(BARE_READS)


def _reads_post(node: ast.AST) -> bool:
    """``request.POST.get(…)``, ``request.POST[…]``, or going over it."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "POST"
    return isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Attribute | ast.Call) and (
        ".POST" in ast.unparse(node.iter)
    )  # fmt: skip


def test_every_form_that_changes_what_is_knows_what_it_showed() -> None:
    forgotten = {
        name: form
        for name, form in own_forms().items()
        if not issubclass(form, EditForm)
        and name.rpartition(".")[2] not in ADD_OR_ACT
        and not form.__module__.endswith("sign_in.views")
    }

    assert forgotten == {}
    assert issubclass(own_forms()["kundenkontor.office.sellers.sellers.SellerForm"], EditForm)


# views that bind such a form where nothing stands yet, or whose caller locks
BOUND_APART = {
    "contract_new": "adds",
    "new_contact": "adds",
    "_posted": "the draft's two callers lock, or write nothing",
}


def test_every_view_that_takes_such_a_form_locks_the_rows_with_which_it_was_compared() -> None:
    names = {name.rpartition(".")[2] for name, form in own_forms().items() if issubclass(form, EditForm)}
    binding = {
        view.name: ast.unparse(view)
        for path in SOURCE.rglob("*.py")
        for view in ast.walk(ast.parse(path.read_text()))
        if isinstance(view, ast.FunctionDef) and any(_binds(node, names) for node in ast.walk(view))
    }

    assert len(binding) > 15
    assert {name for name, text in binding.items() if "compared=" not in text} == set(BOUND_APART)


def _binds(node: ast.AST, names: set[str]) -> bool:
    """``SomeEditForm(request.POST…, …)`` of something that stands."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in names:
        return False
    return "request.POST" in ast.unparse(node) and "is_new=True" not in ast.unparse(node)
