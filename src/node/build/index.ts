export { buildLibrary, isLibraryStale } from './library';
export { buildPlotly, plotlyFile } from './plotly';
