export const appearances = ['system', 'light', 'dark'] as const
export type Appearance = (typeof appearances)[number]

const storageKey = 'boxoffice-appearance'

/** As it was chosen in this browser; as the system has it until then. */
export function chosenAppearance(): Appearance {
  const stored = localStorage.getItem(storageKey)
  return appearances.find((one) => one === stored) ?? 'system'
}

/** Remembers what was chosen, and shows it. */
export function choose(appearance: Appearance): void {
  localStorage.setItem(storageKey, appearance)
  applyAppearance()
}

/** Every colour is given for light and for dark, and the style says which of them counts. */
export function applyAppearance(): void {
  document.documentElement.dataset.appearance = chosenAppearance()
}
