import { useState } from 'preact/hooks'
import { appearances, choose, chosenAppearance } from '../live/appearance.ts'

const names = { system: 'System', light: 'Light', dark: 'Dark' } as const

/** Selects light, dark, or the appearance of the system. */
export function AppearanceSwitch() {
  const [chosen, set] = useState(chosenAppearance)
  return (
    <select
      class="appearance"
      aria-label="Appearance"
      value={chosen}
      onChange={({ currentTarget }) => {
        const appearance = appearances.find((name) => name === currentTarget.value) ?? 'system'
        choose(appearance)
        set(appearance)
      }}
    >
      {appearances.map((appearance) => (
        <option key={appearance} value={appearance}>
          {names[appearance]}
        </option>
      ))}
    </select>
  )
}
