"""Markdown as GitHub shows it: rendered by its own renderer, and looked at as a browser and its filters would."""

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

OURS = {
    *("p", "h3", "h4", "strong", "ul", "li", "code", "blockquote", "details", "summary", "sub"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
"""Elements that a comment of ours is made of; a link or an image is none."""

# What GitHub and GitLab turn into links and notices wherever it stands in text that is no code: users, issues, merge
# requests, labels, milestones, snippets, epics; and addresses.
_OBEYED = re.compile(r"(?<!\w)(?:[@#!~%&][\w\"]|\$\d|GH-\d)|://|\bwww\.|\bmailto:", re.IGNORECASE)


class Rendered(HTMLParser):
    """The elements of a page, its text inside and outside of code, and the shapes of its tables."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.code: list[str] = []
        self.text = ""
        self.tables: list[list[int]] = []
        self.balanced = True
        self._open: list[str] = []
        self.html = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
        self.feed(self.html)
        self.close()
        self.balanced = self.balanced and not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag if not attrs else f"{tag} {attrs}")
        self._open.append(tag)
        if tag == "code":
            self.code.append("")
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append(0)
        elif tag in {"td", "th"}:
            self.tables[-1][-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self.balanced = self.balanced and bool(self._open) and self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self._open:
            self.code[-1] += data
        else:
            self.text += data

    def wrongs(self) -> list[str]:
        """What is on the page that no text of a repo may bring about."""
        found = sorted(set(self.elements) - OURS)
        found += [f"obeyed: {match[0]}" for match in _OBEYED.finditer(self.text)]
        found += [f"a table of rows with {rows} cells" for rows in self.tables if len(set(rows)) > 1]
        return found if self.balanced else [*found, "elements that are not closed"]
