import { memo } from 'preact/compat'
import { useState } from 'preact/hooks'
import { number } from './format.ts'
import { seatAt } from './seat-at.ts'

export interface Seat {
  /** `A-1-12`: section, row, number. */
  readonly seat: string
  readonly price: string
  readonly status: string
}

interface SeatMapProps {
  readonly seats: readonly Seat[]
  readonly chosen: readonly string[]
  onToggle(seat: string): void
}

/**
 * Shows sections with their rows; each free seat can be chosen. The Tab key stops at one seat of the whole house,
 * because it may have thousands. The arrow keys go from seat to seat.
 */
export function SeatMap({ seats, chosen, onToggle }: SeatMapProps) {
  const [last, setLast] = useState<string>()
  const sections = Map.groupBy(seats, ({ seat }) => seat.split('-')[0] ?? '')
  const shown = seats.map(({ seat, status }) => ({
    seat,
    isOpen: nameOf(status) === 'free' || chosen.includes(seat),
  }))
  // The Tab key stops at the last focused seat or, if that has been taken since, at the next open one.
  const at = shown.findIndex(({ seat }) => seat === last)
  const stop = shown.find(({ isOpen }, index) => isOpen && index >= at) ?? shown.find(({ isOpen }) => isOpen)
  const move = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const next = seatAt(event.key, seatOf(event.target) ?? '', shown)
    if (next === undefined) return
    event.preventDefault()
    document.querySelector<HTMLButtonElement>(`[data-seat="${next}"]`)?.focus()
  }
  return (
    <div class="map">
      {[...sections].map(([section, inSection]) => (
        <fieldset key={section}>
          <legend>
            Section {section} <small>{number(inSection[0]?.price ?? '0')} pt a seat</small>
          </legend>
          <table
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys go from cell to cell
            role="grid"
            aria-label={`Seats of section ${section}`}
            onKeyDown={move}
            onFocusIn={({ target }) => setLast(seatOf(target))}
          >
            <tbody>
              {[...Map.groupBy(inSection, ({ seat }) => seat.split('-')[1] ?? '')].map(([row, inRow]) => (
                <tr key={row}>
                  <th scope="row">
                    <span class="hidden">Row </span>
                    {row}
                  </th>
                  {inRow.map(({ seat, status }) => (
                    <SeatButton
                      key={seat}
                      seat={seat}
                      status={status}
                      chosen={chosen.includes(seat)}
                      isStop={seat === stop?.seat}
                      onToggle={onToggle}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </fieldset>
      ))}
    </div>
  )
}

const names: Readonly<Record<string, string>> = {
  SEAT_STATUS_AVAILABLE: 'free',
  SEAT_STATUS_HELD: 'held',
  SEAT_STATUS_SOLD: 'sold',
}

function nameOf(status: string): string {
  return names[status] ?? 'free'
}

function seatOf(target: EventTarget | null): string | undefined {
  return target instanceof HTMLElement ? target.dataset.seat : undefined
}

const SeatButton = memo(
  ({
    seat,
    status,
    chosen,
    isStop,
    onToggle,
  }: {
    seat: string
    status: string
    chosen: boolean
    isStop: boolean
    onToggle(seat: string): void
  }) => {
    const name = nameOf(status)
    return (
      <td>
        <button
          type="button"
          class={`seat ${chosen ? 'chosen' : name}`}
          aria-label={`${seat}, ${name}`}
          aria-pressed={chosen}
          title={`${seat}, ${name}`}
          disabled={name !== 'free' && !chosen}
          tabIndex={isStop ? 0 : -1}
          data-seat={seat}
          onClick={() => onToggle(seat)}
        />
      </td>
    )
  },
  (before, after) =>
    before.status === after.status && before.chosen === after.chosen && before.isStop === after.isStop,
)
