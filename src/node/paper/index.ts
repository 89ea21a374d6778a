export { checkGallery } from './check-gallery';
export type { ChosenRuns } from './choose-runs';
export {
  claimLedger,
  formatLedger,
  ledgerRun,
  recordedLedgerRun,
  type ClaimLedger,
  type LedgerRow,
  type LedgerRun,
} from './claim-ledger';
export { pageProblems, refreshPage } from './front-page';
export { galleryItems } from './gallery-items';
export { isCommitted, makeGallery, type GalleryOptions } from './make-gallery';
