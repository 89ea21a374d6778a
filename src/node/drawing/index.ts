export { buildPlotly, plotlyFile } from './plotly-file';
export {
  reducePng,
  renderPng,
  renderSvg,
  saveFigure,
  type PictureSize,
  type PngSize,
  type SaveFigureOptions,
} from './render';
