export { type AudioOptions, type HeardMistake, type HeardMistakes, hearMistakes, showAudio, showPrediction, type ShowPredictionOptions } from './recordings';
export { buildLibrary, isLibraryStale } from './build-library';
export { cellSignal, display, type DisplayOptions, type MimeBundle, showHtml, showMarkdown } from './display';
export { clearNotebook, type Notebook, readNotebook, sourceSha256, writeNotebook } from './notebook-file';
export { liveDisplay, type LiveDisplay, plotlyFile, showFigure, type ShowFigureOptions } from './figure';
export { findJupyter, type Jupyter, jupyterLaunch, type Launch, pythonCommands, venvPython } from './jupyter';
export { liveCurves, type LiveCurves } from './live-curves';
export { type IndexEntry, type PageLink, renderIndexHtml } from './page/page';
export { notebookTitle, renderNotebookHtml } from './page/notebook-page';
export { progress, type Progress, showProgress, showTraining, type TrainingCallbacks } from './progress';
export {
  maxPublishedBytes,
  outputBytes,
  publicationOf,
  publicationProblems,
  publishNotebook,
  type PublicationFacts,
} from './publication';
export { jupyterPath, kernelDisplayName, kernelName } from './runner/kernel-process';
export {
  runNotebook,
  type CellEvent,
  type NotebookRun,
  type RunFailure,
  type RunOptions,
} from './runner/run-notebook';
export { type DataFrameLike, showTable, type TableLike, type TableOptions } from './table';
