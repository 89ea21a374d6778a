export type { AudioOptions } from './audio-bundle';
export { buildLibrary, isLibraryStale } from './build-library';
export { cellSignal, type DisplayOptions, type MimeBundle } from './cell-host';
export { clearNotebook } from './clear-notebook';
export { display } from './display';
export type { ShowFigureOptions } from './draw-figure';
export { plotlyFile } from '../node/drawing';
export { findJupyter, pythonCommands, venvPython, type Jupyter } from './find-jupyter';
export { hearMistakes, type HeardMistake, type HeardMistakes } from './hear-mistakes';
export { jupyterLaunch, type Launch } from './jupyter-launch';
export { liveCurves, type LiveCurves } from './live-curves';
export { liveDisplay, type LiveDisplay } from './live-display';
export { readNotebook, writeNotebook, type Notebook } from './notebook-file';
export { renderIndexHtml, type IndexEntry } from './page/render-index-html';
export { notebookTitle, renderNotebookHtml } from './page/render-notebook-html';
export type { PageLink } from './page/render-page';
export { progress, showProgress, type Progress } from './progress';
export {
  maxPublishedBytes,
  outputBytes,
  publicationOf,
  publicationProblems,
  publishNotebook,
  type PublicationFacts,
} from './publish/publication';
export { jupyterPath, kernelDisplayName, kernelName } from './runner/kernel-process';
export {
  runNotebook,
  type CellEvent,
  type NotebookRun,
  type RunFailure,
  type RunOptions,
} from './runner/run-notebook';
export { showAudio } from './show-audio';
export { showFigure } from './show-figure';
export { showPrediction, type ShowPredictionOptions } from './show-prediction';
export { showTable } from './show-table';
export { showHtml, showMarkdown } from './show-text';
export { showTraining, type TrainingCallbacks } from './show-training';
export { sourceSha256 } from './source-sha256';
export type { DataFrameLike, TableLike, TableOptions } from './table-bundle';
