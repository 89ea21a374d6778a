import { useEffect, useState } from 'preact/hooks';

/** The state of the view is in the fragment of the address, for example `#tab=files&threshold=0.6`, so that a link restores it. */
const current = (): URLSearchParams => new URLSearchParams(location.hash.slice(1));

const listeners = new Set<() => void>();
const notify = (): void => {
  for (const listener of listeners) listener();
};
addEventListener('hashchange', notify);

/** A value of the view state; undefined if the address does not contain it. */
export function viewValue(key: string): string | undefined {
  return current().get(key) ?? undefined;
}

/**
 * Changes the view state.
 *
 * @param value - undefined removes it
 * @param options.isNewEntry - the browser's Back button returns to the former state; default no
 */
export function setViewValue(
  key: string,
  value: string | undefined,
  { isNewEntry = false }: { isNewEntry?: boolean } = {},
): void {
  const state = current();
  if (value === undefined) state.delete(key);
  else state.set(key, value);
  const text = state.toString();
  const address = `${location.pathname}${location.search}${text === '' ? '' : `#${text}`}`;
  if (isNewEntry) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  notify();
}

/** A value of the view state, and its setter. The component is drawn again when it changes. Setting the default removes it. */
export function useViewValue(
  key: string,
  defaultValue: string,
  options: { isNewEntry?: boolean } = {},
): [string, (value: string) => void] {
  const [value, setValue] = useState(() => viewValue(key) ?? defaultValue);
  useEffect(() => {
    const update = (): void => {
      setValue(viewValue(key) ?? defaultValue);
    };
    update();
    listeners.add(update);
    return () => {
      listeners.delete(update);
    };
  }, [key, defaultValue]);
  return [
    value,
    (next) => {
      setViewValue(key, next === defaultValue ? undefined : next, options);
    },
  ];
}

/** Like {@link useViewValue} for an option that is on or off; off by default. */
export function useViewFlag(key: string): [boolean, (value: boolean) => void] {
  const [value, setValue] = useViewValue(key, '0');
  return [
    value === '1',
    (isOn) => {
      setValue(isOn ? '1' : '0');
    },
  ];
}
