export { type CellHost, cellSignal, type DisplayOptions, type MimeBundle } from './cell-host';
export { display } from './display';
export { escapeHtml } from './escape-html';
export { formatNumber } from './format-number';
export { type AudioOptions } from './audio-bundle';
export { type ShowFigureOptions } from './draw-figure';
export { type LiveCurves, liveCurves } from './live-curves';
export { type LiveDisplay, liveDisplay } from './live-display';
export { type Progress, progress, showProgress } from './progress';
export { showAudio } from './show-audio';
export { showFigure } from './show-figure';
export { showPrediction, type ShowPredictionOptions } from './show-prediction';
export { showTable } from './show-table';
export { showTraining, type TrainingCallbacks } from './show-training';
export { showHtml, showMarkdown } from './show-text';
export { type DataFrameLike, type TableLike, type TableOptions } from './table-bundle';
export { buildLibrary, type BuildResult, isLibraryStale } from './build-library';
export {
  type Cell,
  joinLines,
  type Multiline,
  type Notebook,
  type Output,
  readNotebook,
  writeNotebook,
} from './notebook-file';
export { clearNotebook } from './clear-notebook';
export {
  maxPublishedBytes,
  outputBytes,
  type Publication,
  type PublicationFacts,
  publicationOf,
  publicationProblems,
  publishNotebook,
} from './publish/publication';
export { type Renames } from './publish/reduce-output';
export { sourceSha256 } from './source-sha256';
export { findJupyter, type Jupyter, pythonCommands, venvPython } from './find-jupyter';
export { jupyterLaunch, type Launch } from './jupyter-launch';
export { jupyterPath, kernelDisplayName, kernelName } from './runner/kernel-process';
export {
  type CellEvent,
  type NotebookRun,
  type RunFailure,
  runNotebook,
  type RunOptions,
} from './runner/run-notebook';
export { plotlyFile } from './figure-script';
export { type IndexEntry, renderIndexHtml } from './page/render-index-html';
export { type NotebookPageOptions, notebookTitle, renderNotebookHtml } from './page/render-notebook-html';
export { type PageLink } from './page/render-page';
