"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

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

  function arranged(figure, narrow) {
    const layout = figure.layout;
    const type = figure.data[0].type;
    layout.autosize = true;
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
    layout.hoverlabel = { font: {} };
    layout.margin = { l: 8, r: 10, t: layout.showlegend || layout.annotations ? 30 : 8, b: 8, pad: 2 };
    layout.legend = { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: { size: 12 } };
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
    }
    return layout;
  }

  const drawn = [];
  for (const div of document.querySelectorAll(".plot")) {
    const figure = JSON.parse(div.nextElementSibling.textContent);
    const layout = arranged(figure, div.clientWidth < 480);
    if (figure.data[0].type === "pie") figure.data[0].marker.line.color = colour("--card");
    drawn.push(
      Plotly.newPlot(div, figure.data, layout, { responsive: true, displayModeBar: false })
        .then(() => Plotly.relayout(div, theme(layout)))
        .then(() => { div.dataset.drawn = "yes"; }),
    );
  }
  Promise.all(drawn).then(() => { document.body.dataset.drawn = String(drawn.length); });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const div of document.querySelectorAll(".plot")) Plotly.relayout(div, theme(div.layout));
  });

  // Who picks a moment means that moment, whatever range was named before.
  for (const input of document.querySelectorAll("input[data-range]")) {
    input.addEventListener("input", () => { input.form.elements[input.dataset.range].value = "custom"; });
  }
})();
