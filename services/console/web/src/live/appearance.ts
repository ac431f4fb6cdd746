export const appearances = ['system', 'light', 'dark'] as const
export type Appearance = (typeof appearances)[number]

const storageKey = 'boxoffice-appearance'

/** The appearance that was chosen in this browser; until then, that of the system. */
export function chosenAppearance(): Appearance {
  const stored = localStorage.getItem(storageKey)
  return appearances.find((appearance) => appearance === stored) ?? 'system'
}

/** Stores the choice and applies it. */
export function choose(appearance: Appearance): void {
  localStorage.setItem(storageKey, appearance)
  applyAppearance()
}

/** Applies the chosen appearance: the style has every colour for light and for dark, and selects by this attribute. */
export function applyAppearance(): void {
  document.documentElement.dataset.appearance = chosenAppearance()
}
