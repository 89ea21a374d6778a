export { cellSignal, display, showHtml, showMarkdown, type DisplayOptions, type MimeBundle } from './display';
export { liveDisplay, showFigure } from './figure';
export {
  findJupyter,
  hasWidgets,
  jupyterLaunch,
  missingWidgets,
  pythonCommands,
  venvPython,
  type Jupyter,
  type Launch,
} from './jupyter';
export {
  type InstalledKernel,
  installedKernels,
  installKernel,
  jupyterDataFolder,
  removeKernels,
} from './kernel-install';
export { liveCurves, type LiveCurves } from './live-curves';
export { clearNotebook, readNotebook, sourceSha256, writeNotebook, type Notebook } from './notebook-file';
export {
  type FigureSection,
  type IndexEntry,
  type PageLink,
  renderFigurePage,
  renderIndexHtml,
} from './page/page';
export { notebookPicture, notebookQuestion, notebookTitle, renderNotebookHtml } from './page/notebook-page';
export { formatProgress, progress, showProgress, showTraining, terminalBar } from './progress';
export {
  maxPublishedBytes,
  outputBytes,
  publicationOf,
  publicationProblems,
  publishNotebook,
  type PublicationFacts,
} from './publication';
export { loadMistakes, showAudio, showPrediction } from './recordings';
export { jupyterPath, kernelDisplayName, kernelName } from './runner/kernel-process';
export {
  runNotebook,
  type CellEvent,
  type NotebookRun,
  type RunFailure,
  type RunOptions,
} from './runner/run-notebook';
export { bundlesOf, show } from './show';
export { leftOutTable, showTable } from './table';
export {
  button,
  checkbox,
  column,
  type Control,
  type ControlOptions,
  type Controls,
  type ControlValues,
  dropdown,
  progress as progressBar,
  type ProgressHandle,
  row,
  tabs,
  text,
  toggles,
  upload,
  type UploadedFile,
} from './widgets/controls';
export { drillDown, type DrillDownOptions } from './widgets/drill-down';
export { logSlider, play, range, slider } from './widgets/sliders';
export { interact, type Interaction, type InteractOptions, type RenderContext } from './widgets/interact';
export { tune, type Tuning } from './widgets/tune';
