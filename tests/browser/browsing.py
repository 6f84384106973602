"""What a page in a real browser is asked to do, and what must never happen in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, expect

SCREENSHOTS = Path(__file__).parent.parent.parent / ".cache" / "screenshots"


@dataclass
class Visit:
    """A page of the browser, and all that it complained of.

    Attributes:
        page: The page.
        complaints: Errors of the console, violations of the policy among them, and exceptions that nobody caught.
        origins: Where requests went.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda websocket: self._note(websocket.url))
        self.page.on("dialog", self._dismiss)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data":
            self.origins.add(f"{parts.scheme.replace('ws', 'http')}://{parts.netloc}")

    def open(self, url: str) -> None:
        """Open the console, and wait until it has read the document."""
        self.page.goto(url)
        expect(self.page.locator("#panes, #notice").filter(visible=True)).to_be_visible()

    def status(self) -> Locator:
        return self.page.locator("#status")

    def connect(self) -> None:
        self.page.get_by_role("button", name="Connect", exact=True).click()
        expect(self.status()).to_have_text("Connected")

    def choose_channel(self, name: str) -> None:
        self.page.get_by_label("Channel").select_option(name)

    def choose(self, message: str) -> None:
        self.page.locator(".choice").filter(has=self.page.get_by_text(message, exact=True)).click()

    def write(self, text: str) -> None:
        self.page.locator("#editor").fill(text)

    def send(self) -> None:
        self.page.get_by_role("button", name="Send", exact=True).click()

    def send_anyway(self) -> None:
        self.page.get_by_role("button", name="Send anyway").click()

    def entries(self, direction: str) -> Locator:
        """The entries of the log: those that are `in`, `out` or an `event`."""
        return self.page.locator(f".entry.{direction}")

    def shoot(self, name: str, *, full: bool = False) -> None:
        """Keep a screenshot, for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full)


def open_entry(entry: Locator) -> str:
    """Open an entry of the log, and return what it shows."""
    entry.locator("summary").click()
    return entry.locator("pre").inner_text()
