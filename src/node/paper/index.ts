export { claimLedger, formatLedger, ledgerRun, recordedLedgerRun } from './claim-ledger';
export type { FigureRuns } from './figure-runs';
export {
  checkGallery,
  galleryItems,
  galleryPages,
  isCommitted,
  makeGallery,
  pageProblems,
  refreshPage,
  type GalleryOptions,
} from './gallery';
export {
  type PublishedPlaces,
  type PublishedResults,
  reproductionInputs,
  reproductionTargets,
} from './published-results';
export { type PlannedResult, planReproduction } from './plan-reproduction';
export { type ComparedResult, compareWithPublished, reproduce, type ReproducedResult } from './reproduce';
