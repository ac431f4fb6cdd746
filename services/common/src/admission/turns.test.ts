import { expect } from 'chai'
import fc from 'fast-check'
import { createTurns } from './turns.ts'

const never = new AbortController().signal

describe('turns', () => {
  it('begin at once while units are free, for the caller and in total', () => {
    const turns = createTurns({ unitsMax: 8, unitsPerKeyMax: 4 })
    expect(turns.take('ada', 4, never)).to.equal(undefined)
    expect(turns.take('bob', 4, never)).to.equal(undefined)
    expect(turns.runningUnits).to.equal(8)
  })

  it('rotate over the callers, however many calls one of them has waiting', async () => {
    const turns = createTurns({ unitsMax: 2, unitsPerKeyMax: 2 })
    const began: string[] = []
    const ask = (key: string): void =>
      void turns.take(key, 1, never)?.then(() => {
        began.push(key)
        turns.give(key, 1)
      })
    turns.take('ada', 2, never)
    for (let nth = 0; nth < 50; nth++) ask('ada')
    ask('bob')
    ask('eve')
    turns.give('ada', 2)
    await settled()
    expect(began).to.have.length(52)
    expect(began.slice(0, 4)).to.have.members(['ada', 'bob', 'eve', 'ada'])
  })

  it('leave units for others when one caller has its limit', () => {
    const turns = createTurns({ unitsMax: 8, unitsPerKeyMax: 4 })
    turns.take('ada', 4, never)
    void turns.take('ada', 1, never)
    expect(turns.take('bob', 4, never)).to.not.equal(undefined, 'it waits in the rotation')
    expect([turns.runningUnits, turns.waiting]).to.deep.equal([8, 1])
  })

  it('keep cheap calls behind an expensive one that is next, which would never begin otherwise', async () => {
    const turns = createTurns({ unitsMax: 8, unitsPerKeyMax: 8 })
    const began: string[] = []
    turns.take('ada', 4, never)
    const expensive = turns.take('bob', 8, never)?.then(() => began.push('bob'))
    const cheap = turns.take('eve', 1, never)?.then(() => began.push('eve'))
    await settled()
    expect(began).to.deep.equal([])
    turns.give('ada', 4)
    await expensive
    turns.give('bob', 8)
    await cheap
    expect(began).to.deep.equal(['bob', 'eve'])
  })

  it('are given up when the caller leaves', async () => {
    const turns = createTurns({ unitsMax: 1, unitsPerKeyMax: 1 })
    const leaving = new AbortController()
    turns.take('ada', 1, never)
    const turn = turns.take('bob', 1, leaving.signal)
    leaving.abort(new Error('left'))
    expect(await turn?.catch((error: Error) => error.message)).to.equal('left')
    expect(turns.waiting).to.equal(0)
  })

  it('are refused to the newest waiter of the longest line, and only if that is longer than the given length', async () => {
    const turns = createTurns({ unitsMax: 1, unitsPerKeyMax: 1 })
    turns.take('ada', 1, never)
    const outcome = (key: string): Promise<string> =>
      turns.take(key, 1, never)?.then(
        () => 'began',
        (reason: string) => reason,
      ) ?? expect.fail('it began at once')
    const [, second] = [outcome('ada'), outcome('ada')]
    void outcome('bob')
    expect(turns.refuseLongest(2, 'too many')).to.equal(false)
    expect(turns.refuseLongest(1, 'too many')).to.equal(true)
    expect(await second).to.equal('too many')
    expect(turns.waiting).to.equal(2)
  })

  it('never exceed their limits, let every call begin, and leave nothing behind', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      units: fc.integer({ min: 1, max: 9 }),
      ends: fc.constantFrom('returns', 'throws', 'is cancelled', 'is refused'),
      afterTicks: fc.integer({ min: 0, max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const turns = createTurns({ unitsMax: 8, unitsPerKeyMax: 5 })
        const running = new Map<string, number>()
        await Promise.all(
          steps.map(async ({ key, units, ends, afterTicks }) => {
            const leaving = new AbortController()
            const counted = Math.min(units, 5)
            try {
              const turn = turns.take(key, units, leaving.signal)
              for (let tick = 0; tick < afterTicks; tick++) await Promise.resolve()
              if (ends === 'is cancelled') leaving.abort(new Error('left'))
              if (ends === 'is refused') turns.refuseLongest(0, new Error('refused'))
              await turn
            } catch {
              return
            }
            running.set(key, (running.get(key) ?? 0) + counted)
            expect(running.get(key)).to.be.at.most(5)
            expect([...running.values()].reduce((sum, units) => sum + units, 0)).to.be.at.most(8)
            await settled()
            running.set(key, (running.get(key) ?? 0) - counted)
            turns.give(key, units)
          }),
        )
        expect([turns.runningUnits, turns.waiting]).to.deep.equal([0, 0])
      }),
      { numRuns: 200 },
    )
  })
})

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
