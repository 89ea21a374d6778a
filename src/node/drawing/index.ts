export { reducePng, renderPng, renderSvg, saveFigure } from './render';
