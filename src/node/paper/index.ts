export { checkGallery } from './check-gallery';
export type { ChosenRuns } from './choose-runs';
export { claimLedger, type ClaimLedger, formatLedger, type LedgerRow, ledgerRun, type LedgerRun, recordedLedgerRun } from './claim-ledger';
export { pageProblems, refreshPage } from './front-page';
export { galleryItems } from './gallery-items';
export { type GalleryOptions, isCommitted, makeGallery } from './make-gallery';
