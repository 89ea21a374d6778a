export { claimLedger, formatLedger, ledgerRun, recordedLedgerRun } from './claim-ledger';
export type { FigureRuns } from './figure-runs';
export { checkGallery, galleryItems, isCommitted, makeGallery, type GalleryOptions } from './gallery';
export { galleryPages, pageProblems, refreshPage } from './gallery-pages';
