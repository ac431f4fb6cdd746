import { expect } from 'chai'
import { type Rendering, templateArgs } from './charts.ts'
import { needs, run } from './tool.ts'

/** A wrong value, and a part of helm's refusal. */
export type WrongValue = readonly [value: string, refusal: string]

/** Tests that helm refuses each of these values of a chart. */
export function refuses(title: string, rendering: Rendering, wrong: readonly WrongValue[]): void {
  describe(title, () => {
    needs('helm')

    for (const [value, refusal] of wrong) {
      it(value, async () => {
        const { exitCode, output } = await run('helm', ...templateArgs(rendering), '--set', value)
        expect(exitCode).to.not.equal(0)
        expect(output).to.include(refusal)
      })
    }
  })
}
