import type { Figure } from '../../core/figures';
import type { Corpora } from '../corpora';
import type { StoredRun } from '../runs';
import type { ChosenRuns } from './choose-runs';
import type { GalleryTable } from './gallery-table';

/** What an item is drawn as: a figure, a table, or the one with the other. */
export type Drawing =
  | {
      figure: Figure;
      /** without its specification, whose numbers would give away more than the picture */
      isPictureOnly?: boolean;
      table?: GalleryTable;
    }
  | { figure?: undefined; isPictureOnly?: undefined; table: GalleryTable };

interface NamedItem {
  /** of its files, without what follows the point */
  name: string;
  /** what it shows, in a few words */
  about: string;
}

/** An item that shows neither recordings nor scores. */
export interface DrawnItem extends NamedItem {
  from: 'nothing';
  draw: () => Drawing;
}

/** An item that shows the recordings. */
export interface ClipItem extends NamedItem {
  from: 'clips';
  /** of whatever is drawn by chance */
  seed?: number;
  draw: (corpora: Corpora) => Drawing | Promise<Drawing>;
}

/** An item that shows what was measured. */
export interface RunItem extends NamedItem {
  from: 'runs';
  /** those of the chosen runs that it shows; a reason where there is none */
  pick: (chosen: ChosenRuns) => StoredRun[] | string;
  /**
   * @param runs - as picked
   * @throws WorkbenchError if a record lacks what is shown, or the runs must not be shown side by side
   */
  draw: (runs: readonly StoredRun[]) => Drawing;
}

/** One figure or table of the gallery. */
export type GalleryItem = DrawnItem | ClipItem | RunItem;
