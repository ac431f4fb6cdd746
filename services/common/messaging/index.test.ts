import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'

const namesMax = 25

describe('the door of messaging', () => {
  it(`has at most ${namesMax} names, so that a stranger can read them all`, async () => {
    const text = await readFile(path.join(import.meta.dirname, 'index.ts'), 'utf8')
    const names = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
      (list ?? '').split(',').filter((name) => name.trim() !== ''),
    )
    expect(names.length, names.join()).to.be.within(1, namesMax)
  })
})
