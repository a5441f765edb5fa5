// Draws the bars of a chart from the table beneath it, in the page's own colours.
(() => {
  "use strict";

  const german = document.documentElement.lang.startsWith("de");
  const short = new Intl.NumberFormat(german ? "de-DE" : "en-GB", { maximumFractionDigits: 0 });
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function colour(name) {
    const probe = document.createElement("span");
    probe.className = `kk-probe-${name}`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  function draw(figure) {
    const rows = [...figure.querySelectorAll("tbody tr")];
    const labels = rows.map((row) => row.cells[0].textContent.trim());
    const values = rows.map((row) => Number(row.cells[1].querySelector("data").value));
    const place = figure.querySelector("[data-chart-drawing]");
    const ink = colour("muted"), line = colour("line"), accent = colour("accent");
    const font = `13px ${token("--tblr-font-sans-serif")}`;
    place.replaceChildren();
    const width = place.clientWidth;
    const step = Math.ceil((labels.length * 62) / width);
    new uPlot({
      width, height: 220, legend: { show: false }, cursor: { show: false }, padding: [12, 4, 0, 0],
      scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (u, low, high) => [Math.min(0, low * 1.1), high * 1.1 || 1] } },
      axes: [
        { stroke: ink, font, grid: { show: false }, ticks: { show: false }, splits: () => labels.map((_, i) => i),
          values: (u, at) => at.map((i) => (i % step === 0 ? labels[i] : "")) },
        { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 64,
          values: (u, at) => at.map((value) => short.format(value)) },
      ],
      series: [{}, { fill: accent, stroke: accent, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.62, 44], radius: 0.12 }) }],
    }, [labels.map((_, i) => i), values], place);
  }

  const figures = [...document.querySelectorAll("[data-chart]")];
  figures.forEach((figure) => { figure.querySelector("[data-chart-table]").open = false; draw(figure); });
  let waiting;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => figures.forEach(draw), 150); });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach(draw));
})();
