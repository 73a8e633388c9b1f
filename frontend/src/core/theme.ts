/** The theme: the device's setting, or the choice stored in this browser. */

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const STORED_AS = 'alarm-panel-theme';

export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED_AS);
  return themes.find((theme) => theme === stored) ?? 'auto';
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORED_AS, theme);
  applyTheme(theme);
}

/** `color-scheme` is what the `light-dark()` colours depend on. */
export function applyTheme(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === 'auto' ? '' : theme;
}
