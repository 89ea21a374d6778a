export { reducePng } from './reduce-png';
export { renderPng, type PngSize } from './render-png';
export { renderSvg, type PictureSize } from './render-svg';
export { saveFigure, type SaveFigureOptions } from './save-figure';
