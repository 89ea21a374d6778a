import { useEffect } from 'preact/hooks';
import { useViewValue } from './view-state';

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
