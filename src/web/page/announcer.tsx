import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Minimum time between announcements, ms. */
const quietMs = 1000;

/**
 * A live region for screen readers.
 *
 * @returns the text to put into the region, and a function that changes it at most once a second, keeping the last text
 */
export function useAnnouncer(): [string, (text: string) => void] {
  const [text, setText] = useState('');
  const state = useRef<{ lastMs: number; timer?: ReturnType<typeof setTimeout> }>({ lastMs: -Infinity });
  useEffect(
    () => () => {
      clearTimeout(state.current.timer);
    },
    [],
  );
  const announce = useCallback((next: string): void => {
    const own = state.current;
    clearTimeout(own.timer);
    own.timer = setTimeout(
      () => {
        own.lastMs = performance.now();
        setText(next);
      },
      Math.max(0, own.lastMs + quietMs - performance.now()),
    );
  }, []);
  return [text, announce];
}
