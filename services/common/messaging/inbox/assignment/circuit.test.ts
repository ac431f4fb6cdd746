import { expect } from 'chai'
import {
  type Circuit,
  coolDownMs,
  judge,
  newCircuit,
  poisonOffsets,
  repair,
  tryOne,
  type Verdict,
} from './circuit.ts'

const handled: Verdict = 'handled'
const poison: Verdict = { poisonAt: 7n }

/** What becomes of a circuit that judges by so many messages. */
function circuitAfter(window: number, ...rounds: (readonly Verdict[])[]): Circuit {
  return rounds.reduce((circuit, round) => judge(tryOne(circuit), round, window), newCircuit(window))
}

describe('the circuit of a partition, by its recent messages', () => {
  it('is closed while half of them or fewer are poison', () => {
    const rounds = Array.from({ length: 10 }, () => [handled, poison])
    expect(circuitAfter(4, ...rounds)).to.include({ state: 'closed', openings: 0 })
  })

  it('opens when more than half of them are poison, but not before the window is full', () => {
    expect(circuitAfter(4, [poison, poison, poison]).state).to.equal('closed')
    expect(circuitAfter(4, [poison, poison, poison], [handled])).to.include({
      state: 'cooling-down',
      openings: 1,
    })
  })

  it('forgets what is no longer recent', () => {
    const circuit = circuitAfter(4, [poison, poison, handled, handled, handled, handled], [poison, poison])
    expect(circuit.state).to.equal('closed')
  })

  it('cools down for longer each time that one more message is poison', () => {
    expect(tryOne(circuitAfter(2, [poison, poison]))).to.include({ state: 'half-open', openings: 1 })
    expect(circuitAfter(2, [poison, poison], [poison])).to.include({ state: 'cooling-down', openings: 2 })
    const times = { coolDownBaseMs: 5_000, coolDownCapMs: 300_000 }
    const waits = [1, 2, 3, 10, 10_000].map((openings) => coolDownMs(openings, times))
    expect(waits).to.deep.equal([5_000, 10_000, 20_000, 300_000, 300_000])
  })

  it('stays half-open after a message without a verdict, and closes after one that was handled', () => {
    expect(circuitAfter(2, [poison, poison], [])).to.include({ state: 'half-open', openings: 1 })
    expect(circuitAfter(2, [poison, poison], [], [handled])).to.include({ state: 'closed', openings: 0 })
    expect(circuitAfter(2, [poison, poison], [], [handled], [poison]).state).to.equal('closed')
  })

  it('begins as it was left: half-open if most of the latest messages were poison', () => {
    expect(newCircuit(4, [1n, 2n, 3n])).to.include({ state: 'half-open', openings: 1 })
    expect(newCircuit(4, [1n, 2n])).to.include({ state: 'closed', openings: 0 })
  })

  it('closes once no more than half of its messages are poison that is still put aside', () => {
    const circuit = newCircuit(4, [1n, 2n, 3n])
    expect(repair(circuit, new Set([1n, 2n, 3n]), 4)).to.equal(circuit)
    const closed = repair(circuit, new Set([2n, 3n]), 4)
    expect(closed).to.include({ state: 'closed', openings: 0 })
    expect(poisonOffsets(closed)).to.deep.equal([2n, 3n])
    expect(judge(closed, [poison], 4).state).to.equal('cooling-down')
  })

  it('has nothing to repair while it is closed', () => {
    const circuit = circuitAfter(4, [poison])
    expect(repair(circuit, new Set(), 4)).to.equal(circuit)
    expect(poisonOffsets(circuit)).to.deep.equal([7n])
  })
})
