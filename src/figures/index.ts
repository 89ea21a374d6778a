export type { Annotation, Attributes, Axis, Figure, Layout, Title, Trace, Values } from './figure';
export { renderPng, type PngSize } from './render-png';
export { renderSvg, type PictureSize } from './render-svg';
