import { memo } from 'preact/compat'
import { number } from './format.ts'

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

/** Sections with their rows; each free seat can be chosen. Arrow keys go from seat to seat. */
export function SeatMap({ seats, chosen, onToggle }: SeatMapProps) {
  const sections = Map.groupBy(seats, ({ seat }) => seat.split('-')[0] ?? '')
  return (
    <div class="map">
      {[...sections].map(([section, inSection]) => (
        <fieldset key={section}>
          <legend>
            Section {section} <small>{number(inSection[0]?.price ?? '0')} pt a seat</small>
          </legend>
          {[...Map.groupBy(inSection, ({ seat }) => seat.split('-')[1] ?? '')].map(([row, inRow]) => (
            <div key={row} class="row">
              <span aria-hidden="true">{row}</span>
              {inRow.map(({ seat, status }) => (
                <SeatButton
                  key={seat}
                  seat={seat}
                  status={status}
                  chosen={chosen.includes(seat)}
                  onToggle={onToggle}
                />
              ))}
            </div>
          ))}
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

const SeatButton = memo(
  ({
    seat,
    status,
    chosen,
    onToggle,
  }: {
    seat: string
    status: string
    chosen: boolean
    onToggle(seat: string): void
  }) => {
    const name = names[status] ?? 'free'
    return (
      <button
        type="button"
        class={`seat ${chosen ? 'chosen' : name}`}
        aria-label={`${seat}, ${name}`}
        aria-pressed={chosen}
        title={`${seat}, ${name}`}
        disabled={name !== 'free' && !chosen}
        data-seat={seat}
        onClick={() => onToggle(seat)}
        onKeyDown={moveFocus}
      />
    )
  },
  (before, after) => before.status === after.status && before.chosen === after.chosen,
)

function moveFocus(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  }
  const step = steps[event.key]
  const from = (event.target as HTMLElement).dataset.seat
  if (step === undefined || from === undefined) return
  event.preventDefault()
  const [section = '', row = '', nth = ''] = from.split('-')
  const [down, right] = step
  // Seats that are taken are passed over; past the last one there is none.
  for (let far = 1; far <= 100; far++) {
    const name = `${section}-${Number(row) + down * far}-${Number(nth) + right * far}`
    const next = document.querySelector<HTMLButtonElement>(`[data-seat="${name}"]`)
    if (next === null) return
    if (next.disabled) continue
    next.focus()
    return
  }
}
