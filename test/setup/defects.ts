import { judgeDefects } from '@boxoffice/common/testing/defects.ts'

/**
 * An answer of INTERNAL or 500 is a defect of ours. It fails the test that it came in, whatever the test asserts. If
 * it comes between two tests, as in a `before`, it fails the next test, or the run at its end.
 */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const test = this.currentTest as { fn?: Mocha.AsyncFunc | Mocha.Func | undefined } | undefined
    const run = test?.fn
    // Mocha treats a function with a parameter as one that takes a callback. There is none here.
    if (test === undefined || run === undefined || run.length > 0) return
    // In the test and not in an `afterEach`, because a failing hook ends the run.
    test.fn = async function (this: Mocha.Context): Promise<void> {
      let failure: unknown
      try {
        await (run as Mocha.AsyncFunc).call(this)
      } catch (error) {
        failure = error
      }
      const defects = await judgeDefects()
      if (failure instanceof Error && defects !== undefined) failure.message += `\n${defects}`
      if (failure !== undefined) throw failure
      if (defects !== undefined) throw new Error(defects)
    }
  },

  async afterAll(): Promise<void> {
    const defects = await judgeDefects()
    if (defects !== undefined) throw new Error(defects)
  },
}
