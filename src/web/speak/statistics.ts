import { median, quantile } from '../../core/base';
import type { LiveWindow } from '../worker/protocol';

/** Number of windows that the statistics cover: the last minute. */
const most = 240;

/** Times of the last live predictions, ms. */
export interface LiveTimes {
  windows: number;
  compute: { median: number; p95: number };
  /** from the arrival of the last sample of a window to its display */
  display: { median: number; p95: number };
}

/** Collects the times of live predictions. */
export class LiveStatistics {
  private readonly compute: number[] = [];
  private readonly display: number[] = [];
  private count = 0;

  /** @param shownMs - when the prediction was displayed, ms since 1970 */
  add({ computeMs, arrivedMs }: LiveWindow, shownMs: number): void {
    this.count++;
    this.compute.push(computeMs);
    this.display.push(shownMs - arrivedMs);
    for (const times of [this.compute, this.display]) if (times.length > most) times.shift();
  }

  /** undefined before the first prediction */
  get times(): LiveTimes | undefined {
    if (this.count === 0) return undefined;
    const summary = (values: readonly number[]) => {
      const sorted = [...values].sort((a, b) => a - b);
      return { median: median(sorted), p95: quantile(sorted, 0.95) };
    };
    return { windows: this.count, compute: summary(this.compute), display: summary(this.display) };
  }
}
