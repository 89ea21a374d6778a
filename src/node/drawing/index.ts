export { type PictureSize, type PngSize, reducePng, renderPng, renderSvg, saveFigure, type SaveFigureOptions } from './render';
