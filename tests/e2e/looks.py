"""What a page looks like to a person: what does not fit, is cut, has no name or is hard to read.

Measured in the window as it is: a screenshot with `full_page` would resize it, after which everything fits.
"""

import re
import time

WIDTHS = (390, 820, 1440)
THEMES = ("light", "dark")
NAMED_ROLES = frozenset(
    ["button", "link", "checkbox", "switch", "tab", "textbox", "spinbutton", "combobox", "slider", "radio"]
)
LEAST_CONTRAST = 4.5
"""Of normal text, after the Web Content Accessibility Guidelines 2, level AA."""

OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll('[data-testid=stMain]')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.dataset.testid ?? 'the page'} scrolls sideways: ${one.scrollWidth} px in ${one.clientWidth}`)"""

# Text that its own box, or the box of its line, hides a part of.
CUT = """() => {
    const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const says = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const hides = (style) => ['hidden', 'clip'].includes(style.overflowX);
    return [...document.querySelectorAll('[data-testid=stApp] *')].filter((one) => {
        if (!says(one) || !seen(one) || one.closest('[aria-hidden=true], svg, canvas, pre, .stDataFrame')) return false;
        const box = one.getBoundingClientRect();
        if (box.width <= 2 || box.height <= 2 || box.right <= 0) return false;  // for screen readers alone, or aside
        for (let room = one, depth = 0; room && depth < 3; room = room.parentElement, depth += 1) {
            if (!hides(getComputedStyle(room))) continue;
            if (room.getBoundingClientRect().width <= 2) return false;  // a name for screen readers
            const range = document.createRange();
            range.selectNodeContents(one);
            return range.getBoundingClientRect().right > room.getBoundingClientRect().right + 1;
        }
        return false;
    }).map((one) => `cut: ${one.textContent.trim().slice(0, 60)}`);
}"""

CONTRASTS = """(selector) => {
    const parse = (text) => {
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
        return [red, green, blue, alpha / 255];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((part, place) => part * a + below[place] * (1 - a));
    const light = (colour) => {
        const [r, g, b] = colour.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const chain = (one) => one ? [...chain(one.parentElement), one] : [];
    const measured = (one) => {
        let below = [255, 255, 255], faint = 1;
        for (const element of chain(one)) {
            const style = getComputedStyle(element);
            faint *= Number(style.opacity);
            const [r, g, b, a] = parse(style.backgroundColor);
            below = over([r, g, b, a * faint], below);
        }
        const [r, g, b, a] = parse(getComputedStyle(one).color);
        const text = over([r, g, b, a * faint], below);
        const [low, high] = [light(text), light(below)].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
    };
    return [...document.querySelectorAll(selector)]
        .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && one.checkVisibility())
        .map((one) => [one.textContent.trim(), measured(one)]);
}"""


IS_DARK = """(wanted) => {
    const [red, green, blue] = getComputedStyle(document.querySelector("[data-testid=stApp]"))
        .backgroundColor.match(/[\\d.]+/g).map(Number);
    return (red + green + blue < 384) === wanted;
}"""
"""Whether the ground of the page is dark, or is not, as wanted."""


def switch(page, theme):
    """Sets what the reader's system is set to, and waits until the page follows."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(IS_DARK, arg=theme == "dark")


def faults(page):
    """What is wrong with a page, in words; empty if nothing is."""
    return [*page.evaluate(OVERFLOW), *page.evaluate(CUT), *unnamed(page)]


def lasting(page, find, seconds=20.0):
    """What `find` still finds in a page when its charts have followed the window, or `seconds` have gone by."""
    deadline = time.monotonic() + seconds
    while (found := find(page)) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    return found


def unnamed(page):
    """What can be used and has no name for who cannot see it."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        f"without a name: {node['role']['value']} {node.get('nodeId')}"
        for node in nodes
        if not node.get("ignored")
        and node.get("role", {}).get("value") in NAMED_ROLES
        and not _said(node.get("name", {}).get("value", ""))
    ]


def _said(name):
    """A name without what is only an icon's ligature."""
    return re.sub(r"[\W_]+", "", name)


def faint(page, selector):
    """Texts that are hard to read on their ground, with their contrast."""
    return [
        f"{text}: {contrast:.2f}"
        for text, contrast in page.evaluate(CONTRASTS, selector)
        if contrast < LEAST_CONTRAST
    ]
