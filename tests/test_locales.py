"""What people type is read as they meant it, or asked about; never guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import Locale, UnreadableNumber, is_currency, is_locale

CODES = (
    "en_US",
    "en_IN",
    "de_DE",
    "de_CH",
    "fr_FR",
    "es_ES",
    "pl_PL",
    "pt_BR",
    "sv_SE",
    "tr_TR",
    "ja_JP",
    "ar_EG",
    "hu_HU",
    "hi_IN",
)
LOCALES = {code: Locale(code) for code in CODES}
CURRENCIES = ("USD", "EUR", "JPY", "CHF", "INR", "BHD")

locales = st.sampled_from(list(LOCALES.values()))
amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False)
whole_amounts = st.integers(min_value=-(10**12), max_value=10**12).map(Decimal)
figures = st.text(alphabet="0123456789.,'’٬٫ \u00a0\u202f−-+%€$kMb()e", max_size=20)


@pytest.fixture
def english() -> Locale:
    return LOCALES["en_US"]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en_US", "85", "85"),
        ("en_US", "1.2M", "1200000"),
        ("en_US", "1.2 million", "1200000"),
        ("en_US", "3k", "3000"),
        ("en_US", "1,200", "1200"),
        ("en_US", "1,200,000", "1200000"),
        ("en_US", "1.200.000,50", "1200000.50"),
        ("en_US", "1 200 000", "1200000"),
        ("en_US", "1234.567", "1234.567"),
        ("en_US", "0.125", "0.125"),
        ("en_US", ".5", "0.5"),
        ("en_US", "−5", "-5"),
        ("en_US", "-0", "0"),
        ("en_US", "\uff11\uff12", "12"),
        ("en_US", "١٬٢٠٠٫٥", "1200.5"),
        ("de_DE", "1.200.000,50", "1200000.50"),
        ("de_DE", "1,2 Mio.", "1200000"),
        ("de_DE", "3 Mrd.", "3000000000"),
        ("de_CH", "1’200’000.50", "1200000.50"),
        ("de_CH", "1'200", "1200"),
        ("fr_FR", "1\u202f200\u00a0000,5", "1200000.5"),
        ("en_IN", "12,34,567", "1234567"),
        ("en_IN", "12 lakh", "1200000"),
        ("en_IN", "₹ 12 lakhs", "1200000"),
        ("en_IN", "1.3 Crore", "13000000"),
        ("en_IN", "1.3 Cr", "13000000"),
        ("hi_IN", "1.3 crores", "13000000"),
        ("hi_IN", "१२ लाख", "1200000"),
        ("hi_IN", "1.3 करो\u0921\u093c", "13000000"),
        ("hi_IN", "1.3 करो\u095c", "13000000"),
        ("ja_JP", "104万", "1040000"),
    ],
)
def test_numbers_are_read_as_people_type_them(code: str, text: str, expected: str) -> None:
    assert LOCALES[code].read_number(text, "INR") == Decimal(expected)


def test_what_was_read_prints_without_an_exponent(english: Locale) -> None:
    assert [str(english.read_number(text)) for text in ("1.2M", "85.0", "-0")] == ["1200000", "85", "0"]


@pytest.mark.parametrize("code", CODES)
def test_three_digits_after_one_dot_are_asked_about_in_every_locale(code: str) -> None:
    with pytest.raises(UnreadableNumber) as refused:
        LOCALES[code].read_number("1.200")
    assert refused.value.reason == "ambiguous"
    assert set(refused.value.readings) == {Decimal(1200), Decimal("1.2")}


def test_the_question_shows_both_readings_with_an_example(english: Locale) -> None:
    with pytest.raises(UnreadableNumber, match=r"^Is that 1,200 or 1\.20\? Write 1200 or 1\.20\.$"):
        english.read_number("1.200")


@given(locale=locales, whole=st.integers(1, 999), rest=st.integers(0, 999), mark=st.sampled_from(".,"))
def test_the_examples_offered_can_be_typed(locale: Locale, whole: int, rest: int, mark: str) -> None:
    try:
        locale.read_number(f"{whole}{mark}{rest:03}")
    except UnreadableNumber as refused:
        examples = str(refused).partition("Write ")[2].removesuffix(".").split(" or ")
        assert tuple(locale.read_number(example) for example in examples) == refused.readings


@pytest.mark.parametrize(
    ("code", "text", "currency", "expected"),
    [
        ("en_US", "$1,200,000", "USD", 1200000),
        ("en_US", "US$ 1.2M", "USD", 1200000),
        ("en_US", "-$5", "USD", -5),
        ("en_US", "$-5", "USD", -5),
        ("en_US", "€ 1 200 000", "EUR", 1200000),
        ("de_DE", "1.200.000,00 €", "EUR", 1200000),
        ("de_DE", "usd 5", "USD", 5),
        ("fr_FR", "1,2 M€", "EUR", 1200000),
        ("en_CA", "$5", "CAD", 5),
    ],
)
def test_the_projects_currency_may_be_written(code: str, text: str, currency: str, expected: int) -> None:
    assert Locale(code).read_number(text, currency) == expected


@pytest.mark.parametrize(
    ("code", "text", "currency"),
    [
        ("en_US", "€ 1 200", "USD"),
        ("en_US", "EUR 1200", "USD"),
        ("en_US", "$1200", None),
        ("en_CA", "$1200", "USD"),  # in Canada the bare sign is the Canadian dollar
    ],
)
def test_a_foreign_currency_is_refused_with_the_bare_number(code: str, text: str, currency: str | None) -> None:
    with pytest.raises(UnreadableNumber, match="such as 1200") as refused:
        Locale(code).read_number(text, currency)
    assert refused.value.reason == "currency"
    assert refused.value.readings == (Decimal(1200),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "eighty",
        "NaN",
        "inf",
        "1e5",
        "1e999999999",
        "10²",
        "½",
        "5-10",
        "--5",
        "5.",
        "1.2.3",
        "12 34",
        "$5$",
        "85%",
    ],
)
def test_nonsense_is_no_number(text: str, english: Locale) -> None:
    with pytest.raises(UnreadableNumber):
        english.read_number(text, "USD")


@pytest.mark.parametrize("text", ["9" * 16, "999999999999T", "0.12345678901"])
def test_absurd_sizes_are_refused(text: str, english: Locale) -> None:
    with pytest.raises(UnreadableNumber) as refused:
        english.read_number(text)
    assert refused.value.reason == "too large"


def test_a_word_with_two_meanings_is_asked_about() -> None:
    with pytest.raises(UnreadableNumber) as refused:
        LOCALES["de_DE"].read_number("1 Billion")
    assert set(refused.value.readings) == {Decimal(10) ** 9, Decimal(10) ** 12}


@pytest.mark.parametrize("text", ["85", "85%", "85 %", "85\u00a0%", "%85", "85.0 percent", "٨٥٪", "８５％"])
def test_percentages_are_read_with_and_without_their_sign(text: str, english: Locale) -> None:
    assert english.read_percent(text) == 85


@pytest.mark.parametrize("text", ["85 k", "85 %%", "85 €", "%", "one", "1.200 %"])
def test_what_is_no_percentage_is_refused(text: str, english: Locale) -> None:
    with pytest.raises(UnreadableNumber):
        english.read_percent(text)


def read_or_asked(locale: Locale, text: str, value: Decimal, currency: str | None = None) -> bool:
    """Whether the text is read as the value, or refused as ambiguous with the value among the readings."""
    try:
        return locale.read_number(text, currency) == value
    except UnreadableNumber as refused:
        return refused.reason == "ambiguous" and value in refused.readings


@given(locale=locales, value=amounts)
def test_a_printed_number_reads_back(locale: Locale, value: Decimal) -> None:
    assert read_or_asked(locale, locale.number(value), value)


@given(
    locale=locales,
    count=st.integers(0, 9_999),
    unit=st.sampled_from([("lakh", 5), ("Lacs", 5), ("crore", 7), ("million", 6)]),
    gap=st.sampled_from(["", " ", "\u00a0"]),
)
def test_units_are_read_in_every_locale(locale: Locale, count: int, unit: tuple[str, int], gap: str) -> None:
    word, power = unit
    assert locale.read_number(f"{count}{gap}{word}") == count * Decimal(10) ** power


@given(locale=locales, value=whole_amounts, currency=st.sampled_from(CURRENCIES))
def test_printed_money_reads_back(locale: Locale, value: Decimal, currency: str) -> None:
    assert read_or_asked(locale, locale.money(value, currency), value, currency)


@given(locale=locales, value=whole_amounts, currency=st.sampled_from(CURRENCIES))
def test_short_money_is_within_half_a_percent(locale: Locale, value: Decimal, currency: str) -> None:
    text = locale.money_short(value, currency)
    try:
        readings = (locale.read_number(text, currency),)
    except UnreadableNumber as refused:
        assert refused.reason == "ambiguous"
        readings = refused.readings
    assert any(abs(reading - value) <= abs(value) / 200 for reading in readings)


@given(locale=locales, tenths=st.integers(-10_000, 10_000))
def test_a_printed_percentage_reads_back(locale: Locale, tenths: int) -> None:
    value = Decimal(tenths) / 10
    try:
        assert locale.read_percent(locale.percent(value)) == value
    except UnreadableNumber as refused:
        assert refused.reason == "ambiguous"
        assert value in refused.readings


@given(locale=locales, text=figures | st.text(max_size=80), currency=st.none() | st.sampled_from(CURRENCIES))
def test_any_text_is_read_or_refused(locale: Locale, text: str, currency: str | None) -> None:
    for read in (locale.read_percent, lambda typed: locale.read_number(typed, currency)):
        try:
            value = read(text)
        except UnreadableNumber as refused:
            assert str(refused)
        else:
            assert value.is_finite()
            assert abs(value) < 10**15


@pytest.mark.parametrize(
    ("amount", "short"),
    [
        ("1040000", "$1.04M"),
        ("1000000", "$1M"),
        ("640000", "$640,000"),
        ("999999", "$999,999"),
        ("999999999", "$1B"),
        ("1045000", "$1.05M"),
    ],
)
def test_short_money_keeps_three_digits(amount: str, short: str, english: Locale) -> None:
    assert english.money_short(Decimal(amount), "USD") == short


def test_money_shows_minor_units_only_where_there_are_some(english: Locale) -> None:
    assert english.money(Decimal(1200000), "USD") == "$1,200,000"
    assert english.money(Decimal("99.5"), "USD") == "$99.50"


@pytest.mark.parametrize(
    ("value", "text"), [("85", "85%"), ("85.25", "85.3%"), ("-5", "-5%"), ("-0.04", "0%"), ("0", "0%"), ("120", "120%")]
)
def test_percent_has_one_decimal_at_most(value: str, text: str, english: Locale) -> None:
    assert english.percent(Decimal(value)) == text


def test_days_and_times_are_printed_the_locales_way(english: Locale) -> None:
    day = date(2027, 1, 6)
    printed = english.date_long(day), english.date_short(day), english.weekday_date(day), english.month_name(day)
    assert printed == ("January 6, 2027", "Jan 6", "Wed, Jan 6", "January")
    assert LOCALES["de_DE"].date_long(day) == "6. Januar 2027"
    assert LOCALES["es_ES"].month_name(day) == "enero"
    assert LOCALES["de_DE"].time(datetime(2027, 1, 6, 22, tzinfo=UTC), ZoneInfo("America/New_York")) == "17:00"


@pytest.mark.parametrize("code", ["en_US", "en-US", "de", "zh_CN", "sr_Latn_RS"])
def test_locale_codes_are_taken_with_either_separator(code: str) -> None:
    assert Locale(code).date_long(date(2027, 1, 6))


@pytest.mark.parametrize("code", ["", "xx", "en_ZZ", "de_US", "und", "../etc", "english", "en_", "e" * 500])
def test_unknown_locale_codes_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is not a locale"):
        Locale(code)


def test_currencies_are_known_by_their_iso_code() -> None:
    assert is_currency("CHF")
    assert not is_currency("EURO")
    assert not is_currency("usd")


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("en_US", True),
        ("de-DE", True),
        ("en-GB", True),
        ("", False),
        ("xx-YY", False),
        ("en_ZZ", False),
        ("de-DE\x00", False),
    ],
)
def test_a_code_names_a_locale_or_none(code: str, is_one: bool) -> None:
    assert is_locale(code) is is_one
