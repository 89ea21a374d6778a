export { checkGallery } from './check-gallery';
export {
  type ChooseRunsOptions,
  type ChosenRuns,
  chooseRuns,
  findRuns,
  type FoundRun,
  modelDifferences,
} from './choose-runs';
export { pageProblems, refreshPage } from './front-page';
export type { ClipItem, Drawing, DrawnItem, GalleryItem, RunItem } from './gallery-item';
export { galleryItems } from './gallery-items';
export { galleryTable, type GalleryTable, type TableCaption } from './gallery-table';
export { type GalleryOptions, type MadeGallery, isCommitted, makeGallery, recordsIn } from './make-gallery';
export type { CorporaFacts, RecordFacts, Sidecar } from './sidecar';
