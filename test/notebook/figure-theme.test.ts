import assert from 'node:assert/strict';
import { JSDOM } from 'jsdom';
import { emotions } from '../../src/core/base';
import { darkColors, emotionColors, type Figure, inks } from '../../src/core/figures';
import { themeScript } from '../../src/notebook/figure';

/** The figure in the colours of a page with this body. */
function themedOn(body: string, figure: Figure): Figure {
  const { window } = new JSDOM(body, { runScripts: 'outside-only' });
  return JSON.parse(
    window.eval(`${themeScript}; JSON.stringify(themed(${JSON.stringify(figure)}))`) as string,
  ) as Figure;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [a, b]
    .map((color) =>
      [1, 3, 5]
        .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, i) => sum + [0.2126, 0.7152, 0.0722][i] * value, 0.05),
    )
    .sort((x, y) => y - x);
  return light / dark;
}

const labDark = '<body data-jp-theme-light="false" style="--jp-layout-color0: #222">';
const scale = [
  [0, '#000004'],
  [1, '#fcfdbf'],
];
const figure: Figure = {
  data: [
    ...emotions.map((emotion) => ({
      type: 'bar',
      x: ['#ffffff'],
      marker: { color: emotionColors[emotion] },
    })),
    { type: 'violin', fillcolor: '#00448859', textfont: { color: '#004488' } },
    { type: 'heatmap', z: [[1, 2]], colorscale: scale },
  ],
  layout: { plot_bgcolor: inks.ground, font: { color: inks.text }, xaxis: { gridcolor: inks.grid } },
};
const colorsOf = ({ data }: Figure): string[] =>
  data.slice(0, emotions.length).map(({ marker }) => marker!.color as string);

describe('the theme of figures', () => {
  it('is dark on dark pages of JupyterLab, Notebook and VS Code, and leaves figures on light pages unchanged', () => {
    for (const body of [
      '<body data-jp-theme-light="false">',
      '<body class="vscode-dark">',
      '<body class="a vscode-high-contrast b">',
    ])
      assert.equal(themedOn(body, figure).layout.plot_bgcolor, darkColors[inks.ground], body);
    for (const body of [
      '<body>',
      '<body data-jp-theme-light="true">',
      '<body class="vscode-light">',
      '<body class="vscode-high-contrast vscode-high-contrast-light">',
    ])
      assert.deepEqual(themedOn(body, figure), figure, body);
  });

  it('uses the ground of the page, on which every emotion has a contrast of 3 : 1', () => {
    const dark = themedOn(labDark, figure);
    assert.equal(dark.layout.plot_bgcolor, '#222222');
    for (const color of colorsOf(dark)) assert.ok(contrast(color, '#222222') >= 3, color);
    assert.equal(new Set(colorsOf(dark)).size, emotions.length);
    // Colours that have enough contrast do not change.
    assert.equal(colorsOf(dark)[emotions.indexOf('happy')], emotionColors.happy.toLowerCase());
  });

  it('makes text light, keeps transparency, data and colour scales', () => {
    const { data, layout } = themedOn(labDark, figure);
    const text = (layout as { font: { color: string } }).font.color;
    assert.ok(contrast(text, '#222222') >= 7);
    assert.deepEqual(data[0].x, ['#ffffff']);
    const violin = data[emotions.length] as { fillcolor?: string; textfont?: { color: string } };
    assert.match(violin.fillcolor!, /^#[\da-f]{6}59$/);
    assert.ok(contrast(violin.textfont!.color, '#222222') >= 4.5);
    assert.deepEqual(data[emotions.length + 1].colorscale, scale);
  });

  it('gives figures without colours of their own a dark ground and light text', () => {
    const { layout } = themedOn('<body class="vscode-dark">', { data: [{ type: 'scatter' }], layout: {} });
    const { template } = layout as { template: { layout: Record<string, unknown> } };
    assert.equal(template.layout.paper_bgcolor, darkColors[inks.ground]);
    assert.deepEqual(template.layout.font, { color: darkColors[inks.text] });
  });
});
