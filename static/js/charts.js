/* Draws the figures that a page carries as JSON (json_script) with ECharts, on desk pages. The table beside says the
   same; this file may fail and nothing is lost. No eval, no styles written into the page. */
const style = window.getComputedStyle(document.documentElement);
const shade = (position) => style.getPropertyValue(`--shade-${position + 1}`).trim() || "#5b6b7f";
const ink = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;

function bars(data) {
  const totals = data.places.map((_, place) =>
    data.series.reduce((sum, series) => sum + series.values[place], 0),
  );
  const widest = Math.max.apply(null, totals) || 1;
  const quiet = ink("--muted", "#5a6675");
  return {
    animation: false,
    textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 40, top: 4, bottom: 4, containLabel: true },
    xAxis: {
      type: "value",
      minInterval: 1,
      axisLabel: { color: quiet },
      splitLine: { lineStyle: { color: "#e6eaef" } },
    },
    yAxis: {
      type: "category",
      data: data.places,
      inverse: true,
      axisTick: { show: false },
      axisLabel: { color: "#24313f" },
    },
    series: data.series
      .map((series, position) => {
        const isLast = position === data.series.length - 1;
        return {
          type: "bar",
          stack: "all",
          name: series.name,
          barMaxWidth: 18,
          itemStyle: { color: shade(position) },
          data: series.values.map((value) => value || (isLast ? 0 : "-")),
          label: {
            show: true,
            color: "#fff",
            fontSize: 11,
            formatter: (cell) => (cell.value / widest > 0.05 ? String(cell.value) : ""),
          },
        };
      })
      .concat([
        {
          // The sum at the end of a bar: a stacked part without length.
          type: "bar",
          stack: "all",
          data: totals.map(() => 0),
          silent: true,
          label: {
            show: true,
            position: "right",
            color: "#24313f",
            formatter: (cell) => String(totals[cell.dataIndex]),
          },
        },
      ]),
  };
}

function draw(area) {
  const data = JSON.parse(document.getElementById(area.dataset.source).textContent);
  area.style.height = `${Math.max(120, data.places.length * 28 + 36)}px`;
  const chart = window.echarts.init(area);
  chart.setOption(bars(data));
  const resize = () => {
    chart.resize();
  };
  window.addEventListener("resize", resize);
  window.addEventListener("beforeprint", resize);
  window.addEventListener("afterprint", resize);
}

if (window.echarts) document.querySelectorAll("[data-chart] .chart-area").forEach(draw);
