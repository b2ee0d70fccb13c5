"""What was filled into a PDF, and noted on it: form fields, typed text and comments.

Source: ISO 32000, chapters 12.5 and 12.7. Read next: `utils/reading/pdf.py`.
"""

import ctypes
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
