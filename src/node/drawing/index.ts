export { fontFamily } from './fonts';
export { reducePng } from './reduce-png';
export { type PngSize, renderPng } from './render-png';
export { type PictureSize, renderSvg } from './render-svg';
export { saveFigure, type SaveFigureOptions } from './save-figure';
