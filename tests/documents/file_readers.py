"""What people read in a file: the words of a PDF, of a Word document, of a CSV."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import docx
import pypdf
from docx.oxml.ns import qn


def pdf_pages(content: bytes) -> list[str]:
    """The words of each page, on one line, without the invisible places where long words may break."""
    return [_one_line(page.extract_text()) for page in pypdf.PdfReader(BytesIO(content)).pages]


def pdf_words(content: bytes) -> str:
    """The words of all pages, on one line."""
    return " ".join(pdf_pages(content))


def docx_words(content: bytes) -> str:
    """The words of a Word document's body, a space between paragraphs and cells."""
    body = docx.Document(BytesIO(content)).element.body
    return _one_line("\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))))


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """The rows by the names of their columns."""
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())
