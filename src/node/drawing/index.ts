export {
  reducePng,
  renderPng,
  renderSvg,
  saveFigure,
  type PictureSize,
  type PngSize,
  type SaveFigureOptions,
} from './render';
