import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { v5, validate } from 'uuid'
import { isUuid, uuidV5 } from './uuid.ts'

describe('a UUID', () => {
  it('of version 5 is the one that the uuid package makes', () => {
    for (const name of ['', 'boxoffice.Record', 'orders/3/17', 'Zürich \u{1F3AB}', 'x'.repeat(10_000)]) {
      const namespace = randomUUID()
      expect(uuidV5(name, namespace)).to.equal(v5(name, namespace))
      expect(uuidV5(name, namespace.toUpperCase())).to.equal(v5(name, namespace))
    }
  })

  it('is distinguished from other text as the uuid package does it', () => {
    const id = randomUUID()
    const nil = '00000000-0000-0000-0000-000000000000'
    for (const text of [
      id,
      id.toUpperCase(),
      nil,
      nil.replaceAll('0', 'f'),
      '',
      ` ${id}`,
      `${id}\n`,
      `${id}0`,
      id.slice(1),
    ])
      expect(isUuid(text), text).to.equal(validate(text))
    expect(isUuid(undefined)).to.equal(false)
  })
})
