import { darkColors, inks } from '../core/figures';

const axis = {
  gridcolor: inks.grid,
  linecolor: inks.axis,
  tickcolor: inks.axis,
  zerolinecolor: inks.axis,
};
/** For figures that leave these colours to Plotly. */
const defaults = {
  paper_bgcolor: inks.ground,
  plot_bgcolor: inks.ground,
  font: { color: inks.text },
  xaxis: axis,
  yaxis: axis,
};

/**
 * Part of the browser script of a figure: `isDark()` returns whether the page is dark, and `themed(figure)` returns the figure in the
 * colours of the page.
 *
 * JupyterLab and Notebook 7 mark their theme in `data-jp-theme-light`, VS Code in the classes of the body. On a dark page, the
 * colours in `darkColors` are replaced, and other colours are mixed with white until they have a contrast of 3 : 1 with the background
 * (text: 4.5 : 1). Other colour scales are not changed. On a light page, the figure is not changed.
 */
export const themeScript = `const isDark = () => document.body.dataset.jpThemeLight === 'false' ||
  (/\\bvscode-(dark|high-contrast)(\\s|$)/.test(document.body.className) &&
    !document.body.classList.contains('vscode-high-contrast-light'));
const themed = (figure) => {
  if (!isDark()) return figure;
  const style = getComputedStyle(document.body);
  const own = ['--jp-layout-color0', '--vscode-editor-background'].map((name) => style.getPropertyValue(name).trim());
  const ground = own.map((color) => color.replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')).find((color) => /^#[\\da-f]{6}$/i.test(color));
  const roles = ${JSON.stringify(darkColors)};
  if (ground) roles['${inks.ground}'] = ground;
  const back = roles['${inks.ground}'];
  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const light = (color) => channels(color)
    .map((value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + [0.2126, 0.7152, 0.0722][i] * value, 0.05);
  const mixed = (color, share) => '#' + channels(color)
    .map((value) => Math.round(value + share * (255 - value)).toString(16).padStart(2, '0')).join('');
  const readable = (color, contrast) => {
    let share = 0;
    while (share < 1 && light(mixed(color, share)) < contrast * light(back)) share += 0.05;
    return mixed(color, share);
  };
  const skipped = new Set(['x', 'y', 'z', 'text', 'customdata', 'hovertext', 'hovertemplate', 'ticktext', 'tickvals']);
  const convert = (value, key, contrast) => {
    if (skipped.has(key)) return value;
    if (typeof value === 'string') {
      const [, color, alpha] = /^(#[\\da-f]{6})([\\da-f]{2})?$/i.exec(value) || [];
      if (!color) return value;
      return (roles[color.toLowerCase()] || (contrast ? readable(color, contrast) : color)) + (alpha || '');
    }
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    const inside = key === 'colorscale' ? 0 : /font$/.test(key) ? 4.5 : contrast;
    if (Array.isArray(value)) return value.map((item) => convert(item, '', inside));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item, name, inside)]));
  };
  const [data, layout, template] = [figure.data, figure.layout, ${JSON.stringify({ layout: defaults })}].map((part) => convert(part, '', 3));
  return { data, layout: { template, ...layout } };
};`;
