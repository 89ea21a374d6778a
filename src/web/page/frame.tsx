import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useViewValue } from './view-state';

/** A tab with its panel. */
export interface Tab {
  id: string;
  title: string;
  panel: ComponentChildren;
}

/**
 * Tabs and their panels. Arrow keys, Home and End move between tabs. All panels stay mounted, so that nothing in them is lost when
 * another one is shown.
 *
 * @see WAI-ARIA Authoring Practices, tabs pattern
 */
export function Tabs({
  tabs,
  selected,
  onSelect,
  label,
}: {
  tabs: readonly Tab[];
  selected: string;
  onSelect: (id: string) => void;
  label: string;
}) {
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === selected);
    const next = {
      ArrowLeft: (at + tabs.length - 1) % tabs.length,
      ArrowRight: (at + 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(tabs[next].id);
    document.getElementById(`tab-${tabs[next].id}`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-controls={`panel-${id}`}
            aria-selected={id === selected}
            tabIndex={id === selected ? 0 : -1}
            onClick={() => {
              onSelect(id);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {tabs.map(({ id, panel }) => (
        <div
          key={id}
          role="tabpanel"
          id={`panel-${id}`}
          aria-labelledby={`tab-${id}`}
          hidden={id !== selected}
          tabIndex={-1}
        >
          {panel}
        </div>
      ))}
    </div>
  );
}

const themes = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** Switch between the light and the dark theme; by default that of the system. */
export function ThemeSwitch() {
  const [theme, setTheme] = useViewValue('theme', 'system');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <label class="field inline">
      <span>Theme</span>
      <select
        value={theme}
        onChange={({ currentTarget }) => {
          setTheme(currentTarget.value);
        }}
      >
        {themes.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

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
