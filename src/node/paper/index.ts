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
