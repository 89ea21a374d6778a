import { SingleBar } from 'cli-progress';

/** Shows how far long work is, where not even its size need be known at the start. */
export interface TerminalProgress {
  /** `label` names the step: a new one starts a new count */
  update: (label: string, done: number, total: number | undefined, unit: 'bytes' | 'files') => void;
  /** a line that stays */
  note: (text: string) => void;
  stop: () => void;
}

/**
 * A bar on a terminal; in a log, a line every half a minute.
 *
 * @param options.everySec - in a log, at most one line in so long
 */
export function terminalProgress({
  stream = process.stderr,
  everySec = 30,
}: { stream?: NodeJS.WritableStream & { isTTY?: boolean }; everySec?: number } = {}): TerminalProgress {
  return stream.isTTY ? onTerminal(stream) : inLog(stream, everySec);
}

function onTerminal(stream: NodeJS.WritableStream): TerminalProgress {
  const bar = new SingleBar({
    format: '{label} [{bar}] {amount}',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream,
  });
  let current: string | undefined;
  const stop = () => {
    bar.stop();
    current = undefined;
  };
  return {
    update: (label, done, total, unit) => {
      const payload = { label, amount: amountText(done, total, unit) };
      if (label !== current) {
        stop();
        // A bar of unknown length stays empty; its text counts.
        bar.start(total ?? Number.MAX_SAFE_INTEGER, done, payload);
        current = label;
      }
      if (total !== undefined) bar.setTotal(total);
      bar.update(done, payload);
    },
    note: (text) => {
      stop();
      stream.write(`${text}\n`);
    },
    stop,
  };
}

function inLog(stream: NodeJS.WritableStream, everySec: number): TerminalProgress {
  let shownAt = performance.now(); // short work needs no line
  return {
    update: (label, done, total, unit) => {
      const now = performance.now();
      if (now - shownAt < everySec * 1000) return;
      shownAt = now;
      stream.write(`${label}: ${amountText(done, total, unit)}\n`);
    },
    note: (text) => {
      stream.write(`${text}\n`);
    },
    stop: () => undefined,
  };
}

/** `12.0 of 208.5 MB` or `1,028 of 12,162`; 1 MB is 10^6 bytes. */
export function amountText(done: number, total: number | undefined, unit: 'bytes' | 'files'): string {
  const show = (value: number) =>
    unit === 'bytes' ? (value / 1e6).toFixed(1) : value.toLocaleString('en-US');
  return `${show(done)}${total === undefined ? '' : ` of ${show(total)}`}${unit === 'bytes' ? ' MB' : ''}`;
}
