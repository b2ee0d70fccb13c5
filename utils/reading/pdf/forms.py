"""What was filled into a PDF, and noted on it: form fields, typed text and comments.

Source: ISO 32000, chapters 12.5 and 12.7.
"""

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any


def form_texts(page: Any) -> list[str]:
    """Return the filled fields of a page, each with its name, and the notes on it, each once."""
    from pypdfium2 import raw

    form = page.formenv.raw if page.formenv else None
    found = []
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if annotation:
            found.append(_told(form, annotation))
            raw.FPDFPage_CloseAnnot(annotation)
    return list(dict.fromkeys(filter(None, found)))


def shown_texts(document: Any, index: int, told: list[str]) -> list[str]:
    """Return the words that annotations of a page show, and that are not told yet: stamps, signatures, typed text.

    They stand in the pictures of the annotations alone, so those are made a part of the page, in memory.
    """
    from pypdfium2 import raw

    page = document[index]
    before = _lines(page)
    is_changed = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    page.close()
    if not is_changed:
        return []
    page = document[index]
    new = _lines(page) - before
    page.close()
    known = " ".join(" ".join(told).split())
    return [line for line in new.elements() if line not in known]


def has_stamps(page: Any) -> bool:
    """Return whether a page has annotations that may show words of their own."""
    from pypdfium2 import raw

    kinds = set()
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        if annotation := raw.FPDFPage_GetAnnot(page, index):
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            form = page.formenv.raw if page.formenv else None
            is_field = kind == raw.FPDF_ANNOT_WIDGET and form
            is_signed = is_field and raw.FPDFAnnot_GetFormFieldType(form, annotation) == raw.FPDF_FORMFIELD_SIGNATURE
            kinds.add(raw.FPDF_ANNOT_STAMP if is_signed else kind)
            raw.FPDFPage_CloseAnnot(annotation)
    return bool(kinds & {raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WATERMARK})


def _lines(page: Any) -> Counter[str]:
    textpage = page.get_textpage()
    try:
        return Counter(" ".join(line.split()) for line in textpage.get_text_range().splitlines() if len(line) > 1)
    finally:
        textpage.close()


def _told(form: Any, annotation: Any) -> str:
    """Return what an annotation says; "" for links and the like."""
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_WIDGET:
        value = " ".join(_values(form, annotation)) if form else ""
        name = _string(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation) if value else ""
        name = name or (_string(raw.FPDFAnnot_GetFormFieldName, form, annotation) if value else "")
        return f"{name}: {value}" if name and value else value
    if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
        return ""
    words = _string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents")
    return words if kind == raw.FPDF_ANNOT_FREETEXT or not words else f"Note: {words}"


def _values(form: Any, field: Any) -> Iterator[str]:
    """Yield what was filled into a field: its text, the chosen lines of a list, the cross in a box."""
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, field)
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        if raw.FPDFAnnot_IsChecked(form, field):
            said = _string(raw.FPDFAnnot_GetFormFieldExportValue, form, field)
            yield "☒" if said in ("", "Yes", "On", "1") else f"☒ {said}"
    elif kind in (raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        places = range(max(0, raw.FPDFAnnot_GetOptionCount(form, field)))
        chosen = [place for place in places if raw.FPDFAnnot_IsOptionSelected(form, field, place)]
        labels = [_string(raw.FPDFAnnot_GetOptionLabel, form, field, place) for place in chosen]
        yield from labels or [_string(raw.FPDFAnnot_GetFormFieldValue, form, field)]
    elif kind == raw.FPDF_FORMFIELD_TEXTFIELD:
        yield _string(raw.FPDFAnnot_GetFormFieldValue, form, field)


def _string(get: Callable[..., int], *of: Any) -> str:
    """Return a text as PDFium hands it out: asked once for its length, and again for its UTF-16."""
    from pypdfium2 import raw

    length = get(*of, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    get(*of, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    text = buffer.raw[:length].decode("utf-16-le", "replace").rstrip("\0")
    return " ".join(text.replace("\r", "\n").split())
