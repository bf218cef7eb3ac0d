"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const dark = matchMedia("(prefers-color-scheme: dark)");
  // On a dark page few is dark, so that much stands out on either.
  const NIGHT = [[0, "#1e2b38"], [0.25, "#234c6d"], [0.5, "#2f7fb8"], [0.75, "#74afd6"], [1, "#d5e9f6"]];

  function recoloured(div) {
    const restyled = div.data
      .map((trace, index) => [trace, index])
      .filter(([trace]) => trace.type === "heatmap" || trace.type === "pie")
      .map(([trace, index]) => Plotly.restyle(div, trace.type === "pie"
        ? { "marker.line.color": colour("--card") }
        : { colorscale: [dark.matches ? NIGHT : div.dayScale] }, [index]));
    return Promise.all([...restyled, Plotly.relayout(div, theme(div.layout))]);
  }

  function theme(layout) {
    const changes = {
      "font.color": colour("--ink-2"),
      "hoverlabel.bgcolor": colour("--card"),
      "hoverlabel.bordercolor": colour("--line"),
      "hoverlabel.font.color": colour("--ink"),
    };
    for (const axis of ["xaxis", "yaxis", "yaxis2"].filter((name) => name in layout)) {
      changes[`${axis}.gridcolor`] = colour("--grid");
      changes[`${axis}.zerolinecolor`] = colour("--line");
      changes[`${axis}.linecolor`] = colour("--line");
    }
    return changes;
  }

  function arranged(figure, width) {
    const narrow = width < 480;
    const layout = figure.layout;
    const type = figure.data[0].type;
    layout.autosize = true;
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
    layout.hoverlabel = { font: {} };
    layout.margin = { l: 8, r: 10, t: layout.annotations ? 20 : layout.showlegend && !narrow ? 30 : 8, b: 8, pad: 2 };
    layout.legend = { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: { size: 12 } };
    // The note about today stands right above the plot: the legend, which may have several rows, then has its place at an edge.
    if (narrow) Object.assign(layout.legend, { yref: "container", y: 0 });
    else if (layout.annotations) Object.assign(layout.legend, { yref: "container", y: 1, yanchor: "top" });
    if (type === "pie") {
      layout.margin = { l: 4, r: 4, t: 8, b: 8 };
      layout.legend = { x: 1.02, y: 0.5, yanchor: "middle", font: { size: 12 } };
    } else if (type === "heatmap") {
      if (narrow) layout.xaxis.dtick = 3;
    } else {
      const across = figure.data[0].orientation === "h";
      layout.hovermode = across ? "y unified" : "x unified";
      (across ? layout.yaxis : layout.xaxis).showgrid = false;
      if (narrow && layout.xaxis.nticks) layout.xaxis.nticks = 5;
      const bars = figure.data.length * (figure.data[0].x || []).length;
      // Labels of narrow bars would run into each other.
      if (!across && bars && width / bars < 46) for (const trace of figure.data) delete trace.texttemplate;
    }
    return layout;
  }

  const drawn = [];
  for (const div of document.querySelectorAll(".plot")) {
    const figure = JSON.parse(div.nextElementSibling.textContent);
    const layout = arranged(figure, div.clientWidth);
    div.dayScale = figure.data[0].colorscale;
    drawn.push(
      Plotly.newPlot(div, figure.data, layout, { responsive: true, displayModeBar: false })
        .then(() => recoloured(div))
        .then(() => { div.dataset.drawn = "yes"; }),
    );
  }
  Promise.all(drawn).then(() => { document.body.dataset.drawn = String(drawn.length); });

  dark.addEventListener("change", () => document.querySelectorAll(".plot").forEach(recoloured));

  // Who picks a moment means that moment, whatever range was named before.
  for (const input of document.querySelectorAll("input[data-range]")) {
    input.addEventListener("input", () => { input.form.elements[input.dataset.range].value = "custom"; });
  }
})();
