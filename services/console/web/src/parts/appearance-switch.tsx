import { useState } from 'preact/hooks'
import { appearances, choose, chosenAppearance } from '../live/appearance.ts'

const names = { system: 'System', light: 'Light', dark: 'Dark' } as const

/** Light, dark, or as the system has it. */
export function AppearanceSwitch() {
  const [chosen, set] = useState(chosenAppearance)
  return (
    <select
      class="appearance"
      aria-label="Appearance"
      value={chosen}
      onChange={({ currentTarget }) => {
        const appearance = appearances.find((one) => one === currentTarget.value) ?? 'system'
        choose(appearance)
        set(appearance)
      }}
    >
      {appearances.map((one) => (
        <option key={one} value={one}>
          {names[one]}
        </option>
      ))}
    </select>
  )
}
