import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'

const namesMax = 25

for (const [door, file] of [
  ['the door of messaging', 'index.ts'],
  ["the operators' door of messaging", 'operations.ts'],
] as const) {
  describe(door, () => {
    it(`has at most ${namesMax} names, so that a stranger can read them all`, async () => {
      const text = await readFile(path.join(import.meta.dirname, file), 'utf8')
      const names = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
        (list ?? '').split(',').filter((name) => name.trim() !== ''),
      )
      expect(names.length, names.join()).to.be.within(1, namesMax)
    })
  })
}
