export { buildLibrary, isLibraryStale } from './library';
export { buildPage } from './page';
export { buildPlotly, plotlyFile } from './plotly';
