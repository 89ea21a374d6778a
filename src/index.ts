export { projectRoot } from './paths';
export {
  type AudioOptions,
  cellSignal,
  type DataFrameLike,
  display,
  type DisplayOptions,
  type LiveDisplay,
  liveDisplay,
  type MimeBundle,
  type Progress,
  progress,
  showAudio,
  showFigure,
  type ShowFigureOptions,
  showHtml,
  showMarkdown,
  showTable,
  type TableLike,
  type TableOptions,
} from './notebook';
export type { Figure } from './figures';
