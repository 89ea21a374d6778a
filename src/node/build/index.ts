export { buildLibrary, isLibraryStale } from './library';
export { buildPage } from './browser';
export { buildPlotly, plotlyFile } from './plotly';
