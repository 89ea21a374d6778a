/** The timers of TypeScript's watching host; the time is left out, as tslab runs them itself. */
export interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
}

/**
 * Makes one timer of any number. TypeScript has one that builds the program anew, and another that looks for modules again when
 * folders change: packages that are installed while a notebook is open. tslab has room for one, which it runs at the next cell, and
 * fails for good with "Unexpected pending rebuildTimer" when there is a second.
 *
 * @param timers - with room for one
 */
export function joinTimers(timers: Timers): Timers {
  const pending = new Set<() => void>();
  let isSet = false;
  const runAll = (): void => {
    // Those that are set meanwhile run as well.
    for (const callback of pending) {
      pending.delete(callback);
      callback();
    }
    isSet = false;
  };
  return {
    setTimeout: (callback) => {
      pending.add(callback);
      if (!isSet) timers.setTimeout(runAll);
      isSet = true;
      return callback;
    },
    clearTimeout: (timer) => {
      pending.delete(timer as () => void);
    },
  };
}
