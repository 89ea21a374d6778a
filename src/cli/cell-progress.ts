import type { CellEvent } from '../notebook';

/** Shows how far a notebook is. */
export interface CellProgress {
  onCell(event: CellEvent): void;
  /** ends the live line, if there is one */
  stop(): void;
}

/**
 * On a terminal one line that changes; in a log a line for each cell, with its time.
 *
 * @param options.columns - the longest line, in characters
 */
export function cellProgress(
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number } = process.stdout,
): CellProgress {
  const isLive = stream.isTTY ?? false;
  const width = isLive ? (stream.columns ?? 80) - 1 : 100;
  const clear = isLive ? '\r\u001b[2K' : '';
  return {
    onCell: (event) => {
      if (isLive) stream.write(clear + line(event, width));
      else if (event.state !== 'started') stream.write(`${line(event, width)}\n`);
    },
    stop: () => {
      stream.write(clear);
    },
  };
}

function line({ state, number, total, source, durationSec }: CellEvent, width: number): string {
  const first = source.split('\n').find((text) => text.trim() !== '' && !text.trim().startsWith('//')) ?? '';
  const end =
    state === 'started' ? '…' : `${durationSec.toFixed(1)} s${state === 'failed' ? '  FAILED' : ''}`;
  const start = `  [${number}/${total}] `;
  const room = width - start.length - end.length - 2;
  const excerpt = first.length > room ? `${first.slice(0, room - 1)}…` : first.padEnd(room);
  return `${start}${excerpt}  ${end}`;
}
