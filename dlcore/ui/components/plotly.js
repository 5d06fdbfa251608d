// What the charts of our own share: Plotly itself, loaded once, and the colours of the theme.
let plotly = null;
export function loadPlotly({ streamlits, own }) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  plotly ??= streamlitsPlotly(streamlits).then((found) => found ?? ownPlotly(own));
  return plotly;
}

// The Plotly of Streamlit's own charts, which most pages with ours have, too: a second one beside it would take a
// browser half a second more.
async function streamlitsPlotly(url) {
  try {
    if (url) await import(new URL(url, document.baseURI).href);
  } catch (error) {
    console.warn(error);
  }
  return window.Plotly;
}

function ownPlotly(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.appendChild(script);
  });
}

export function theme(element) {
  const style = getComputedStyle(element);
  const css = (variable) => style.getPropertyValue(variable).trim();
  const colors = (variable) => css(variable).split(",").map((color) => color.trim());
  return { css, colors, grid: css("--st-border-color"), palette: colors("--st-chart-categorical-colors") };
}

// Whether an element is on a dark ground.
export function isDark(element) {
  return getComputedStyle(element).colorScheme.includes("dark");
}

// An element with a class and a text.
export function span(kind, style, text) {
  const found = document.createElement(kind);
  found.className = style;
  found.textContent = text;
  return found;
}

// Calls `draw` when the width of an element changes: Plotly itself follows only the window, but a chart's room
// also changes with the sidebar, with the cards beside it, and when a hidden tab opens.
export function followWidth(element, draw) {
  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    draw();
  });
  observer.observe(element);
  return observer;
}

// The ticks of an axis that counts and has come to `last`: among few numbers Plotly would put 0.5 between 0 and 1.
export const wholeTicks = (last) => (last < 8 ? { tick0: 0, dtick: 1 } : {});

// What charts of curves have in common: no ground of their own, the page's letters, and one box for all at an x.
export const curveLayout = ({ css, grid }) => ({
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified", hoverdistance: -1, showlegend: false,
  font: { color: css("--st-text-color"), family: css("--st-font"), size: 13 },
  hoverlabel: { bgcolor: css("--st-secondary-background-color"), bordercolor: grid, font: { color: css("--st-text-color") } },
});

const NEAR = 400; // px from view: drawn before it is scrolled to

// Whether an element is in view, or near it.
function isAround(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > -NEAR && top < window.innerHeight + NEAR;
}

// A card with a title, what is given, and a chart that is drawn again when its width changes. One that is not in
// view is drawn when it comes there.
export function addCard(grid, { name, height }, draw, ...between) {
  const card = span("div", "dl-card", ""), title = span("div", "dl-title", "");
  const plot = document.createElement("div");
  plot.dataset.chart = name;
  plot.style.minHeight = `${height}px`; // nothing moves when it is drawn
  card.append(title, ...between, plot);
  grid.append(card);
  const width = followWidth(plot, draw);
  // What is to be drawn at once must not wait until the browser has come to tell where it is.
  let near = null;
  const isNear = () => near ?? isAround(plot);
  const view = new IntersectionObserver((seen) => {
    const before = isNear();
    near = seen.at(-1).isIntersecting;
    if (near && !before) draw();
  }, { rootMargin: `${NEAR}px`, scrollMargin: `${NEAR}px` });
  view.observe(plot);
  const remove = (P) => {
    width.disconnect();
    view.disconnect();
    P.purge(plot);
    card.remove();
  };
  return { card, title, plot, remove, isNear };
}
