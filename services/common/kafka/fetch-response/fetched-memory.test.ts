import { batchBytes } from '@boxoffice/common/testing/record-batch.ts'
import { expect } from 'chai'
import { FetchedMemory, responseBytesMax } from './fetched-memory.ts'
import { batchBytesMax, type FetchedMessage } from './read-batches.ts'

describe('the memory of fetched messages', () => {
  const bytesMax = 2 * responseBytesMax
  /** Each is half of what one answer may take; the process has room for four. */
  const answer = Buffer.concat(
    Array.from({ length: 3 }, (_, firstOffset) =>
      batchBytes({ firstOffset, content: Buffer.alloc(batchBytesMax), records: [] }),
    ),
  )

  it('is bounded over all answers of a process, however many come at once', async () => {
    const memory = new FetchedMemory(bytesMax, 60_000)
    const decoded: FetchedMessage[][] = []
    const answers = Array.from({ length: 6 }, () => read(memory).then((messages) => decoded.push(messages)))
    await idle(memory)
    expect(memory.heldBytes).to.be.within(bytesMax, bytesMax + batchBytesMax)
    expect(decoded).to.have.length(2)
    for (let nth = 0; nth < answers.length; nth++) {
      await until(() => decoded.length > nth)
      expect(memory.heldBytes).to.be.at.most(bytesMax + batchBytesMax)
      memory.release(decoded[nth] as FetchedMessage[])
    }
    await Promise.all(answers)
    expect(memory.heldBytes).to.equal(0)
  })

  it('is given back once, however often it is said', async () => {
    const memory = new FetchedMemory(bytesMax, 60_000)
    const [first, second] = [await read(memory), await read(memory)]
    const held = memory.heldBytes
    memory.release(first)
    memory.release(first)
    memory.release([])
    expect(memory.heldBytes).to.equal(held / 2)
    memory.release(second)
    expect(memory.heldBytes).to.equal(0)
  })

  it('is not waited for for ever: one batch is read after a while', async () => {
    const memory = new FetchedMemory(1_000, 50)
    expect(await read(memory)).to.have.length.above(0)
    const messages = await read(memory)
    expect(messages.filter(({ unreadable }) => unreadable === undefined)).to.have.length.at.most(2)
    expect(memory.heldBytes).to.be.at.most(2 * (batchBytesMax + 1_000))
  })

  it('is waited for by all that wait at the same time, not by one after the other', async () => {
    const memory = new FetchedMemory(1_000, 200)
    await read(memory)
    const begunAt = performance.now()
    await Promise.all(Array.from({ length: 10 }, () => read(memory)))
    expect(performance.now() - begunAt).to.be.below(1_500)
  })

  it('is decoded for the next answer also where one cannot be decoded', async () => {
    const memory = new FetchedMemory(bytesMax, 50)
    const failing = memory.decode(() => Promise.reject(new Error('cut off')))
    expect(await failing.catch((error: Error) => error.message)).to.equal('cut off')
    expect(await read(memory)).to.have.length.above(0)
  })

  const read = (memory: FetchedMemory): Promise<FetchedMessage[]> =>
    memory.decode((budget) => memory.readBatches(answer, [], budget))

  async function idle(memory: FetchedMemory): Promise<void> {
    await until(() => memory.heldBytes >= bytesMax)
    // Uncompressed, each is decoded at once: others would come by then.
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
  }

  async function until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 10_000
    while (!condition()) {
      if (Date.now() > deadline) throw new Error('not in time')
      await new Promise((wake) => setTimeout(wake, 2))
    }
  }
})
