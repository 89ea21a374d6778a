import { WorkbenchError } from '../../../core/base';

/** A download that did not work out. `retryable` says whether the same request may succeed later. */
export class DownloadError extends WorkbenchError {
  override name = 'DownloadError';
  readonly retryable: boolean;
  /** how long the server asks to wait */
  readonly retryAfterSec?: number;

  constructor(
    message: string,
    { retryable = false, retryAfterSec }: { retryable?: boolean; retryAfterSec?: number } = {},
  ) {
    super(message);
    this.retryable = retryable;
    this.retryAfterSec = retryAfterSec;
  }
}
