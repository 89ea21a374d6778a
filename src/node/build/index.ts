export { browserFolder, buildBrowser } from './browser';
export { buildLibrary, isLibraryStale } from './library';
export { buildPlotly, plotlyFile } from './plotly';
