"""Changes of a text that leave the rest of it as it stood."""

from __future__ import annotations

from redash.specs.editing import edited, edited_header, put_word, say, with_statement

TEXT = """\
# About it.
title:   {en: One,zh-CN: 一}   # two languages

list: [a,b]
long: >-
   folded
   words
last:   'x'
"""


def test_lines_that_the_change_does_not_concern_stay_as_they_are():
    """Though a writer of YAML would write them otherwise."""
    changed = edited(TEXT, lambda node: put_word(node, "last", "y"))

    assert changed == TEXT.replace("last:   'x'", "last: 'y'")


def test_no_change_changes_no_byte():
    """Nor does one to what is there already."""
    assert edited(TEXT, lambda node: None) == TEXT
    assert edited(TEXT, lambda node: put_word(node, "last", "x")) == TEXT


def test_a_text_changes_in_one_language():
    """A plain one becomes one in both; a line is written anew as a whole."""
    plain = edited("title: One\n", lambda node: say(node, "title", "Zwei", "zh-CN"))
    both = edited("title: {en: One, zh-CN: 一}\n", lambda node: say(node, "title", "Two", "en"))

    assert (plain, both) == ("title: {en: One, zh-CN: Zwei}\n", "title: {en: Two, zh-CN: 一}\n")


def test_a_new_word_stands_where_the_model_has_it():
    """Before the first of those that come later there."""
    order = ("title", "op", "value")

    assert (
        edited("title: A\nvalue: 1\n", lambda node: put_word(node, "op", ">", order)) == 'title: A\nop: ">"\nvalue: 1\n'
    )


def test_a_header_changes_and_its_statement_stays():
    """And the other way round; a comment at the top of the statement is no header."""
    sql = "-- title:   One\n-- tags: [a]\nSELECT 1   -- one\n"
    header = edited_header(sql, lambda node: put_word(node, "tags", ["b"]))
    statement = with_statement(sql, "-- note\nSELECT 2")

    assert header == "-- title:   One\n-- tags: [b]\nSELECT 1   -- one\n"
    assert statement == "-- title:   One\n-- tags: [a]\n\n-- note\nSELECT 2\n"
