import { expect } from 'chai'
import fc from 'fast-check'
import { createPlace } from './place.ts'
import { createPlaces } from './places.ts'
import { AdmissionError, type CallClass } from './refusal.ts'
import { knownAs } from './token-gate.ts'
import { createTurns } from './turns.ts'

const many = { perProcess: 4, perCaller: 3 }
const limits = { call: many, stream: many, anonymous_call: many, anonymous_stream: many }

describe('the place of a call', () => {
  it('is taken until its work has ended, also when its caller has left', async () => {
    const { enter, places } = setUp()
    const place = enter('ada')
    const leaving = new AbortController()
    let finish: () => void = () => undefined
    const work = place.run(leaving.signal, () => new Promise<void>((resolve) => (finish = resolve)))
    leaving.abort(new Error('left'))
    place.close()
    expect(places.inFlight('call')).to.equal(1)
    finish()
    await work
    expect(places.inFlight('call')).to.equal(0)
  })

  it('is taken until its answer has been taken, also when its work has ended', async () => {
    const { enter, places, turns } = setUp()
    const place = enter('ada')
    await place.run(new AbortController().signal, () => undefined)
    expect([turns.runningUnits, places.inFlight('call')]).to.deep.equal([0, 1])
    place.close()
    place.close()
    expect(places.inFlight('call')).to.equal(0)
  })

  it('gives its turn to other calls while it only waits, and only once', async () => {
    const { enter, turns } = setUp()
    const place = enter('ada')
    await place.run(new AbortController().signal, () => {
      place.yieldTurn()
      place.yieldTurn()
      expect(turns.runningUnits).to.equal(0)
    })
    expect(turns.runningUnits).to.equal(0)
  })

  it('is refused with the bound that it exceeds', () => {
    const { enter } = setUp()
    for (let nth = 0; nth < 3; nth++) enter('ada')
    expect(boundOf(() => enter('ada'))).to.equal('calls_per_caller')
    enter('bob')
    expect(boundOf(() => enter('bob'))).to.equal('calls_per_process')
  })

  it('is freed on every path: begin, end, throw, cancel, in any order', async () => {
    const step = fc.record({
      caller: fc.constantFrom('a', 'b', 'c'),
      ends: fc.constantFrom('returns', 'throws', 'is cancelled', 'yields', 'never works'),
      closesAfter: fc.nat(4),
      worksFor: fc.nat(4),
      bytes: fc.nat(100),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { enter, places, turns, held } = setUp()
        await Promise.all(
          steps.map(async ({ caller, ends, closesAfter, worksFor, bytes }) => {
            let place: ReturnType<typeof enter>
            try {
              place = enter(caller)
            } catch {
              return
            }
            const leaving = new AbortController()
            const work = async (): Promise<void> => {
              if (ends === 'yields') place.yieldTurn()
              for (let tick = 0; tick < worksFor; tick++) await Promise.resolve()
              if (ends === 'throws') throw new Error('a defect')
              place.hold(bytes)
            }
            const worked =
              ends === 'never works' ? undefined : place.run(leaving.signal, work).catch(() => undefined)
            for (let tick = 0; tick < closesAfter; tick++) await Promise.resolve()
            if (ends === 'is cancelled') leaving.abort(new Error('left'))
            else await worked
            place.close()
            await worked
          }),
        )
        expect([places.inFlight('call'), turns.runningUnits, turns.waiting, held()]).to.deep.equal([
          0, 0, 0, 0,
        ])
      }),
      { numRuns: 300 },
    )
  })
})

function setUp() {
  const places = createPlaces<CallClass>(limits)
  const turns = createTurns({ unitsMax: 2, unitsPerKeyMax: 1 })
  let bytesHeld = 0
  const hold = (bytes: number) => {
    bytesHeld += bytes
    return () => {
      bytesHeld -= bytes
    }
  }
  return {
    places,
    turns,
    held: () => bytesHeld,
    enter(name: string) {
      const caller = knownAs(name)
      places.enter('call', caller.key, () => false)
      return createPlace({ callClass: 'call', caller, units: 1, places, turns, hold })
    },
  }
}

function boundOf(enter: () => unknown): string {
  try {
    enter()
  } catch (error) {
    if (error instanceof AdmissionError) return error.bound
  }
  return 'let in'
}
