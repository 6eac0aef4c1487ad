#!/usr/bin/env python3
"""A run's page as a parser sees it, when every text in the run tries to get out of the place where it stands.

    page_test.py PAGE_DUMP NODE
"""
import html.parser
import json
import subprocess
import sys
import unittest

DUMP, NODE = sys.argv[1:3]
HOSTILE = "</script><script>alert(\"1\")</script><!--<img src=x onerror='alert(2)'>&amp;{{data}}\\"
VOID = {"meta", "input", "link", "br", "img", "hr"}


class Page(html.parser.HTMLParser):
    """All elements with their attributes and own text; complains of a tag that does not close what is open."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.comments = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        last = self.elements[self.open.pop()][0]
        if last != tag:
            raise AssertionError(f"</{tag}> closes <{last}> at line {self.getpos()[0]}")

    def handle_data(self, text):
        if self.open:
            self.elements[self.open[-1]][2].append(text)

    def handle_comment(self, text):
        self.comments.append(text)

    def texts(self, tag, **attributes):
        return ["".join(text) for name, has, text in self.elements
                if name == tag and all(has.get(key) == value for key, value in attributes.items())]


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = subprocess.run([DUMP], capture_output=True, check=True)
        cls.page = Page(made.stdout.decode())
        cls.ids = [has["id"] for _, has, _ in cls.page.elements if "id" in has]

    def test_every_element_is_closed(self):
        self.assertEqual(self.page.open, [])

    def test_hostile_texts_stay_texts(self):
        self.assertEqual(self.page.comments, [])
        self.assertEqual(self.page.texts("img"), [])
        self.assertEqual(len(self.page.texts("script")), 2)
        self.assertEqual(self.page.texts("li"), [HOSTILE, HOSTILE])
        self.assertEqual(self.page.texts("pre"), ["\n" + HOSTILE])
        self.assertEqual(self.page.texts("code", **{"class": "replay"}), [HOSTILE])
        data = json.loads(self.page.texts("script", id="data")[0])
        self.assertEqual(set(data["what"]), {HOSTILE})
        self.assertIn(HOSTILE, data["places"])
        self.assertFalse([has for _, has, _ in self.page.elements if any(key.startswith("on") for key in has)])

    def test_nothing_is_loaded_from_elsewhere(self):
        for tag, has, _ in self.page.elements:
            self.assertFalse({"src", "href", "srcset", "action"} & set(has), tag)
        policy = [has["content"] for tag, has, _ in self.page.elements if has.get("http-equiv") == "Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy[0])
        self.assertNotIn("url(", self.page.texts("style")[0])

    def test_names_are_unique_and_what_refers_to_them_finds_them(self):
        self.assertEqual(len(self.ids), len(set(self.ids)))
        referred = [has["aria-labelledby"] for _, has, _ in self.page.elements if "aria-labelledby" in has]
        self.assertTrue(referred)
        self.assertLessEqual(set(referred), set(self.ids))
        self.assertIn({"lang": "en"}, [has for tag, has, _ in self.page.elements if tag == "html"])

    def test_the_script_is_well_formed_and_asks_only_for_elements_that_there_are(self):
        script = self.page.texts("script")[1]
        checked = subprocess.run([NODE, "--check", "-"], input=script, text=True, capture_output=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        asked = {part.split('"')[0] for part in script.split('byId("')[1:]} - {"kind-"}
        self.assertGreater(len(asked), 10)
        self.assertLessEqual(asked, set(self.ids))

    def test_every_kind_has_a_colour_in_light_and_in_dark(self):
        style = self.page.texts("style")[0]
        for kind in json.loads(self.page.texts("script", id="data")[0])["kinds"]:
            self.assertEqual(style.count(f"--{kind}:"), 2, kind)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
